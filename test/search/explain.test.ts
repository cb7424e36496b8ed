/**
 * What a search over the real kernel says of itself: FT.PROFILE in RediSearch's layout, and the
 * memory that vectors take, which counts for `maxmemory`.
 */
import { describe, expect, test } from "vitest";
import { ErrorReply } from "../../src/base/errors.ts";
import { systemClock, systemTimers } from "../../src/runtime/clock.ts";
import { Catalog } from "../../src/search/indexer.ts";
import { type DecodedReply, InProcessServer, silentLogger } from "../support/in-process-server.ts";
import { randomVector, seededRandom, startEngine } from "../vector/vector-support.ts";

const engine = startEngine(2);

const DIMENSIONS = 32;
const VECTOR = ["6", "TYPE", "FLOAT32", "DIM", String(DIMENSIONS), "DISTANCE_METRIC", "L2"];
const random = seededRandom(7);

async function start(count: number, configuration: readonly (readonly [string, string])[] = []) {
  const server = new InProcessServer({
    configuration: [["debug-commands", "yes"], ...configuration],
    makeCatalog(keyspace) {
      const catalog = new Catalog(keyspace, engine, {
        monotonicMs: () => systemClock.monotonicMs(),
        soon: (run) => systemTimers.soon(run),
        after: (delayMs, run) => systemTimers.after(delayMs, run),
        logger: silentLogger,
      });
      keyspace.addListener(catalog);
      return catalog;
    },
  });
  const client = server.connect();
  const schema = ["t", "TAG", "v", "VECTOR", "HNSW", ...VECTOR, "f", "VECTOR", "FLAT", ...VECTOR];
  client.command("FT.CREATE", "i", "SCHEMA", ...schema);
  for (let key = 0; key < count; key += 1) {
    const vector = randomVector(random, DIMENSIONS);
    client.command(
      "HSET",
      `d:${key}`,
      "t",
      key % 2 === 0 ? "even" : "odd",
      "v",
      vector,
      "f",
      vector,
    );
  }
  expect(await client.settle("FT._DEBUG", "FLUSH", "i")).toBe("OK");
  return { server, client };
}

const options = [
  "PARAMS",
  "2",
  "q",
  randomVector(random, DIMENSIONS),
  "NOCONTENT",
  "LIMIT",
  "0",
  "3",
];

function list(reply: DecodedReply | undefined): DecodedReply[] {
  if (!Array.isArray(reply)) throw new Error(`no list but ${JSON.stringify(reply)}`);
  return reply;
}

/** Flat pairs as a map. */
function named(reply: DecodedReply | undefined): Map<DecodedReply, DecodedReply> {
  const flat = list(reply);
  return new Map(
    Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]]),
  );
}

/** RESP2's lines as a map of what follows each name. */
function linesOf(reply: DecodedReply): Map<DecodedReply, DecodedReply[]> {
  return new Map(list(list(reply)[1]).map((line) => [list(line)[0], list(line).slice(1)]));
}

