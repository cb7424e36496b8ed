/**
 * What was done to the golden folders: keys of all types, an index with graphs, a snapshot in the
 * middle, and more behind it. Never changed: a later version's folder gets calls of its own.
 */

/** Whole numbers, so that their bytes are the same wherever they are made. */
function vectorOf(key: number): string {
  const values = Array.from({ length: 4 }, (_, at) => ((key * 31 + 5) * (at + 7)) % 97);
  return Buffer.from(new Float32Array(values).buffer).toString("latin1");
}

const GOLDEN_VECTOR = vectorOf(500);

/** Searches of the folder, whose answers are golden too. */
export const goldenSearches: readonly (readonly string[])[] = [
  ["FT.SEARCH", "golden", "@t:{a}", "NOCONTENT", "LIMIT", "0", "100"],
  ["FT.SEARCH", "golden", "@n:[10 20]", "NOCONTENT", "LIMIT", "0", "100"],
  [
    ...["FT.SEARCH", "golden", "*=>[KNN 7 @v $q]", "PARAMS", "2", "q", GOLDEN_VECTOR],
    ...["NOCONTENT", "DIALECT", "2", "LIMIT", "0", "7"],
  ],
];

export function goldenFolderCalls(): string[][] {
  const schema = "SCHEMA t TAG n NUMERIC v VECTOR HNSW 10 TYPE FLOAT32 DIM 4 DISTANCE_METRIC L2";
  const calls = [
    [
      "FT.CREATE",
      "golden",
      "PREFIX",
      "1",
      "d:",
      ...schema.split(" "),
      "M",
      "4",
      "EF_CONSTRUCTION",
      "20",
    ],
    ["SET", "string", "value", "PXAT", "9000000000000"],
    ["SET", "long", "x".repeat(600)],
    ["SETBIT", "bits", "100", "1"],
    ["PFADD", "sketch", "a", "b", "c"],
    ["RPUSH", "list", "a", "", "1", "y".repeat(100)],
    ["SADD", "set", "a", "\xff\0", ""],
    ["SADD", "integers", "3", "-1", "70000"],
    ["ZADD", "zset", "1.5", "a", "-inf", "b", "1e300", "c"],
    ["GEOADD", "places", "13.361389", "38.115556", "Palermo"],
    ["HSET", "hash", "a", "1", "b", "2"],
    ["HPEXPIREAT", "hash", "9000000000000", "FIELDS", "1", "a"],
    ["XADD", "stream", "1-1", "f", "v"],
    ["XADD", "stream", "2-1", "f", "w"],
    ["XGROUP", "CREATE", "stream", "g", "0"],
    ["XREADGROUP", "GROUP", "g", "alice", "COUNT", "1", "STREAMS", "stream", ">"],
    ["XDEL", "stream", "2-1"],
    ["SELECT", "9"],
    ["SET", "nine", "9"],
    ["SELECT", "0"],
  ];
  const document = (key: number): string[] => [
    ...["HSET", `d:${key}`, "t", key % 2 === 0 ? "a" : "b", "n", String(key)],
    ...["v", vectorOf(key)],
  ];
  for (let key = 0; key < 60; key += 1) calls.push(document(key));
  calls.push(["DEL", "d:7", "d:8"], ["SAVE"]);
  for (let key = 55; key < 65; key += 1) calls.push(document(key));
  return [...calls, ["APPEND", "string", " and more"], ["DEL", "list"], ["LPUSH", "behind", "1"]];
}
