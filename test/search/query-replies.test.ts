/**
 * FT.SEARCH's reply layouts, options and error texts, as Redis Stack 7.4.1 has them; where ours
 * differ on purpose, `test/compat/departures.md` says why.
 */
import { describe, expect, test } from "vitest";
import type { DecodedReply } from "../support/in-process-server.ts";
import { floats } from "./index-support.ts";
import { startSearch } from "./query-support.ts";

const create = (
  "FT.CREATE i SCHEMA t TAG n NUMERIC b AS c TEXT e TAG INDEXEMPTY INDEXMISSING " +
  "h VECTOR HNSW 6 TYPE FLOAT32 DIM 1 DISTANCE_METRIC L2 " +
  "f VECTOR FLAT 6 TYPE FLOAT32 DIM 1 DISTANCE_METRIC L2"
).split(" ");
const query = ["PARAMS", "2", "q", floats(0)];
const nearest = "*=>[KNN 1 @h $q AS d]";

function start() {
  const search = startSearch();
  const { client } = search;
  client.command(...create);
  const set = (key: string, value: number) =>
    client.command("HSET", key, "t", "x,y", "n", value, "b", "red the car", "h", floats(value));
  set("one", 1.1);
  set("two", 2);
  return { ...search, ask: (...args: (string | Buffer)[]) => client.settle("FT.SEARCH", ...args) };
}

describe("replies", () => {
  test("RESP2: distances come first, then what is sorted by, then as RETURN has them", async () => {
    const { ask } = start();
    const options = ["RETURN", "7", "c", "n", "AS", "m", "n", "d", "n", "SORTBY", "n"];
    const fields = ["d", "1.21000003815", "n", "1.1", "c", "red the car", "m", "1.1"];
    expect(await ask("i", nearest, ...query, ...options)).toEqual([1, "one", fields]);
  });

  test("RESP2: scores, payloads and sort keys stand before the fields", async () => {
    const { ask } = start();
    const flags = ["WITHSORTKEYS", "WITHPAYLOADS", "WITHSCORES", "SORTBY", "n", "DESC"];
    const reply = await ask("i", "*", ...flags, "RETURN", "1", "__key", "LIMIT", "0", "1");
    expect(reply).toEqual([2, "two", "1", null, "#2", ["__key", "two"]]);
  });

  test.each([["NOCONTENT"], ["RETURN", "0"]])("RESP2: %s gives keys alone", async (...options) => {
    const { ask } = start();
    expect(await ask("i", "*", ...options)).toEqual([2, "one", "two"]);
  });

  test.each([["LIMIT", "0", "0"], ["COUNT"]])("%s gives the total alone", async (...options) => {
    const { ask } = start();
    expect(await ask("i", "*", ...options)).toEqual([2]);
  });

  test("RESP3 is a map, but the flat list for GLIDE", async () => {
    const { ask, client } = start();
    client.command("HELLO", "3");
    const map = (entries: Record<string, DecodedReply>) => new Map(Object.entries(entries));
    const options = ["RETURN", "1", "n", "WITHSCORES", "WITHSORTKEYS", "LIMIT", "0", "1"];
    const extra = map({ n: "1.1" });
    const result = map({ id: "one", score: 1, sortkey: null, extra_attributes: extra, values: [] });
    expect(await ask("i", "*", ...options)).toEqual(
      map({ attributes: [], total_results: 2, format: "STRING", results: [result], warning: [] }),
    );
    client.command("CLIENT", "SETINFO", "LIB-NAME", "GlideJS");
    expect(await ask("i", "*", "NOCONTENT")).toEqual([2, "one", "two"]);
  });

  test("a search waits for the record of what it has seen", async () => {
    const search = startSearch({ isManual: true });
    const { client, server } = search;
    client.post(...create);
    client.post("HSET", "one", "n", "1");
    client.post("FT.SEARCH", "i", "*", "NOCONTENT");
    expect(client.replies).toHaveLength(0);
    server.sink.makeDurable();
    expect([client.take(), client.take(), client.take()]).toEqual(["OK", 1, [1, "one"]]);
  });

  test("a search waits until existing keys are indexed, and the log says so", async () => {
    const { client, server, world } = startSearch();
    client.command("HSET", "one", "n", "1");
    client.command(...create);
    let isAnswered = false;
    const reply = client.settle("FT.SEARCH", "i", "*", "NOCONTENT");
    void reply.then(() => (isAnswered = true));
    world.settle();
    for (let round = 0; round < 20; round += 1) await Promise.resolve();
    expect(isAnswered).toBe(false);
    server.sink.makeDurable();
    expect(await reply).toEqual([1, "one"]);
  });

  test("inside MULTI it answers in its place", async () => {
    const { client } = start();
    for (const args of [["MULTI"], ["PING"]]) client.command(...args);
    client.command("FT.SEARCH", "i", nearest, ...query, "NOCONTENT");
    expect(await client.settle("EXEC")).toEqual(["PONG", [1, "one"]]);
  });

  test("INKEYS, INFIELDS and FILTER narrow a search", async () => {
    const { ask } = start();
    expect(await ask("i", "*", "INKEYS", "2", "two", "no", "NOCONTENT")).toEqual([1, "two"]);
    expect(await ask("i", "red", "INFIELDS", "1", "c", "COUNT")).toEqual([2]);
    expect(await ask("i", "red", "FILTER", "n", "(1.1", "+inf", "NOCONTENT")).toEqual([1, "two"]);
  });
});

