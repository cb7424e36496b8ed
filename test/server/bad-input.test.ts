/**
 * What a client may get wrong: each time a clear error, the server alive, and nothing half applied.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { RawClient } from "../support/raw-client.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";

let server: TestServer;
let client: RawClient;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

const floats = (...values: number[]): string =>
  Buffer.from(new Float32Array(values).buffer).toString("latin1");
const SCHEMA = "kind TAG n NUMERIC v VECTOR FLAT 6 TYPE FLOAT32 DIM 2 DISTANCE_METRIC L2".split(
  " ",
);
const KNN = "*=>[KNN 2 @v $q]";

beforeEach(async () => {
  client = await RawClient.open(server.port);
  await client.command("FLUSHALL");
  await client.command("FT.DROPINDEX", "idx");
  const created = await client.command(
    "FT.CREATE",
    "idx",
    "PREFIX",
    "1",
    "d:",
    "SCHEMA",
    ...SCHEMA,
  );
  expect(created).toBe("+OK\r\n");
  await client.command("HSET", "d:1", "kind", "k", "n", "1", "v", floats(1, 1));
  return () => client.close();
});

/** The one document is there and found, and nothing else. */
async function expectUnharmed(): Promise<void> {
  const witness = await RawClient.open(server.port);
  expect(await witness.command("PING")).toBe("+PONG\r\n");
  expect(await witness.command("DBSIZE")).toBe(":1\r\n");
  expect(await witness.command("FT._LIST")).toBe("*1\r\n+idx\r\n");
  const found = await witness.command("FT.SEARCH", "idx", "*", "NOCONTENT");
  expect(found).toBe("*2\r\n:1\r\n$3\r\nd:1\r\n");
  witness.close();
}

const knn = (...rest: string[]): string[] => ["FT.SEARCH", "idx", KNN, ...rest, "DIALECT", "2"];
const vectorSchema = (...attributes: string[]): string[] => [
  ..."FT.CREATE other SCHEMA v VECTOR".split(" "),
  ...attributes,
];
const flat = "TYPE FLOAT32 DIM 2 DISTANCE_METRIC L2".split(" ");

it.each<[string, RegExp, string[]]>([
  ["a query vector of the wrong length", /blob size/, knn("PARAMS", "2", "q", floats(1))],
  ["NaN in a query vector", /NaN|finite|number/i, knn("PARAMS", "2", "q", floats(Number.NaN, 1))],
  ["no PARAMS", /q/, knn()],
  ["an odd PARAMS", /PARAM/, knn("PARAMS", "1", "q")],
  ["a PARAMS beyond the end", /argument|PARAMS/i, knn("PARAMS", "6", "q", floats(1, 1))],
  ["an unknown option", /NOSUCH/, ["FT.SEARCH", "idx", "*", "NOSUCH", "1"]],
  ["a LIMIT beyond limits", /LIMIT/, ["FT.SEARCH", "idx", "*", "LIMIT", "0", "2000000"]],
  ["a LIMIT that is no number", /LIMIT|integer/i, ["FT.SEARCH", "idx", "*", "LIMIT", "0", "x"]],
  [
    "a K beyond limits",
    /KNN|K\b/i,
    ["FT.SEARCH", "idx", "*=>[KNN 99999999 @v $q]", "PARAMS", "2", "q", floats(1, 1)],
  ],
  [
    "an EF_RUNTIME beyond limits",
    /EF_RUNTIME/i,
    ["FT.SEARCH", "idx", "*=>[KNN 2 @v $q EF_RUNTIME 99999]", "PARAMS", "2", "q", floats(1, 1)],
  ],
  ["a deep query", /deep|depth|nest/i, ["FT.SEARCH", "idx", "(".repeat(5000) + ")".repeat(5000)]],
  ["an open bracket", /syntax/i, ["FT.SEARCH", "idx", "@kind:{k"]],
  ["an unknown field", /nosuch/i, ["FT.SEARCH", "idx", "@nosuch:{k}"]],
  ["an unknown index", /no such index/i, ["FT.SEARCH", "nosuch", "*"]],
  ["FT.SEARCH without a query", /wrong number of arguments/, ["FT.SEARCH", "idx"]],
  ["an index that exists", /Index already exists/, ["FT.CREATE", "idx", "SCHEMA", ...SCHEMA]],
  ["an unknown algorithm", /algorithm/i, vectorSchema("TREE", "6", ...flat)],
  ["an unknown type of field", /type/i, ["FT.CREATE", "other", "SCHEMA", "v", "PICTURE"]],
  ["a vector without DIM", /DIM/, vectorSchema("FLAT", "2", "TYPE", "FLOAT32")],
  [
    "too many dimensions",
    /dim/,
    vectorSchema("FLAT", "6", "TYPE", "FLOAT32", "DIM", "999999", "DISTANCE_METRIC", "L2"),
  ],
  ["an M beyond limits", /index m:/, vectorSchema("HNSW", "8", ...flat, "M", "100000")],
  ["a list command on a hash", /^-WRONGTYPE/, ["LPUSH", "d:1", "x"]],
  ["HSET with half a pair", /wrong number of arguments/, ["HSET", "d:2", "f", "v", "half"]],
  ["MSET with half a pair", /wrong number of arguments/, ["MSET", "a", "1", "b"]],
  ["an unknown command", /unknown command/, ["NOSUCH"]],
])("%s is an error that says so", async (_, says, command) => {
  const reply = await client.command(...command);
  expect(reply[0]).toBe("-");
  expect(reply).toMatch(says);
  await expectUnharmed();
});

