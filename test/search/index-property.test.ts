/**
 * index = f(keyspace): whatever is written, deleted, renamed, expired, swapped or flushed, in any
 * order and also while existing keys are still being indexed, the index answers as a scan of the
 * keyspace does, and as an index that is built from scratch does.
 */
import { describe, expect, test } from "vitest";
import { must } from "../../src/base/assert.ts";
import { type Bytes, canonicalBytes, toBinaryString } from "../../src/base/bytes.ts";
import type { HashView } from "../../src/keyspace/view.ts";
import { parseNumber } from "../../src/search/attribute-numeric.ts";
import { splitTags } from "../../src/search/attribute-tag.ts";
import { LiveIndex } from "../../src/search/live-index.ts";
import { defaultStopwords, tokenize } from "../../src/search/tokenize.ts";
import { entriesOf } from "../support/keyspace-entries.ts";
import {
  Choices,
  DrivenKeyspace,
  floats,
  keysOf,
  makeCatalog,
  numeric,
  RememberingEngine,
  RememberingIndex,
  schemaOf,
  tag,
  text,
  vector,
} from "./index-support.ts";

const schema = schemaOf(
  [
    tag("color"),
    tag("color", { alias: "exact", isCaseSensitive: true, separator: "|" }),
    numeric("price"),
    text("body"),
    vector("v", 2),
    vector("v", 2, { algorithm: "FLAT", metric: "COSINE" }),
  ].map((declaration, place) => (place === 5 ? { ...declaration, alias: "flat" } : declaration)),
  ["a:", "b:"],
);
const stopwords = new Set(defaultStopwords);
const colors = ["red", "Red", "blue,green", " red , blue ", "|", "", "a|b", "RED|x"];
const prices = ["1", "2", "2.5", "-1e3", "inf", "abc", "nan", "", "0x10", "17"];
const bodies = ["the cat sat", "cat sat mat", "Sat, cat!", "", "the", "mat cat sat cat mat"];
const blobs: readonly Bytes[] = [
  floats(1, 2),
  floats(3, 4),
  floats(0, 0),
  "short",
  floats(Number.NaN, 1),
  floats(1, Number.POSITIVE_INFINITY),
].map(canonicalBytes);

function randomPairs(choices: Choices): Record<string, Bytes> {
  const pairs: Record<string, Bytes> = {};
  if (choices.below(2) === 0) pairs.color = choices.of(colors);
  if (choices.below(2) === 0) pairs.price = choices.of(prices);
  if (choices.below(2) === 0) pairs.body = choices.of(bodies);
  if (choices.below(2) === 0) pairs.v = choices.of(blobs);
  if (choices.below(4) === 0) pairs.other = "x";
  if (Object.keys(pairs).length === 0) pairs.other = "y";
  return pairs;
}

function step(keyspace: DrivenKeyspace, choices: Choices): void {
  const keys = ["a:1", "a:2", "a:3", "b:1", "b:22", "c:1", "a", "a:4", "a:5"];
  const key = choices.of(keys);
  const database = choices.below(5) === 0 ? 1 : 0;
  switch (choices.below(12)) {
    case 0:
      keyspace.delete(database, key);
      return;
    case 1:
      keyspace.rename(database, key, choices.of(keys));
      return;
    case 2:
      keyspace.hashDelete(database, key, choices.of(["color", "price", "body", "v", "other"]));
      return;
    case 3:
      keyspace.stringSet(database, key, "not a hash");
      return;
    case 4:
      keyspace.expire(database, key, 1);
      return;
    case 5:
      if (choices.below(10) === 0) keyspace.swap();
      return;
    default:
      keyspace.hashSet(database, key, randomPairs(choices));
  }
}

/** Keys of the hashes for which `passes` holds, by walking the keyspace. */
function scan(keyspace: DrivenKeyspace, passes: (fields: HashView) => boolean): string[] {
  const found: string[] = [];
  for (const [key, entry] of entriesOf(keyspace.databases[0])) {
    if (!key.startsWith("a:") && !key.startsWith("b:")) continue;
    if (entry.value.type === "hash" && passes(entry.value)) found.push(key);
  }
  return found.sort();
}

const textOf = (fields: HashView, name: string) => toBinaryString(fields.get(name) ?? "");
const wordsOf = (fields: HashView) => tokenize(textOf(fields, "body"), stopwords);

function attribute<Kind extends string>(index: LiveIndex, alias: string, kind: Kind) {
  const found = must(index.attributes.get(alias), alias);
  expect(found.kind).toBe(kind);
  return found as Extract<typeof found, { kind: Kind }>;
}

