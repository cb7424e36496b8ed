/**
 * The query parser: what clients send is understood, what is wrong is named with its place, and
 * nothing makes it hang or throw.
 */
import { expect, test } from "vitest";
import { ErrorReply } from "../../src/base/errors.ts";
import { limits } from "../../src/base/limits.ts";
import { parseQuery } from "../../src/search/query/parser.ts";
import { Choices } from "./index-support.ts";

test.each([
  "*",
  "(*)",
  "(*)=>[KNN 5 @content_vector $vector AS distance]",
  "* => [KNN 2 @v $q EF_RUNTIME $ef HYBRID_POLICY BATCHES BATCH_SIZE 2 AS d ]",
  "@metadata:(x y|z) => [KNN 2 @v $q]",
  "@metadata.cat:({a}|{b}) @metadata.year:[1990 2000]",
  "(@v:[VECTOR_RANGE $r $q]=>{$YIELD_DISTANCE_AS: d; $epsilon: 0.1} @t:{a\\-b | c})",
  "(-@t:{a}) AND (@n:[-inf (100]) | @n:[(1 +INF]",
  '@x:("exact phrase") @a|b:word (~@f:(a | b))=>{$weight:2.5}',
  "@prefix:test\\.foo* @key:{k} ismissing(@f)",
  "@n==5 @n>=2",
  "",
])("understands %s", (text) => {
  expect(parseQuery(text)).not.toBeInstanceOf(ErrorReply);
});

test.each([
  ["(@t:{a}", 7],
  ["@t:{}", 4],
  ["@n:[1 x]", 6],
  ["a | | b", 4],
  ["*=>[KNN 5 @v]", 12],
  ["*=>[KNN 5 @v $q AS a AS b]", 21],
  ["%fuzzy%", 0],
  ['"open', 0],
  ["a)", 1],
])("names the place in %s", (text, offset) => {
  const answer = parseQuery(text);
  expect(answer instanceof ErrorReply && answer.text).toMatch(`at offset ${offset} `);
});

test("has limits on depth, clauses and bytes", () => {
  const nested = (depth: number) => `${"(".repeat(depth)}a${")".repeat(depth)}`;
  expect(parseQuery(nested(limits.searchQueryDepthMax - 1))).not.toBeInstanceOf(ErrorReply);
  expect(parseQuery(nested(limits.searchQueryDepthMax))).toBeInstanceOf(ErrorReply);
  expect(parseQuery(`${"-".repeat(100_000)}a`)).toBeInstanceOf(ErrorReply);
  expect(parseQuery("a ".repeat(limits.searchQueryNodesMax))).not.toBeInstanceOf(ErrorReply);
  expect(parseQuery("a ".repeat(limits.searchQueryNodesMax + 1))).toBeInstanceOf(ErrorReply);
  expect(parseQuery("a".repeat(limits.searchQueryBytesMax + 1))).toBeInstanceOf(ErrorReply);
});

test.each([11, 12, 13])("survives any text, seed %i", (seed) => {
  const choices = new Choices(seed);
  const pieces = [
    ..."@:{}[]()|-~*\"'\\$=>;%. ,\xff\0",
    "=>[KNN 3 @v $q]",
    "=>{$weight:1}",
    "word",
    "5",
  ];
  for (let round = 0; round < 5_000; round += 1) {
    let text = "";
    for (let length = choices.below(24); length >= 0; length -= 1) text += choices.of(pieces);
    const answer = parseQuery(text);
    if (answer instanceof ErrorReply) expect(answer.text).toMatch(/offset \d+/);
  }
});
