/**
 * The structures under the attributes: sparse and dense postings, sorted numbers, words, tags.
 */
import { describe, expect, test } from "vitest";
import { Bitmap } from "../../src/base/bitmap.ts";
import { NumericIndex, parseNumber } from "../../src/search/attribute-numeric.ts";
import { splitTags, TagIndex } from "../../src/search/attribute-tag.ts";
import { TextIndex } from "../../src/search/attribute-text.ts";
import { Postings } from "../../src/search/postings.ts";
import type {
  NumericDeclaration,
  TagDeclaration,
  TextDeclaration,
} from "../../src/search/schema.ts";
import { defaultStopwords, foldCase, tokenize } from "../../src/search/tokenize.ts";
import { Choices, numeric, tag, text } from "./index-support.ts";

const ids = (bitmap: Bitmap | undefined) => Array.from((bitmap ?? new Bitmap(0)).toArray());
const bytes = (utf8: string) => Buffer.from(utf8, "utf8").toString("latin1");

describe("postings", () => {
  test.each([1, 2, 3])("hold what was added and not removed, seed %i", (seed) => {
    const choices = new Choices(seed);
    const postings = new Postings();
    const truth = new Map<string, Set<number>>();
    const terms = ["a", "ab", "abc", "b", "", "\xff"];
    for (let count = 0; count < 20_000; count += 1) {
      const term = choices.of(terms);
      const id = choices.below(term === "a" ? 60_000 : term === "b" ? 200 : 2_000);
      const known = truth.get(term) ?? new Set();
      truth.set(term, known);
      // Long stretches of mostly adding, then of mostly removing, pass every representation.
      const isRemoving = choices.below(10) < (Math.floor(count / 5_000) % 2 === 1 ? 8 : 1);
      if (isRemoving && known.size > 0) {
        const [victim] = known;
        known.delete(victim);
        postings.removeTerm(term, victim);
      } else {
        known.add(id);
        postings.add(term, id);
      }
      if (count % 997 !== 0) continue;
      let recordCount = 0;
      for (const [name, documents] of truth) {
        recordCount += documents.size;
        expect(ids(postings.documentsWith(name))).toEqual([...documents].sort((x, y) => x - y));
      }
      expect(postings.recordCount).toBe(recordCount);
      const prefixed = new Set([...truth].flatMap(([n, d]) => (n.startsWith("ab") ? [...d] : [])));
      expect(ids(postings.documentsWithPrefix("ab"))).toEqual([...prefixed].sort((x, y) => x - y));
    }
    for (const [term, documents] of truth)
      for (const id of documents) postings.removeTerm(term, id);
    expect(postings.termCount).toBe(0);
    expect(postings.recordCount).toBe(0);
    expect(postings.usedBytes).toBe(0);
    expect(ids(postings.documentsWithPrefix(""))).toEqual([]);
  });

  test("forget a term with its last document, in whatever form it was held", () => {
    for (const count of [1, 2, 63, 64, 200, 5_000]) {
      const postings = new Postings();
      for (let id = 0; id < count; id += 1) postings.add("t", id);
      for (let id = 0; id < count; id += 1) postings.removeTerm("t", id);
      expect([postings.termCount, postings.recordCount, postings.usedBytes]).toEqual([0, 0, 0]);
      expect(postings.documentsWith("t")).toBeUndefined();
    }
  });

  test("cost little for many rare terms, and find prefixes among them", () => {
    const postings = new Postings();
    for (let id = 0; id < 200_000; id += 1) postings.add(`tag-${id}`, id);
    expect(postings.usedBytes / 200_000).toBeLessThan(128);
    expect(ids(postings.documentsWith("tag-199999"))).toEqual([199_999]);
    expect(ids(postings.documentsWithPrefix("tag-12345"))).toEqual([
      12_345, 123_450, 123_451, 123_452, 123_453, 123_454, 123_455, 123_456, 123_457, 123_458,
      123_459,
    ]);
  });
});