function check(keyspace: DrivenKeyspace, index: LiveIndex): void {
  const all = scan(keyspace, () => true);
  expect(keysOf(index, index.documents.live)).toEqual(all);
  expect(index.documents.count).toBe(all.length);
  for (const color of ["red", "blue", "green", "x", "a|b", "|"]) {
    expect(keysOf(index, attribute(index, "color", "TAG").documentsWith(color))).toEqual(
      scan(keyspace, (f) => splitTags(textOf(f, "color"), ",", false).includes(color)),
    );
    expect(keysOf(index, attribute(index, "exact", "TAG").documentsWith(color))).toEqual(
      scan(keyspace, (f) => splitTags(textOf(f, "color"), "|", true).includes(color)),
    );
  }
  expect(keysOf(index, attribute(index, "color", "TAG").documentsWithPrefix("re"))).toEqual(
    scan(keyspace, (f) =>
      splitTags(textOf(f, "color"), ",", false).some((part) => part.startsWith("re")),
    ),
  );
  const priced = attribute(index, "price", "NUMERIC");
  for (const [min, max] of [
    [1, 2],
    [-Infinity, Infinity],
    [2, 17],
    [16, 16],
    [5, 1],
  ]) {
    const price = (f: HashView) => parseNumber(textOf(f, "price"));
    expect(keysOf(index, priced.documentsBetween(min, max, false, false))).toEqual(
      scan(keyspace, (f) => price(f) >= min && price(f) <= max),
    );
    expect(keysOf(index, priced.documentsBetween(min, max, true, true))).toEqual(
      scan(keyspace, (f) => price(f) > min && price(f) < max),
    );
  }
  const body = attribute(index, "body", "TEXT");
  for (const word of ["cat", "sat", "mat", "the", "dog"]) {
    expect(keysOf(index, body.documentsWithWord(word))).toEqual(
      scan(keyspace, (f) => wordsOf(f).includes(word)),
    );
  }
  for (const phrase of ["cat sat", "sat cat", "cat mat", "mat", "mat cat sat"]) {
    expect(keysOf(index, body.documentsWithPhrase(phrase.split(" ")))).toEqual(
      scan(keyspace, (f) => ` ${wordsOf(f).join(" ")} `.includes(` ${phrase} `)),
    );
  }
  for (const alias of ["v", "flat"]) checkVectors(keyspace, index, alias);
}

function checkVectors(keyspace: DrivenKeyspace, index: LiveIndex, alias: string): void {
  const field = attribute(index, alias, "VECTOR");
  const valid = scan(keyspace, (f) => blobs.slice(0, 3).some((blob) => blob === f.get("v")));
  expect(keysOf(index, field.documents)).toEqual(valid);
  const held = field.index;
  expect(held).toBeInstanceOf(RememberingIndex);
  if (!(held instanceof RememberingIndex)) return;
  expect([...held.vectors.keys()].sort()).toEqual(Array.from(field.documents.toArray()).sort());
  for (const [id, blob] of held.vectors) {
    const value = keyspace.peek(0, must(index.documents.keyOf(id), "a key"))?.value;
    const held = value?.type === "hash" ? value.get("v") : undefined;
    expect(toBinaryString(held ?? "")).toBe(toBinaryString(blob));
  }
}

function rebuilt(keyspace: DrivenKeyspace): LiveIndex {
  const index = new LiveIndex("fresh", schema, new RememberingEngine(), keyspace);
  for (const [key, entry] of entriesOf(keyspace.databases[0])) {
    if (index.coversKey(key) && entry.value.type === "hash")
      index.put(key, entry.value, entry.expiryMs);
  }
  return index;
}

const seeds = Array.from({ length: 12 }, (_, place) => 1000 + place);