const vectorParameters = "Error parsing vector similarity parameters: ";
const vectorQuery = "Error parsing vector similarity query: ";
const refused: readonly (readonly [string, string])[] = [
  ["no *", "no: no such index"],
  ["i * FOO", "Unknown argument `FOO` at position 1 for <main>"],
  ["i * LIMIT 0", "LIMIT requires two arguments"],
  ["i * LIMIT -1 5", "LIMIT needs two numeric arguments"],
  ["i * LIMIT 0 1000001", "LIMIT exceeds maximum of 1000000"],
  ["i * LIMIT 1000001 1", "OFFSET exceeds maximum of 1000000"],
  ["i * RETURN x", "Bad arguments for RETURN: Could not convert argument to expected type"],
  ["i * RETURN 1", "Bad arguments for RETURN: Expected an argument, but none provided"],
  ["i * RETURN 2 n AS", "RETURN path AS name - must be accompanied with NAME"],
  ["i * DIALECT", "Need an argument for DIALECT"],
  ["i * DIALECT 5", "DIALECT requires a non negative integer >=1 and <= 4"],
  ["i * TIMEOUT", "Need argument for TIMEOUT"],
  ["i * TIMEOUT -1", "TIMEOUT requires a non negative integer"],
  ["i * TIMEOUT 60001", "TIMEOUT exceeds maximum of 60000"],
  ["i * PARAMS", "Bad arguments for PARAMS: Expected an argument, but none provided"],
  ["i * PARAMS 1 a", "Parameters must be specified in PARAM VALUE pairs"],
  ["i * PARAMS 4 a 1 a 2", "Duplicate parameter `a`"],
  ["i * PARAMS 2 a 1 PARAMS 2 b 1", "Multiple PARAMS are not allowed."],
  ["i * SORTBY", "Bad SORTBY arguments"],
  ["i * SORTBY n SORTBY n", "Multiple SORTBY steps are not allowed"],
  ["i * SORTBY nope", "Property `nope` not loaded nor in schema"],
  ["i * SCORER NOPE", "No such scorer NOPE"],
  ["i * LANGUAGE klingon", "No such language"],
  ["i * HIGHLIGHT", "HIGHLIGHT is not supported"],
  ["i red INFIELDS 1 t", "Unknown text field `t` in INFIELDS"],
  ["i * FILTER t 1 2", "Unknown numeric field `t` in FILTER"],
  ["i * FILTER n x 2", "Bad lower range: x"],
  ["i @nope:{a}", "Syntax error at offset 0 near `@nope:{a}`: Unknown field `nope`"],
  ["i @t:[1,2]", "field `t` is TAG, not NUMERIC"],
  ["i @t:{$x}", "No such parameter `x`"],
  ["i @n:[$x,5] PARAMS 2 x abc", "Bad lower range: abc"],
  ['i @t:{""}', "Use `INDEXEMPTY` in field creation"],
  ["i ismissing(@t)", "'ismissing' requires field 't' to be defined with 'INDEXMISSING'"],
  ["i @t:{a}=>{$foo:1}", "Invalid attribute foo at offset 10"],
  ["i *=>[KNN_2_@h_$q]", "No such parameter `q`"],
  ["i *=>[KNN_2_@h_$q] PARAMS 2 q xx", `${vectorQuery}query vector blob size (2) does not match`],
  ["i *=>[KNN_2_@h_$q] PARAMS 2 q \0\0\xc0\x7f", `${vectorQuery}dimension 0 of the query vector`],
  ["i *=>[KNN_$k_@h_$q] PARAMS 4 q \0\0\0\0 k x", "Invalid numeric value (x) for parameter `k`"],
  ["i *=>[KNN_1000001_@h_$q] PARAMS 2 q \0\0\0\0", `${vectorQuery}query KNN exceeds maximum`],
  ["i *=>[KNN_2_@h_$q_FOO_1]", `${vectorParameters}Invalid option at offset 16`],
  ["i *=>[KNN_2_@h_$q_AS_n]", "Property `n` already exists in schema"],
];