describe("numbers", () => {
  test.each([11, 12])("answer ranges as a scan does, seed %i", (seed) => {
    const choices = new Choices(seed);
    const index = new NumericIndex(numeric("n") as NumericDeclaration);
    const truth = new Map<number, number>();
    for (let count = 0; count < 12_000; count += 1) {
      const id = choices.below(8_000);
      const held = truth.get(id);
      if (held !== undefined) {
        index.remove(id, `${held}`);
        truth.delete(id);
      } else {
        const value = choices.of([choices.below(50), choices.below(1e6) / 7, -choices.below(10)]);
        expect(index.add(id, `${value}`)).toBeUndefined();
        truth.set(id, value);
      }
      if (count % 1_999 !== 0) continue;
      for (let query = 0; query < 20; query += 1) {
        const min = choices.of([choices.below(50), -Infinity, choices.below(100_000), 7]);
        const max = choices.of([min, min + 1, min + choices.below(50_000), Infinity]);
        const isMinExclusive = choices.below(2) === 0;
        const isMaxExclusive = choices.below(2) === 0;
        const expected = [...truth]
          .filter(([, value]) => (isMinExclusive ? value > min : value >= min))
          .filter(([, value]) => (isMaxExclusive ? value < max : value <= max))
          .map(([document]) => document)
          .sort((x, y) => x - y);
        const found = index.documentsBetween(min, max, isMinExclusive, isMaxExclusive);
        expect(ids(found)).toEqual(expected);
        expect(found.count).toBe(expected.length);
        const again = index.documentsBetween(min, max, isMinExclusive, isMaxExclusive);
        expect(ids(again)).toEqual(expected);
      }
    }
  });

  test("are read as Redis reads them", () => {
    const readable: [string, number][] = [
      ["1", 1],
      ["+1", 1],
      ["-.5", -0.5],
      ["5.", 5],
      ["1e3", 1000],
      ["0x10", 16],
      ["-0x10", -16],
      ["inf", Infinity],
      ["-INF", -Infinity],
      ["Infinity", Infinity],
      ["0e-999", 0],
    ];
    for (const [given, value] of readable) expect(parseNumber(given)).toBe(value);
    const unreadable = ["", " 1", "1 ", "1e400", "1e-400", "nan", "1_0", "1e", "i", "+-1", "0x"];
    for (const given of unreadable) expect(parseNumber(given)).toBeNaN();
  });
});

describe("tags", () => {
  test("are split, trimmed and folded", () => {
    expect(splitTags(" Foo , bar,, b z ,", ",", false)).toEqual(["foo", "bar", "b z"]);
    expect(splitTags("Foo|Bar,", "|", true)).toEqual(["Foo", "Bar,"]);
    expect(splitTags(bytes("É, ß"), ",", false)).toEqual([bytes("é"), bytes("ß")]);
  });

  test("that are empty are found only with INDEXEMPTY; with NOINDEX none are", () => {
    const without = new TagIndex(tag("t") as TagDeclaration, []);
    without.add(1, "");
    expect(without.documentsWith("")).toBeUndefined();
    expect(without.documents.has(1)).toBe(true);
    const withEmpty = new TagIndex(tag("t", { isEmptyIndexed: true }) as TagDeclaration, []);
    withEmpty.add(1, "");
    expect(ids(withEmpty.documentsWith(""))).toEqual([1]);
    withEmpty.remove(1, "");
    expect(withEmpty.documentsWith("")).toBeUndefined();
    const stored = new TagIndex(tag("t", { isNotIndexed: true }) as TagDeclaration, []);
    stored.add(1, "x");
    expect(stored.documentsWith("x")).toBeUndefined();
  });
});

describe("words", () => {
  const stopwords = new Set(defaultStopwords);
  test("are cut at separators, with escapes, without stop words", () => {
    expect(tokenize("Hello, the World! x_y a\\-b c-d", stopwords)).toEqual([
      "hello",
      "world",
      "x_y",
      "a-b",
      "c",
      "d",
    ]);
    expect(tokenize("line\none\ttwo\r\n", stopwords)).toEqual(["line", "one", "two"]);
    expect(tokenize("the", new Set())).toEqual(["the"]);
    expect(tokenize("\\", stopwords)).toEqual([]);
    expect(tokenize(bytes("ÉCOLE straße"), stopwords)).toEqual([bytes("école"), bytes("straße")]);
  });

  test("of invalid UTF-8 keep their bytes", () => {
    expect(foldCase("A\xc3")).toBe("a\xc3");
    expect(foldCase("\xff\xfeB")).toBe("\xff\xfeb");
  });

  test("make phrases, also when one repeats", () => {
    const index = new TextIndex(text("t") as TextDeclaration, [], stopwords);
    index.add(1, "new york new york city");
    index.add(2, "york new city");
    index.add(3, "new");
    expect(ids(index.documentsWithPhrase(["new", "york", "city"]))).toEqual([1]);
    expect(ids(index.documentsWithPhrase(["york", "new"]))).toEqual([1, 2]);
    expect(ids(index.documentsWithPhrase(["new", "new"]))).toEqual([]);
    expect(ids(index.documentsWithPhrase([]))).toEqual([]);
    expect(ids(index.documentsWithPhrase(["boston"]))).toEqual([]);
    index.remove(1, "");
    expect(ids(index.documentsWithWord("york"))).toEqual([2]);
    index.remove(2, "");
    index.remove(3, "");
    expect(index.termCount).toBe(0);
    expect(index.positionBytes).toBe(0);
  });
});
