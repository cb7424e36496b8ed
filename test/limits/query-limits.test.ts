/**
 * The limits of FT.SEARCH, each reached: at the limit it answers, one further is a clear error.
 */
import { expect, test } from "vitest";
import { ErrorReply } from "../../src/base/errors.ts";
import { limits } from "../../src/base/limits.ts";
import { Catalog } from "../../src/search/indexer.ts";
import { floats, SteppedWorld } from "../search/index-support.ts";
import { type DecodedReply, InProcessServer } from "../support/in-process-server.ts";
import { startEngine } from "../vector/vector-support.ts";

const engine = startEngine(1);

function connect() {
  const world = new SteppedWorld();
  const server = new InProcessServer({
    makeCatalog(keyspace) {
      const catalog = new Catalog(keyspace, engine, world);
      keyspace.addListener(catalog);
      return catalog;
    },
  });
  const client = server.connect();
  const vector = "v VECTOR FLAT 6 TYPE FLOAT32 DIM 2 DISTANCE_METRIC L2".split(" ");
  expect(client.command("FT.CREATE", "i", "SCHEMA", "t", "TAG", ...vector)).toBe("OK");
  world.settle();
  client.command("HSET", "d:1", "t", "a", "v", floats(1, 2));
  return client;
}

const isError = (reply: DecodedReply) => reply instanceof ErrorReply;
const search = (...args: (string | Buffer)[]) => connect().settle("FT.SEARCH", "i", ...args);

function parameters(count: number): string[] {
  const pairs = Array.from({ length: count }, (_, place) => [`p${place}`, "a"]);
  return ["PARAMS", String(count * 2), ...pairs.flat(), "DIALECT", "2"];
}

test("searchParametersMax", async () => {
  const most = limits.searchParametersMax;
  expect(await search("@t:{$p0}", ...parameters(most))).toContain("d:1");
  expect(await search("@t:{$p0}", ...parameters(most + 1))).toEqual(
    new ErrorReply(`PARAMS exceeds maximum of ${most} parameters`),
  );
});

test("searchResultsMax", async () => {
  const most = limits.searchResultsMax;
  expect(await search("*", "LIMIT", "0", String(most))).toContain("d:1");
  expect(await search("*", "LIMIT", String(most), "1")).toEqual([1]);
  const tooMany = new ErrorReply(`LIMIT exceeds maximum of ${most}`);
  expect(await search("*", "LIMIT", "0", String(most + 1))).toEqual(tooMany);
  const tooFar = new ErrorReply(`OFFSET exceeds maximum of ${most}`);
  expect(await search("*", "LIMIT", String(most + 1), "1")).toEqual(tooFar);
});

test("searchKnnMax", async () => {
  const nearest = (k: number) =>
    search(`*=>[KNN ${k} @v $q]`, "PARAMS", "2", "q", floats(1, 2), "DIALECT", "2");
  expect(await nearest(limits.searchKnnMax)).toContain("d:1");
  const refused = await nearest(limits.searchKnnMax + 1);
  expect(isError(refused) && String((refused as ErrorReply).text)).toContain("KNN");
});

test("searchTimeoutMsMax", async () => {
  const most = limits.searchTimeoutMsMax;
  expect(await search("*", "TIMEOUT", String(most))).toContain("d:1");
  expect(await search("*", "TIMEOUT", String(most + 1))).toEqual(
    new ErrorReply(`TIMEOUT exceeds maximum of ${most}`),
  );
});