describe("an index", () => {
  test.each(seeds)("equals a scan and a rebuild after random changes, seed %i", (seed) => {
    const choices = new Choices(seed);
    const keyspace = new DrivenKeyspace();
    const { catalog, world } = makeCatalog(keyspace);
    for (let count = choices.below(30); count > 0; count -= 1) step(keyspace, choices);
    keyspace.create("i", schema);
    for (let count = 0; count < 400; count += 1) {
      step(keyspace, choices);
      if (choices.below(3) === 0) world.turn();
      if (count % 20 !== 19) continue;
      world.settle();
      const index = must(catalog.find("i"), "the index");
      expect(index.isBackfilling).toBe(false);
      check(keyspace, index);
      const { usedBytes, documentBytes, attributes } = index.statistics();
      const parts = attributes.reduce((sum, one) => sum + one.usedBytes, documentBytes);
      expect(usedBytes).toBe(parts);
    }
    const index = must(catalog.find("i"), "the index");
    const fresh = rebuilt(keyspace);
    check(keyspace, fresh);
    const [grown, built] = [index.statistics(), fresh.statistics()];
    for (const [place, one] of grown.attributes.entries()) {
      expect(one.termCount).toBe(built.attributes[place].termCount);
      expect(one.recordCount).toBe(built.attributes[place].recordCount);
      expect(one.positionBytes).toBe(built.attributes[place].positionBytes);
    }
  });

  test.each([-1, 0])("goes with a flush of database %i, and only then", (database) => {
    const keyspace = new DrivenKeyspace();
    const { catalog, engine } = makeCatalog(keyspace);
    keyspace.create("i", schema);
    keyspace.hashSet(0, "a:1", { color: "red", v: floats(1, 2) });
    keyspace.flush(1);
    expect(catalog.names()).toEqual(["i"]);
    keyspace.flush(database);
    expect(catalog.names()).toEqual([]);
    expect(keyspace.indexDefinitions.size).toBe(0);
    expect(engine.indexes.every((index) => index.isClosed)).toBe(true);
  });
});

describe("a document", () => {
  test("keeps its id while nothing indexed changes, and gets a new one when something does", () => {
    const keyspace = new DrivenKeyspace();
    const { catalog } = makeCatalog(keyspace);
    keyspace.create("i", schema);
    keyspace.hashSet(0, "a:1", { color: "red", price: "1", v: floats(1, 2), other: "1" });
    const { documents } = must(catalog.find("i"), "the index");
    const first = must(documents.idOf("a:1"), "an id");
    keyspace.hashSet(0, "a:1", { other: "2" });
    keyspace.hashSet(0, "a:1", { color: "red", v: floats(1, 2) });
    keyspace.hashDelete(0, "a:1", "other");
    keyspace.expire(0, "a:1", 5);
    expect(documents.idOf("a:1")).toBe(first);
    expect(documents.moment).toBe(1);
    const moment = documents.moment;
    expect(documents.isUnchangedSince(first, moment)).toBe(true);
    keyspace.hashSet(0, "a:1", { price: "2" });
    expect(documents.idOf("a:1")).not.toBe(first);
    expect(documents.isUnchangedSince(first, moment)).toBe(false);
    expect(documents.keyOf(first)).toBeUndefined();
  });

  test("has ids that come back into use, which a search can tell", () => {
    const keyspace = new DrivenKeyspace();
    const { catalog } = makeCatalog(keyspace);
    keyspace.create("i", schemaOf([numeric("n")]));
    keyspace.hashSet(0, "k", { n: "-1" });
    const { documents } = must(catalog.find("i"), "the index");
    const first = must(documents.idOf("k"), "an id");
    const moment = documents.moment;
    for (let count = 0; count < 50_000; count += 1) keyspace.hashSet(0, "k", { n: `${count}` });
    expect(documents.live.words.length * 32).toBeLessThan(20_000);
    expect(documents.isUnchangedSince(must(documents.idOf("k"), "an id"), moment)).toBe(false);
    expect(documents.isUnchangedSince(first, moment)).toBe(false);
  });
});

test("a field that cannot be indexed leaves out that attribute alone, and is counted", () => {
  const keyspace = new DrivenKeyspace();
  const { catalog } = makeCatalog(keyspace);
  keyspace.create("i", schema);
  keyspace.hashSet(0, "a:1", { color: "red", price: "cheap", v: floats(1, Number.NaN) });
  const index = must(catalog.find("i"), "the index");
  expect(keysOf(index, attribute(index, "color", "TAG").documentsWith("red"))).toEqual(["a:1"]);
  const statistics = index.statistics();
  expect(statistics.failures.count).toBe(3);
  expect(statistics.failures.lastKey).toBe("a:1");
  expect(statistics.failures.lastError).toContain("dimension 1 is NaN");
  expect(statistics.attributes.map(({ failures }) => failures.count)).toEqual([0, 0, 1, 0, 1, 1]);
  expect(statistics.attributes[2].failures.lastError).toBe("Invalid numeric value: 'cheap'");
  keyspace.hashSet(0, "a:1", { price: "1", v: floats(1, 2) });
  expect(keysOf(index, attribute(index, "price", "NUMERIC").documents)).toEqual(["a:1"]);
});
