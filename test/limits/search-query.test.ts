/**
 * The limits on queries: what stands at the limit is taken, what is above it is refused by name.
 */
import { expect, test } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { floats } from "../search/index-support.ts";
import { startSearch } from "../search/query-support.ts";

const nested = (depth: number) => `${"(".repeat(depth - 1)}w${")".repeat(depth - 1)}`;
const parameters = (count: number) => {
  const pairs: (string | Buffer)[] = ["q", floats(0)];
  for (let place = 1; place < count; place += 1) pairs.push(`p${place}`, "x");
  return ["PARAMS", String(pairs.length), ...pairs];
};
const knn = (k: number, more = "") => [`*=>[KNN ${k} @v $q${more}]`, ...parameters(1)];
const ef = limits.hnswEfRuntimeMax;

test.each<[string, (string | Buffer)[], (string | Buffer)[], string]>([
  [
    "the count of results",
    ["*", "LIMIT", "0", String(limits.searchResultsMax)],
    ["*", "LIMIT", "0", String(limits.searchResultsMax + 1)],
    "LIMIT exceeds maximum of 1000000",
  ],
  [
    "the offset",
    ["*", "LIMIT", String(limits.searchResultsMax), "1"],
    ["*", "LIMIT", String(limits.searchResultsMax + 1), "1"],
    "OFFSET exceeds maximum of 1000000",
  ],
  [
    "the timeout",
    ["*", "TIMEOUT", String(limits.searchTimeoutMsMax)],
    ["*", "TIMEOUT", String(limits.searchTimeoutMsMax + 1)],
    "TIMEOUT exceeds maximum of 60000",
  ],
  [
    "the count of PARAMS",
    ["*", ...parameters(limits.searchParametersMax)],
    ["*", ...parameters(limits.searchParametersMax + 1)],
    "PARAMS exceeds maximum of 512 parameters",
  ],
  ["K", knn(limits.searchKnnMax), knn(limits.searchKnnMax + 1), "KNN exceeds maximum of 1000000"],
  [
    "EF_RUNTIME",
    knn(1, ` EF_RUNTIME ${ef}`),
    knn(1, ` EF_RUNTIME ${ef + 1}`),
    "4097 is not from 1 to 4096",
  ],
  [
    "the depth",
    [nested(limits.searchQueryDepthMax)],
    [nested(limits.searchQueryDepthMax + 1)],
    "nested deeper than 64",
  ],
  [
    "the clauses",
    ["w ".repeat(limits.searchQueryNodesMax)],
    ["w ".repeat(limits.searchQueryNodesMax + 1)],
    "more than 8192 clauses",
  ],
  [
    "the bytes",
    ["w".repeat(limits.searchQueryBytesMax)],
    ["w".repeat(limits.searchQueryBytesMax + 1)],
    "longer than 1048576 bytes",
  ],
])("%s has a limit", async (_subject, taken, refused, text) => {
  const { client } = startSearch();
  const schema = "SCHEMA w TEXT v VECTOR HNSW 6 TYPE FLOAT32 DIM 1 DISTANCE_METRIC L2";
  client.command("FT.CREATE", "i", ...schema.split(" "));
  expect(await client.settle("FT.SEARCH", "i", ...taken)).toEqual([0]);
  const reply = await client.settle("FT.SEARCH", "i", ...refused);
  expect(reply).toMatchObject({ text: expect.stringContaining(text) });
});
