/**
 * FT.SEARCH beside Redis Stack: the same documents, order, totals and reply layouts for random
 * documents and queries, in RESP2 and RESP3. Where we depart on purpose stands in `departures.md`.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ErrorReply } from "../../src/base/errors.ts";
import { Catalog } from "../../src/search/indexer.ts";
import { Choices, floats, SteppedWorld } from "../search/index-support.ts";
import {
  type DecodedReply,
  type InProcessClient,
  InProcessServer,
} from "../support/in-process-server.ts";
import { hasStack, StackPeer } from "../support/stack-peer.ts";
import { startEngine } from "../vector/vector-support.ts";

if (!hasStack)
  console.log("skipped: neither LODESTONE_REDIS_STACK=HOST:PORT nor the script is there");
const seed = Number(process.env.LODESTONE_SEED ?? Date.now() % 1_000_000);
const ROUNDS = 500;
const WHOLE = ["LIMIT", "0", "100"];

// With a small EPSILON the peer's range over HNSW leaves out what lies within it (seed 536498).
const vectors =
  "f VECTOR FLAT 6 TYPE FLOAT32 DIM 3 DISTANCE_METRIC L2 " +
  "h VECTOR HNSW 8 TYPE FLOAT32 DIM 3 DISTANCE_METRIC COSINE EPSILON 10 " +
  "p VECTOR FLAT 6 TYPE FLOAT32 DIM 3 DISTANCE_METRIC IP";
const creates = [
  `FT.CREATE i PREFIX 1 d: SCHEMA t TAG n NUMERIC s TAG SORTABLE w TEXT NOSTEM b AS c TEXT NOSTEM m NUMERIC SORTABLE ${vectors}`,
  "FT.CREATE u PREFIX 1 d: SCHEMA w TEXT NOSTEM n NUMERIC",
  `FT.CREATE o PREFIX 1 d: SCHEMA t TAG n NUMERIC s TAG SORTABLE m NUMERIC SORTABLE ${vectors}`,
];

/** Of a field, a word or a group; a bound of numbers may be negative as well. */
const NEGATION = /(?<=[ (|])-(?=[@(a-z"])/gi;

class Queries {
  readonly choices: Choices;

  constructor(from: number) {
    this.choices = new Choices(from);
  }

  word(): string {
    return this.choices.of(["red", "blue", "green", "Grey"]);
  }

  vector(): Buffer {
    const { choices } = this;
    return floats(choices.below(1000) + 1, choices.below(1000), choices.below(1000));
  }

  document(): (string | Buffer)[] {
    const { choices } = this;
    const pairs: (string | Buffer)[] = ["x", String(choices.below(100))];
    const maybe = () => choices.below(8) > 0;
    if (maybe()) pairs.push("t", `${this.word()},${this.word()}`);
    if (maybe()) pairs.push("n", String(choices.below(20)));
    if (maybe()) pairs.push("s", this.word());
    if (maybe()) pairs.push("w", `${this.word()} ${this.word()} the ${this.word()}`);
    if (maybe()) pairs.push("b", `${this.word()} ${this.word()}`);
    if (maybe()) pairs.push("m", String(choices.below(5)));
    for (const field of ["f", "h", "p"]) if (maybe()) pairs.push(field, this.vector());
    return pairs;
  }

  clause(hasText: boolean, depth = 0): string {
    const { choices } = this;
    switch (choices.below(hasText ? 14 : 9)) {
      case 0:
        return `@t:{${this.word()}|${this.word()}}`;
      case 1:
        return `@n:[${choices.below(10)} (${10 + choices.below(10)}]`;
      case 2:
        return `-@t:{${this.word()}}`;
      case 3:
        return `(@t:{${this.word()}} | @n:[-inf ${choices.below(20)}])`;
      case 4:
        return `@t:{${this.word().slice(0, 2)}*}`;
      case 5:
        return `~@t:{${this.word()}}`;
      case 6:
        return `(@n:[${choices.below(20)} +inf] @s:{${this.word()}})`;
      case 7:
        return `@m:[${choices.below(5)} ${choices.below(5)}]`;
      case 8:
        if (depth > 2) return "@n:[0 10]";
        return `(${this.clause(hasText, depth + 1)} ${this.clause(hasText, depth + 1)})`;
      case 9:
        return this.word();
      case 10:
        return `@w:(${this.word()} | ${this.word()})`;
      case 11:
        return `-${this.word()}`;
      case 12:
        return `(@c:${this.word()} | @w:${this.word()})`;
      default:
        return `@c:${this.word().slice(0, 3)}*`;
    }
  }

  /** A whole command; what is sorted by says whether its order is compared. */
  search(): { args: (string | Buffer)[]; isOrdered: boolean } {
    const { choices } = this;
    // The peer takes a word of any field for one of a phrase, so phrases have an index of their
    // own.
    if (choices.below(12) === 0) {
      const phrase = choices.of(["red blue", "green red", "blue Grey"]);
      const args = ["FT.SEARCH", "u", `@w:"${phrase}"`, "SORTBY", "n", "RETURN", "1", "w"];
      return { args, isOrdered: true };
    }
    const kind = choices.of(["filter", "filter", "knn", "knn", "range"]);
    const index = choices.of(["i", "o"]);
    const clause = this.clause(index === "i");
    const filter = choices.below(4) === 0 ? `${clause} AND ${this.clause(index === "i")}` : clause;
    const field = choices.of(["f", "h", "p"]);
    const radius = { f: "90000", h: "0.2", p: "1" }[field] ?? "1";
    let text = index === "o" ? clause : filter;
    if (kind === "knn") {
      const k = choices.of([String(1 + choices.below(12)), "$k"]);
      text = `(${text}) => [KNN ${k} @${field} $q AS d]`;
    }
    if (kind === "range") {
      const near = `@${field}:[VECTOR_RANGE $r $q]=>{$yield_distance_as: d}`;
      // Beside a negation, the peer leaves the distance out of some documents.
      text = `(${near} ${text.replaceAll("~", "").replaceAll(NEGATION, "")})`;
    }
    const parameters = ["PARAMS", "6", "q", this.vector(), "r", radius, "k", "7"];
    const sortable = kind === "filter" ? ["n", "s", "t", "m"] : ["n", "s", "t", "m", "d"];
    if (index === "i") sortable.push("w", "c");
    const isSorted = choices.below(3) > 0;
    const options: (string | Buffer)[][] = [parameters, ["DIALECT", "2"]];
    if (isSorted) {
      options.push(["SORTBY", choices.of(sortable), choices.of(["ASC", "DESC", "asc"])]);
      if (choices.below(2) === 0) {
        options.push(["LIMIT", String(choices.below(5)), String(choices.below(15) + 1)]);
      }
      if (choices.below(3) === 0) options.push(["WITHSORTKEYS"]);
    } else options.push(WHOLE);
    const shape = choices.below(6);
    if (shape < 3) {
      const returned = ["x", "n", "d", "c", "b", "s", "nope", "__key", "x AS y", "n AS z", "x"];
      const fields: string[] = [];
      for (let count = 1 + choices.below(4); count > 0; count -= 1) {
        fields.push(...choices.of(returned).split(" "));
      }
      options.push(["RETURN", String(fields.length), ...fields]);
    } else if (shape === 3) options.push(["NOCONTENT"]);
    if (choices.below(6) === 0) options.push(["WITHPAYLOADS"]);
    if (choices.below(6) === 0) options.push(["INKEYS", "4", "d:1", "d:2", "d:3", "d:none"]);
    if (choices.below(8) === 0) options.push(["VERBATIM"]);
    if (choices.below(8) === 0) options.push(["FILTER", "n", "3", "(15"]);
    const shuffled = options
      .map((option) => ({ option, place: choices.below(1_000_000) }))
      .sort((left, right) => left.place - right.place)
      .flatMap(({ option }) => option);
    return { args: ["FT.SEARCH", index, text, ...shuffled], isOrdered: isSorted };
  }
}

/** Maps as lists of pairs in their order, distances rounded, whole hashes in order of names. */
function comparable(reply: DecodedReply, isOrdered: boolean, isWhole: boolean): unknown {
  if (reply instanceof ErrorReply) return { error: reply.text };
  if (reply instanceof Map) {
    const layout = [...reply].map(([name, value]) => {
      if (name !== "results" || !Array.isArray(value)) return [name, value];
      const results = value.map((one) => resultOf(one, isWhole));
      return [name, isOrdered ? results : sortedByText(results)];
    });
    return layout;
  }
  if (!Array.isArray(reply)) return reply;
  const documents: unknown[][] = [];
  for (const item of reply.slice(1)) {
    if (typeof item === "string" && /^d:\d+$/.test(item)) documents.push([item]);
    else documents.at(-1)?.push(Array.isArray(item) ? fieldsOf(item, isWhole) : sortKeyOf(item));
  }
  return [reply[0], isOrdered ? documents : sortedByText(documents)];
}

function resultOf(result: DecodedReply, isWhole: boolean): unknown {
  if (!(result instanceof Map)) return result;
  return [...result].map(([name, value]) => {
    if (value instanceof Map) return [name, fieldsOf([...value].flat(), isWhole)];
    return [name, sortKeyOf(value)];
  });
}

/** The peer gives a whole hash in the order in which it first met each field. */
function fieldsOf(flat: readonly DecodedReply[], isWhole: boolean): unknown[] {
  const fields: unknown[][] = [];
  for (let place = 0; place < flat.length; place += 2) {
    const [name, value] = [flat[place], flat[place + 1]];
    fields.push([name, name === "d" ? roundedDistance(String(value)) : value]);
  }
  return isWhole ? sortedByText(fields) : fields;
}

/** The peer adds in float32. */
function roundedDistance(text: string): string {
  return Number(text).toFixed(3);
}

function sortKeyOf(value: DecodedReply): DecodedReply {
  if (typeof value !== "string" || !value.startsWith("#")) return value;
  return `#${roundedDistance(value.slice(1))}`;
}

function sortedByText<Item>(items: readonly Item[]): Item[] {
  return items.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}

describe.skipIf(!hasStack)(`beside Redis Stack, seed ${seed}`, () => {
  let stack: StackPeer;
  let ours: InProcessClient;
  const world = new SteppedWorld();

  beforeAll(async () => {
    stack = await StackPeer.start();
    const engine = startEngine(1);
    const server = new InProcessServer({
      makeCatalog(keyspace) {
        const catalog = new Catalog(keyspace, engine, world);
        keyspace.addListener(catalog);
        return catalog;
      },
    });
    ours = server.connect();
    await stack.settle("FLUSHALL");
  });

  afterAll(() => stack.stop());

  const both = async (...args: (string | Buffer)[]) => {
    const theirs = await stack.settle(...args);
    return { theirs, mine: await ours.settle(...args) };
  };

  test.each([2, 3])("the same answers in RESP%i", async (protocol) => {
    const queries = new Queries(seed + protocol);
    await both("HELLO", String(protocol));
    await both("FLUSHALL");
    for (const create of creates) expect((await both(...create.split(" "))).mine).toBe("OK");
    for (let document = 0; document < 60; document += 1) {
      await both("HSET", `d:${document}`, ...queries.document());
    }
    const different: unknown[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      if (round % 50 === 49) {
        const key = `d:${queries.choices.below(60)}`;
        await both("DEL", key);
        if (queries.choices.below(2) === 0) await both("HSET", key, ...queries.document());
      }
      const { args, isOrdered } = queries.search();
      const { theirs, mine } = await both(...args);
      const isWhole = !args.includes("RETURN");
      const wanted = comparable(theirs, isOrdered, isWhole);
      if (JSON.stringify(wanted) === JSON.stringify(comparable(mine, isOrdered, isWhole))) continue;
      const words = args.map((argument) => (typeof argument === "string" ? argument : "VECTOR"));
      different.push({
        words: words.join(" "),
        wanted,
        mine: comparable(mine, isOrdered, isWhole),
      });
    }
    expect(different.slice(0, 3)).toEqual([]);
  });
});