describe("FT.PROFILE", () => {
  test("tells which way the engine took, and what it did on it", async () => {
    const { client } = await start(4_000);
    const ask = async (query: string) => {
      const reply = await client.settle("FT.PROFILE", "i", "SEARCH", "QUERY", query, ...options);
      expect(list(list(reply)[0])).toHaveLength(4);
      return named(linesOf(reply).get("Iterators profile")?.[0]);
    };
    const walked = await ask("*=>[KNN 3 @v $q]");
    expect(walked.get("Type")).toBe("VECTOR");
    expect(walked.get("Method")).toBe("graph");
    expect(walked.get("Counter")).toBe(3);
    expect(walked.get("Matching")).toBe(4_000);
    expect(walked.get("Nodes visited")).toBeGreaterThan(3);
    expect(walked.get("Distances of codes")).toBeGreaterThan(3);
    expect(walked.get("Re-ranked")).toBeGreaterThanOrEqual(3);
    expect(walked.get("Scanned")).toBe(0);
    expect(walked.has("Child iterator")).toBe(false);
    client.command("HSET", "d:new", "v", randomVector(random, DIMENSIONS));
    const withTail = await ask("*=>[KNN 3 @v $q]");
    expect(withTail.get("Method")).toBe("graph+tail");
    expect(withTail.get("Tail scanned")).toBe(1);
    const filtered = await ask("(@t:{even})=>[KNN 3 @v $q]");
    expect(filtered.get("Matching")).toBe(2_000);
    expect(filtered.get("Vectors")).toBe(4_001);
    expect(named(filtered.get("Child iterator")).get("Type")).toBe("TAG");
    expect(named(filtered.get("Child iterator")).get("Counter")).toBe(2_000);
    const scanned = await ask("*=>[KNN 3 @f $q]");
    expect(scanned.get("Method")).toBe("exact");
    expect(scanned.get("Scanned")).toBe(4_000);
  });

  test("has RediSearch's layout on RESP2 and RESP3", async () => {
    const { client } = await start(10);
    const query = ["i", "SEARCH", "LIMITED", "QUERY", "(@t:{even})=>[KNN 3 @v $q]", ...options];
    const lines = linesOf(await client.settle("FT.PROFILE", ...query));
    const names = ["Total profile time", "Parsing time", "Pipeline creation time", "Warning"];
    names.push("Iterators profile", "Result processors profile");
    expect([...lines.keys()]).toEqual(names);
    expect(lines.get("Warning")).toEqual([]);
    const iterator = named(lines.get("Iterators profile")?.[0]);
    expect([...iterator.keys()].slice(0, 3)).toEqual(["Type", "Time", "Counter"]);
    expect(iterator.has("Child iterator")).toBe(false);
    const processors = lines.get("Result processors profile") ?? [];
    const types = processors.map((processor) => named(processor).get("Type"));
    expect(types).toEqual(["Index", "Metrics Applier", "Sorter", "Loader"]);
    client.command("HELLO", "3");
    const reply = await client.settle("FT.PROFILE", ...query);
    if (!(reply instanceof Map)) throw new Error("no map");
    expect(reply.get("total_results")).toBe(3);
    const profile = reply.get("profile");
    if (!(profile instanceof Map)) throw new Error("no profile");
    expect([...profile.keys()]).toEqual(names);
    expect(list(profile.get("Iterators profile"))[0]).toBeInstanceOf(Map);
  });

  test.each([
    ["@t:{even}", "TAG", 5],
    ["*", "WILDCARD", 10],
    ["@t:{even} @t:{odd}", "INTERSECT", 0],
    ["@v:[VECTOR_RANGE 1000 $q]", "METRIC - VECTOR DISTANCE", 10],
    ["@t:{even} @v:[VECTOR_RANGE 1000 $q]", "INTERSECT", 5],
  ])("explains %s", async (query, type, count) => {
    const { client } = await start(10);
    const reply = await client.settle("FT.PROFILE", "i", "SEARCH", "QUERY", query, ...options);
    const iterator = named(linesOf(reply).get("Iterators profile")?.[0]);
    expect(iterator.get("Type")).toBe(type);
    expect(iterator.get("Counter")).toBe(count);
  });

  test("says what is wrong with RediSearch's words", async () => {
    const { client } = await start(1);
    const error = (line: string) => client.error("FT.PROFILE", ...line.split(" "));
    expect(error("nope SEARCH QUERY *")).toBe("nope: no such index");
    expect(error("i FOO QUERY *")).toBe("No `SEARCH` or `AGGREGATE` provided");
    expect(error("i SEARCH * *")).toBe("The QUERY keyword is expected");
    expect(error("i SEARCH LIMITED QUERY")).toBe("No query string provided");
    expect(error("i SEARCH QUERY * FOO")).toBe("Unknown argument `FOO` at position 1 for <main>");
    expect(error("i AGGREGATE QUERY *")).toMatch(/not supported/);
  });
});

describe("the memory of vectors", () => {
  test("is in FT.INFO by what it is for", async () => {
    const { client } = await start(2_000);
    const info = named(client.command("FT.INFO", "i"));
    const bytes = (name: string) => Number(info.get(`vector_${name}`));
    // Two attributes hold each vector.
    expect(bytes("values_bytes")).toBeGreaterThanOrEqual(2 * 2_000 * DIMENSIONS * 4);
    expect(bytes("codes_bytes")).toBeGreaterThanOrEqual(2_000 * DIMENSIONS);
    expect(bytes("links_bytes")).toBe(2_000 * 32 * 4);
    expect(bytes("tombstones_bytes")).toBe(0);
    const parts = ["values", "codes", "links", "tombstones", "tables"];
    const sum = parts.reduce((all, part) => all + bytes(`${part}_bytes`), 0);
    expect(Math.abs(sum - bytes("space_usage"))).toBeLessThan(10);
    expect(bytes("bytes_per_document")).toBe(Math.round(bytes("space_usage") / 4_000));
    client.command("DEL", "d:7");
    expect(await client.settle("FT._DEBUG", "FLUSH", "i")).toBe("OK");
    expect(Number(named(client.command("FT.INFO", "i")).get("vector_tombstones"))).toBe(1);
  });

  test("counts for maxmemory", async () => {
    const { server, client } = await start(200);
    const { usedBytes } = server.keyspace;
    client.command("CONFIG", "SET", "maxmemory", usedBytes + 100_000);
    const refused = client.command("HSET", "d:more", "v", randomVector(random, DIMENSIONS));
    expect(refused).toBeInstanceOf(ErrorReply);
    expect(String((refused as ErrorReply).text)).toMatch(/^OOM /);
    client.command("FT.DROPINDEX", "i");
    expect(client.command("HSET", "d:more", "t", "x")).toBe(1);
  });
});