/** `_` stands for a space inside an argument. */
test.each(refused)("%s is refused", async (line, text) => {
  const { ask } = start();
  const args = line.split(" ").map((word) => word.replaceAll("_", " "));
  const reply = await ask(...args);
  expect(reply).toMatchObject({ text: expect.stringContaining(text) });
});

test.each([
  ["*=>[KNN 2 @f $q EF_RUNTIME 1]", `${vectorParameters}Invalid option`],
  ["*=>[KNN 2 @h $q EF_RUNTIME 0]", `${vectorParameters}Invalid value was given`],
  ["*=>[KNN 2 @h $q EF_RUNTIME 4097]", `${vectorParameters}Invalid value was given`],
  [
    "*=>[KNN 2 @h $q EF_RUNTIME 1 EF_RUNTIME 1]",
    `${vectorParameters}Parameter was specified twice`,
  ],
  ["*=>[KNN 2 @h $q EPSILON 1]", `${vectorParameters}range query attributes were sent for a non`],
  ["*=>[KNN 2 @h $q BATCH_SIZE 1]", `${vectorParameters}hybrid query attributes were sent for a`],
  ["@t:{a}=>[KNN 2 @h $q HYBRID_POLICY x]", `${vectorParameters}invalid hybrid policy was given`],
  ["@h:[VECTOR_RANGE -1 $q]", `${vectorQuery}negative radius (-1) given in a range query`],
  ["@h:[VECTOR_RANGE 1 $q]=>{$epsilon: 0}", `${vectorParameters}Invalid value was given`],
  ["@f:[VECTOR_RANGE 1 $q]=>{$epsilon: 1}", `${vectorParameters}Invalid option`],
  ["*=>[KNN 2 @h $q AS d]=>{$yield_distance_as: e}", "Distance field was specified twice"],
  [
    "@h:[VECTOR_RANGE 1 $q]=>{$yield_distance_as: d} @h:[VECTOR_RANGE 2 $q]=>{$yield_distance_as: d}",
    "Property `d` specified more than once",
  ],
])("%s is refused", async (text, problem) => {
  const { ask, engine } = start();
  const reply = await ask("i", text, ...query);
  expect(reply).toMatchObject({ text: expect.stringContaining(problem) });
  expect(engine.requests).toHaveLength(0);
});

test("a search that takes too long is an error", async () => {
  const { ask } = start();
  const reply = await ask("i", nearest, ...query, "TIMEOUT", "7");
  expect(reply).toMatchObject({ text: "Timeout limit was reached" });
});