it.each([
  ["of the wrong length", floats(1)],
  ["with NaN", floats(Number.NaN, 1)],
])("a stored vector %s stays a hash, is counted, and is never found", async (_, bytes) => {
  expect(await client.command("HSET", "d:2", "v", bytes)).toBe(":1\r\n");
  const found = await client.command(...knn("PARAMS", "2", "q", floats(1, 1), "NOCONTENT"));
  expect(found).toBe("*2\r\n:1\r\n$3\r\nd:1\r\n");
  const information = await client.command("FT.INFO", "idx");
  expect(information).toMatch(/hash_indexing_failures\r\n:1\r\n/);
  await client.command("DEL", "d:2");
  await expectUnharmed();
});

it.each([
  ["an oversized bulk", "*2\r\n$3\r\nGET\r\n$999999999999\r\n", /invalid bulk length/],
  ["an oversized multibulk", "*99999999\r\n", /invalid multibulk length/],
  ["a bulk where none may be", "*1\r\n+PING\r\n", /expected '\$'/],
  ["an endless line", "x".repeat(70_000), /too big/],
])("%s breaks the protocol: an error, and the connection ends", async (_, bytes, says) => {
  const socket = connect(server.port, "127.0.0.1");
  let output = "";
  socket.on("data", (chunk) => {
    output += chunk.toString("latin1");
  });
  socket.on("error", () => {});
  socket.write(bytes);
  await once(socket, "close");
  expect(output).toMatch(says);
  await expectUnharmed();
});

it("garbage is answered with errors, or ends the connection", async () => {
  let state = 12345;
  const garbage = Buffer.from(
    Array.from({ length: 4096 }, () => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return state >> 16;
    }),
  );
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume();
  socket.end(garbage);
  await once(socket, "close");
  await expectUnharmed();
});

it("a client that vanishes in the middle of a frame leaves nothing behind", async () => {
  const socket = connect(server.port, "127.0.0.1");
  await once(socket, "connect");
  await new Promise((resolve) =>
    socket.write("*3\r\n$3\r\nSET\r\n$4\r\nhalf\r\n$100\r\nonly", resolve),
  );
  socket.resetAndDestroy();
  await once(socket, "close");
  await expectUnharmed();
});

it("a MULTI whose client vanishes before EXEC is not run", async () => {
  const other = await RawClient.open(server.port);
  await other.pipeline([["MULTI"], ["SET", "half", "1"]]);
  other.close();
  await expectUnharmed();
});
