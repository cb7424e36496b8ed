/**
 * Random queries beside an evaluation of the same tree document by document: the filter's bitmaps,
 * KNN and ranges over them, while documents come, change and go. The seed is in the test's name.
 */
import { expect, test } from "vitest";
import { Choices, floats } from "./index-support.ts";
import { startSearch } from "./query-support.ts";

interface Document {
  tags: string[];
  number: number | undefined;
  words: string[];
  vector: number | undefined;
}
interface Clause {
  readonly text: string;
  readonly matches: (document: Document) => boolean;
}

const names = ["ab", "ac", "bc", "bd", "x y"];
const words = ["red", "rose", "blue", "bloom"];
const create = (
  "FT.CREATE i PREFIX 1 d: SCHEMA t TAG n NUMERIC w TEXT " +
  "v VECTOR HNSW 6 TYPE FLOAT32 DIM 1 DISTANCE_METRIC L2"
).split(" ");

function anyDocument(choices: Choices): Document {
  const some = <Item>(items: readonly Item[]) => items.filter(() => choices.below(2) === 0);
  return {
    tags: some(names),
    number: choices.below(5) === 0 ? undefined : choices.below(12),
    words: some(words),
    vector: choices.below(5) === 0 ? undefined : choices.below(30),
  };
}

function fieldsOf({ tags, number, words: text, vector }: Document): (string | Buffer)[] {
  const fields: (string | Buffer)[] = ["other", "1"];
  if (tags.length > 0) fields.push("t", tags.join(" , ").toUpperCase());
  if (number !== undefined) fields.push("n", String(number));
  if (text.length > 0) fields.push("w", text.join(" the "));
  if (vector !== undefined) fields.push("v", floats(vector));
  return fields;
}

function leaf(choices: Choices): Clause {
  const tag = choices.of(names);
  const word = choices.of(words);
  const low = choices.below(12);
  const high = choices.below(12);
  switch (choices.below(8)) {
    case 0:
      return { text: "*", matches: () => true };
    case 1: {
      const other = choices.of(names);
      const text = `@t:{ ${tag} | "${other}" }`;
      return { text, matches: ({ tags }) => tags.includes(tag) || tags.includes(other) };
    }
    case 2:
      return {
        text: `@t:{${tag[0]}*}`,
        matches: ({ tags }) => tags.some((one) => one.startsWith(tag[0])),
      };
    case 3: {
      const text = `@n:[(${low} ${high}]`;
      return {
        text,
        matches: ({ number }) => number !== undefined && number > low && number <= high,
      };
    }
    case 4:
      return { text: `@n:[${low} +inf]`, matches: ({ number }) => (number ?? -1) >= low };
    case 5:
      return { text: word, matches: (document) => document.words.includes(word) };
    case 6: {
      const start = word.slice(0, 2);
      const text = `@w:${start}*`;
      return { text, matches: (document) => document.words.some((one) => one.startsWith(start)) };
    }
    default: {
      const other = choices.of(words);
      const text = `@w:"${word} ${other}"`;
      const place = (document: Document) => document.words.indexOf(word);
      return {
        text,
        matches: (document) =>
          place(document) >= 0 && document.words[place(document) + 1] === other,
      };
    }
  }
}

function tree(choices: Choices, depth: number): Clause {
  if (depth === 0) return leaf(choices);
  const left = tree(choices, depth - 1);
  const right = tree(choices, depth - 1);
  switch (choices.below(5)) {
    case 0:
      return {
        text: `(${left.text} AND (${right.text}))`,
        matches: (document) => left.matches(document) && right.matches(document),
      };
    case 1:
      return {
        text: `(${left.text} | ${right.text})`,
        matches: (document) => left.matches(document) || right.matches(document),
      };
    case 2:
      return { text: `-(${left.text})`, matches: (document) => !left.matches(document) };
    case 3:
      return { text: `(~(${left.text}) ${right.text})`, matches: right.matches };
    default:
      return leaf(choices);
  }
}

test.each([31, 32, 33, 34])("random queries find what a walk finds, seed %i", async (seed) => {
  const choices = new Choices(seed);
  const { client } = startSearch();
  client.command(...create);
  const documents = new Map<string, Document>();
  const ask = async (text: string, ...more: (string | Buffer)[]) => {
    const parameters = ["PARAMS", "4", "q", floats(0), "r", String(choices.below(300))];
    const page = ["NOCONTENT", "LIMIT", "0", "1000"];
    const reply = await client.settle("FT.SEARCH", "i", text, ...parameters, ...page, ...more);
    if (!Array.isArray(reply)) throw new Error(`${text}: ${JSON.stringify(reply)}`);
    return { total: reply[0], keys: reply.slice(1).map(String), radius: Number(parameters[5]) };
  };
  for (let round = 0; round < 150; round += 1) {
    for (let change = 0; change < 4; change += 1) {
      const key = `d:${choices.below(60)}`;
      client.command("DEL", key);
      documents.delete(key);
      if (choices.below(4) === 0) continue;
      const document = anyDocument(choices);
      documents.set(key, document);
      client.command("HSET", key, ...fieldsOf(document));
    }
    const { text, matches } = tree(choices, choices.below(4));
    const matching = [...documents].filter(([, document]) => matches(document));
    const filtered = await ask(text);
    expect(filtered.keys.toSorted(), text).toEqual(matching.map(([key]) => key).toSorted());
    expect(filtered.total).toBe(matching.length);

    const k = 1 + choices.below(20);
    const near = await ask(`(${text})=>[KNN ${k} @v $q]`);
    const distances = matching
      .flatMap(([, { vector }]) => vector ?? [])
      .sort((left, right) => left - right);
    const found = near.keys.map((key) => documents.get(key)?.vector);
    expect(found, text).toEqual(distances.slice(0, k));

    const inside = await ask(`(${text}) @v:[VECTOR_RANGE $r $q]`);
    const within = inside.keys.map((key) => documents.get(key)?.vector);
    expect(within, text).toEqual(distances.filter((value) => value * value <= inside.radius));
  }
});
