/**
 * FT.CREATE, FT.DROPINDEX, FT._LIST and FT.INFO as a client meets them. The error texts are those
 * of Redis Stack 7.4.1, taken from it by hand; where ours differ on purpose the test says so.
 */
import { describe, expect, test } from "vitest";
import { must } from "../../src/base/assert.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { Catalog } from "../../src/search/indexer.ts";
import { type DecodedReply, InProcessServer } from "../support/in-process-server.ts";
import { floats, RememberingEngine, SteppedWorld } from "./index-support.ts";

function start() {
  const engine = new RememberingEngine();
  const world = new SteppedWorld();
  let made: Catalog | undefined;
  const server = new InProcessServer({
    makeCatalog(keyspace) {
      made = new Catalog(keyspace, engine, world);
      keyspace.addListener(made);
      return made;
    },
  });
  const catalog = must(made, "the catalog");
  const client = server.connect();
  const words = (line: string) => line.split(" ");
  return {
    server,
    catalog,
    client,
    engine,
    world,
    hashSet: (key: string, ...pairs: (string | Buffer)[]) =>
      server.keyspace.apply({ id: EffectId.hashSet, database: 0, key, pairs }, 0),
    run: (line: string) => client.command(...words(line)),
    error: (line: string) => client.error(...words(line)),
  };
}

const L2 = "TYPE FLOAT32 DIM 2 DISTANCE_METRIC L2";
const bad = (subject: string) => `Bad arguments for ${subject}`;
const notConvertible = "Could not convert argument to expected type";
const noneProvided = "Expected an argument, but none provided";
const outside = "Value is outside acceptable bounds";
const hnsw = "vector similarity HNSW index";
const missing = (name: string) =>
  `Missing mandatory parameter: cannot create HNSW index without specifying ${name} argument`;

const refused: readonly (readonly [string, string])[] = [
  ["ON HASH SCHEMA", "Fields arguments are missing"],
  ["ON FOO SCHEMA t TEXT", "Invalid rule type: FOO"],
  ["PREFIX x SCHEMA t TEXT", `${bad("PREFIX")}: ${notConvertible}`],
  ["PREFIX 5 x SCHEMA t TEXT", `${bad("PREFIX")}: ${noneProvided}`],
  ["PREFIX -1 SCHEMA t TEXT", `${bad("PREFIX")}: ${outside}`],
  ["FOO SCHEMA t TEXT", "Unknown argument `FOO`"],
  ["SCORE 2 SCHEMA t TEXT", "Invalid score"],
  ["SCORE abc SCHEMA t TEXT", "Invalid score"],
  ["SCORE -1 SCHEMA t TEXT", "Invalid score"],
  ["LANGUAGE klingon SCHEMA t TEXT", "Invalid language"],
  ["STOPWORDS x a SCHEMA t TEXT", `${bad("STOPWORDS")}: ${notConvertible}`],
  ["STOPWORDS 3 a b", `${bad("STOPWORDS")}: ${noneProvided}`],
  ["STOPWORDS -1 SCHEMA t TEXT", `${bad("STOPWORDS")}: ${outside}`],
  ["SCHEMA t FOO", "Invalid field type for field `t`"],
  ["SCHEMA t TEXT t TAG", "Duplicate field in schema - t"],
  ["SCHEMA t TEXT u AS t TAG", "Duplicate field in schema - t"],
  ["SCHEMA t AS", "AS requires an argument"],
  ["SCHEMA t AS x", "Field `x` does not have a type"],
  ["SCHEMA t TEXT FOO", "Field `FOO` does not have a type"],
  ["SCHEMA t TEXT WEIGHT", `${bad("weight")}: ${notConvertible}`],
  ["SCHEMA t TEXT WEIGHT abc", `${bad("weight")}: ${notConvertible}`],
  ["SCHEMA t TEXT UNF", "Field `UNF` does not have a type"],
  ["SCHEMA t TAG SEPARATOR", "SEPARATOR requires an argument"],
  ["SCHEMA t TAG SEPARATOR ab", "Tag separator must be a single character. Got `ab`"],
  ["SCHEMA t TAG SEPARATOR ", "Tag separator must be a single character. Got ``"],
  ["SCHEMA t TAG WEIGHT 1", "Invalid field type for field `WEIGHT`"],
  ["SCHEMA t NUMERIC INDEXEMPTY", "Field `INDEXEMPTY` does not have a type"],
  ["SCHEMA v VECTOR", `${bad("vector similarity algorithm")}: ${noneProvided}`],
  ["SCHEMA v VECTOR FOO 6", `${bad("vector similarity algorithm")}: Unknown argument`],
  ["SCHEMA v VECTOR HNSW", `${bad("vector similarity number of parameters")}: ${noneProvided}`],
  ["SCHEMA v VECTOR HNSW x", `${bad("vector similarity number of parameters")}: ${notConvertible}`],
  ["SCHEMA v VECTOR HNSW -2 x", `${bad("vector similarity number of parameters")}: ${outside}`],
  ["SCHEMA v VECTOR HNSW 0", missing("TYPE")],
  [
    "SCHEMA v VECTOR HNSW 5 TYPE FLOAT32 DIM 2 DISTANCE_METRIC",
    "Bad number of arguments for vector similarity index: got 5 but expected even number " +
      "(as algorithm parameters should be submitted as named arguments)",
  ],
  ["SCHEMA v VECTOR HNSW 6 TYPE FLOAT32 DIM 2", "Expected 6 parameters but got 4"],
  ["SCHEMA v VECTOR HNSW 4 TYPE FLOAT32 DIM 2", missing("DISTANCE_METRIC")],
  ["SCHEMA v VECTOR HNSW 4 DIM 2 DISTANCE_METRIC L2", missing("TYPE")],
  ["SCHEMA v VECTOR HNSW 4 TYPE FLOAT32 DISTANCE_METRIC L2", missing("DIM")],
  ["SCHEMA v VECTOR HNSW 2 TYPE FLOAT31", `${bad(`${hnsw} type`)}: Unknown argument`],
  ["SCHEMA v VECTOR HNSW 2 DIM 0", `${bad(`${hnsw} dim`)}: ${outside}`],
  ["SCHEMA v VECTOR HNSW 2 DIM -1", `${bad(`${hnsw} dim`)}: ${outside}`],
  ["SCHEMA v VECTOR HNSW 2 DIM abc", `${bad(`${hnsw} dim`)}: ${notConvertible}`],
  ["SCHEMA v VECTOR HNSW 2 DISTANCE_METRIC X", `${bad(`${hnsw} metric`)}: Unknown argument`],
  [`SCHEMA v VECTOR HNSW 8 ${L2} FOO 1`, "Bad arguments for algorithm HNSW: FOO"],
  [`SCHEMA v VECTOR HNSW 8 ${L2} BLOCK_SIZE 1`, "Bad arguments for algorithm HNSW: BLOCK_SIZE"],
  [`SCHEMA v VECTOR FLAT 8 ${L2} M 4`, "Bad arguments for algorithm FLAT: M"],
  [`SCHEMA v VECTOR HNSW 8 ${L2} M abc`, `${bad(`${hnsw} m`)}: ${notConvertible}`],
  [`SCHEMA v VECTOR HNSW 8 ${L2} M 0`, `${bad(`${hnsw} m`)}: ${outside}`],
  [
    `SCHEMA v VECTOR HNSW 8 ${L2} EF_CONSTRUCTION 0`,
    `${bad(`${hnsw} efConstruction`)}: ${outside}`,
  ],
  [`SCHEMA v VECTOR HNSW 8 ${L2} EF_RUNTIME 0`, `${bad(`${hnsw} efRuntime`)}: ${outside}`],
  [`SCHEMA v VECTOR HNSW 8 ${L2} EPSILON -1`, `${bad(`${hnsw} epsilon`)}: ${outside}`],
  [`SCHEMA v VECTOR HNSW 8 ${L2} EPSILON x`, `${bad(`${hnsw} epsilon`)}: ${notConvertible}`],
  [`SCHEMA v VECTOR HNSW 8 ${L2} INITIAL_CAP -1`, `${bad(`${hnsw} initial cap`)}: ${outside}`],
  [
    `SCHEMA v VECTOR FLAT 8 ${L2} BLOCK_SIZE 0`,
    `${bad("vector similarity FLAT index blocksize")}: ${outside}`,
  ],
  [`SCHEMA v VECTOR FLAT 6 ${L2} SORTABLE`, "Field `SORTABLE` does not have a type"],
  [`SCHEMA v VECTOR FLAT 6 ${L2} NOINDEX`, "Field `NOINDEX` does not have a type"],
  // Ours: what Redis Stack takes and we do not, each in plain words.
  ["ON JSON SCHEMA t TEXT", "ERR ON JSON is not supported yet: only HASH"],
  ["FILTER @x>1 SCHEMA t TEXT", "ERR FILTER is not supported yet: choose documents by PREFIX"],
  ["SCHEMA g GEO", "ERR GEO attributes are not supported yet"],
  [`SCHEMA v VECTOR HNSW 8 ${L2} M 1`, `${bad(`${hnsw} m`)}: ${outside}`],
];

describe("FT.CREATE", () => {
  test.each(refused)("refuses %s", (options, text) => {
    const { run, error, server } = start();
    expect(error(`FT.CREATE i ${options}`)).toBe(text);
    expect(run("FT._LIST")).toEqual([]);
    expect(server.keyspace.indexDefinitions.size).toBe(0);
  });

  test("refuses too few arguments, an index that exists, and other databases", () => {
    const { run, error } = start();
    for (const line of ["FT.CREATE", "FT.CREATE i", "FT.CREATE i SCHEMA t"]) {
      expect(error(line)).toMatch(/wrong number of arguments for 'ft.create' command/i);
    }
    expect(run("FT.CREATE i SCHEMA t TEXT")).toBe("OK");
    expect(error("FT.CREATE i SCHEMA nonsense")).toMatch(/wrong number/);
    expect(error("FT.CREATE i SCHEMA non sense")).toBe("Index already exists");
    run("SELECT 1");
    expect(error("FT.CREATE j SCHEMA t TEXT")).toBe("Cannot create index on db != 0");
  });

  test("takes everything that clients send, in any order and letter case", () => {
    const { run, catalog } = start();
    const line =
      "ft.create i on hash prefix 2 a: b: language Spanish score 0.5 stopwords 2 UND a nohl schema " +
      "t as u text nostem weight 2.5 sortable unf indexmissing indexempty withsuffixtrie " +
      "g TAG SORTABLE SEPARATOR ; CASESENSITIVE INDEXEMPTY n NUMERIC NOINDEX SORTABLE " +
      "v VECTOR hnsw 18 dim 3 type float64 ef_runtime 7 distance_metric cosine m 32 " +
      "epsilon 0.5 neighbor_codes 0 initial_cap 5 ef_construction 99 INDEXMISSING " +
      "w VECTOR FLAT 8 DISTANCE_METRIC IP BLOCK_SIZE 9 DIM 4 TYPE INT8";
    expect(run(line)).toBe("OK");
    const { schema } = must(catalog.find("i"), "the index");
    expect(schema).toMatchObject({
      prefixes: ["a:", "b:"],
      language: "spanish",
      defaultScore: 0.5,
      stopwords: ["a", "und"],
      options: ["NOHL"],
    });
    expect(schema.attributes[0]).toMatchObject({
      identifier: "t",
      alias: "u",
      weight: 2.5,
      isStemmed: false,
      isSortable: true,
      isUnnormalized: true,
      isMissingIndexed: true,
      isEmptyIndexed: true,
      isSuffixTrie: true,
    });
    expect(schema.attributes[1]).toMatchObject({ separator: ";", isCaseSensitive: true });
    expect(schema.attributes[2]).toMatchObject({ type: "NUMERIC", isNotIndexed: true });
    expect(schema.attributes[3]).toMatchObject({
      isMissingIndexed: true,
      parameters: {
        algorithm: "HNSW",
        type: "FLOAT64",
        dimensions: 3,
        metric: "COSINE",
        m: 32,
        efConstruction: 99,
        efRuntime: 7,
        epsilon: 0.5,
        neighborCodeBits: 0,
        initialCapacity: 5,
      },
    });
    expect(schema.attributes[4]).toMatchObject({
      parameters: { algorithm: "FLAT", type: "INT8", metric: "IP", dimensions: 4, blockSize: 9 },
    });
  });

  test("has MemoryDB's defaults", () => {
    const { run, catalog } = start();
    run(`FT.CREATE i PREFIX 0 SCHEMA v VECTOR HNSW 6 ${L2} SCHEMA TAG`);
    const { schema } = must(catalog.find("i"), "the index");
    expect(schema.prefixes).toEqual([""]);
    expect(schema.stopwords).toBeNull();
    expect(schema.attributes[0]).toMatchObject({
      parameters: {
        m: 16,
        efConstruction: 200,
        efRuntime: 10,
        epsilon: 0.01,
        neighborCodeBits: 512,
        initialCapacity: 1024,
      },
    });
    expect(schema.attributes[1]).toMatchObject({ alias: "SCHEMA", separator: "," });
  });

  test("indexes the keys that exist", () => {
    const { run, catalog, hashSet, world } = start();
    hashSet("a:1", "t", "red", "v", floats(1, 2));
    run(`FT.CREATE i PREFIX 1 a: SCHEMA t TAG v VECTOR FLAT 6 ${L2}`);
    world.settle();
    expect(catalog.find("i")?.documents.count).toBe(1);
  });
});

describe("FT.DROPINDEX", () => {
  test("forgets the index and keeps the documents; with DD it deletes them", () => {
    const { run, error, hashSet, server } = start();
    run("FT.CREATE i PREFIX 1 a: SCHEMA t TAG");
    for (const key of ["a:1", "a:2", "b:1"]) hashSet(key, "t", "red");
    server.keyspace.apply(
      { id: EffectId.stringSet, database: 0, key: "a:text", value: "x", expiryMs: 0 },
      0,
    );
    expect(run("FT.DROPINDEX i")).toBe("OK");
    expect(server.keyspace.keyCount(0)).toBe(4);
    expect(error("FT.DROPINDEX i")).toBe("Unknown Index name");
    run("FT.CREATE i PREFIX 1 a: SCHEMA t TAG");
    // Not yet indexed: the documents are found in the keyspace.
    expect(run("FT.DROPINDEX i dd")).toBe("OK");
    expect([...server.keyspace.keys(0)].sort()).toEqual(["a:text", "b:1"]);
    expect(server.keyspace.indexDefinitions.size).toBe(0);
  });

  test("refuses what is not DD, with nothing dropped", () => {
    const { run, error } = start();
    run("FT.CREATE i SCHEMA t TAG");
    expect(error("FT.DROPINDEX i XX")).toBe("Unknown argument `XX`");
    expect(error("FT.DROPINDEX i DD XX")).toMatch(/wrong number of arguments/);
    expect(run("FT._LIST")).toEqual(["i"]);
  });
});

/** RediSearch 2.10's pairs, in its order: some clients read them by position. */
const redisNames = (
  "index_name,index_options,index_definition,attributes,num_docs,max_doc_id,num_terms," +
  "num_records,inverted_sz_mb,vector_index_sz_mb,total_inverted_index_blocks," +
  "offset_vectors_sz_mb,doc_table_size_mb,sortable_values_size_mb,key_table_size_mb," +
  "tag_overhead_sz_mb,text_overhead_sz_mb,total_index_memory_sz_mb,geoshapes_sz_mb," +
  "records_per_doc_avg,bytes_per_record_avg,offsets_per_term_avg,offset_bits_per_record_avg," +
  "hash_indexing_failures,total_indexing_time,indexing,percent_indexed,number_of_uses,cleaning," +
  "gc_stats,cursor_stats,dialect_stats,Index Errors,field statistics"
).split(",");
const integerNames = new Set([
  "num_docs",
  "max_doc_id",
  "num_terms",
  "num_records",
  "total_inverted_index_blocks",
  "hash_indexing_failures",
  "indexing",
  "number_of_uses",
  "cleaning",
]);

function contains(reply: DecodedReply, wanted: DecodedReply): boolean {
  if (reply === wanted) return true;
  if (Array.isArray(reply)) return reply.some((item) => contains(item, wanted));
  if (reply instanceof Map) {
    return [...reply].some(([key, value]) => contains(key, wanted) || contains(value, wanted));
  }
  return false;
}

function list(reply: DecodedReply): DecodedReply[] {
  if (!Array.isArray(reply)) throw new Error(`not a list: ${JSON.stringify(reply)}`);
  return reply;
}

function asMap(reply: DecodedReply): Map<DecodedReply, DecodedReply> {
  if (!(reply instanceof Map)) throw new Error(`not a map: ${JSON.stringify(reply)}`);
  return reply;
}

function described() {
  const parts = start();
  parts.run(
    "FT.CREATE i PREFIX 2 d: e: SCHEMA n NUMERIC SORTABLE t TEXT SORTABLE g TAG SORTABLE UNF " +
      `v VECTOR HNSW 6 ${L2} f AS ff VECTOR FLAT 6 ${L2}`,
  );
  parts.hashSet("d:1", "n", "1", "t", "hello", "g", "a", "v", floats(1, 1));
  parts.hashSet("d:2", "n", "bad");
  return parts;
}

describe("FT.INFO", () => {
  test("has RediSearch's pairs first, with its types, in RESP2", () => {
    const { run } = described();
    const reply = list(run("FT.INFO i"));
    const names = reply.filter((_, place) => place % 2 === 0);
    expect(names.slice(0, 34)).toEqual(redisNames);
    expect(new Set(names).size).toBe(names.length);
    expect(contains(reply, null)).toBe(false);
    for (const [place, name] of redisNames.entries()) {
      const value = reply[place * 2 + 1];
      if (integerNames.has(name)) expect(typeof value).toBe("number");
      else if (!Array.isArray(value)) expect(typeof value).toBe("string");
    }
    expect(reply[5]).toEqual(["key_type", "HASH", "prefixes", ["d:", "e:"], "default_score", "1"]);
    const identity = (name: string, alias = name) => ["identifier", name, "attribute", alias];
    expect(reply[7]).toEqual([
      [...identity("n"), "type", "NUMERIC", "SORTABLE", "UNF"],
      [...identity("t"), "type", "TEXT", "WEIGHT", "1", "SORTABLE"],
      [...identity("g"), "type", "TAG", "SEPARATOR", ",", "SORTABLE", "UNF"],
      [
        ...[...identity("v"), "type", "VECTOR", "algorithm", "HNSW", "data_type", "FLOAT32"],
        ...["dim", 2, "distance_metric", "L2", "M", 16, "ef_construction", 200],
      ],
      [
        ...[...identity("f", "ff"), "type", "VECTOR", "algorithm", "FLAT"],
        ...["data_type", "FLOAT32", "dim", 2, "distance_metric", "L2"],
      ],
    ]);
    // Redis Stack leaves out the whole document d:2; here it is in without its number.
    expect(reply[9]).toBe(2);
    const errors = ["indexing failures", 1];
    errors.push("last indexing error", "Invalid numeric value: 'bad'");
    errors.push("last indexing error key", "d:2");
    expect(reply[names.indexOf("Index Errors") * 2 + 1]).toEqual(errors);
    expect(list(reply[names.indexOf("field statistics") * 2 + 1])[0]).toEqual([
      ...identity("n"),
      "Index Errors",
      errors,
    ]);
  });

  test("has maps in RESP3, and flat arrays there too for GLIDE", () => {
    const { run, client } = described();
    client.command("HELLO", "3");
    const info = asMap(run("FT.INFO i"));
    expect([...info.keys()].slice(0, 34)).toEqual(redisNames);
    expect(asMap(must(info.get("index_definition"), "the definition")).get("default_score")).toBe(
      1,
    );
    const attributes = list(must(info.get("attributes"), "attributes")).map(asMap);
    expect(attributes.map((attribute) => attribute.get("flags"))).toEqual([
      ["SORTABLE", "UNF"],
      ["SORTABLE"],
      ["SORTABLE", "UNF"],
      [],
      [],
    ]);
    expect(attributes[1].get("WEIGHT")).toBe(1);
    expect(info.get("percent_indexed")).toBe(1);
    expect(info.get("num_docs")).toBe(2);
    expect(contains(info, null)).toBe(false);
    run("FT.CREATE empty SCHEMA t TAG");
    for (const value of asMap(run("FT.INFO empty")).values()) expect(value).not.toBeNaN();
    const glide = client.command("CLIENT", "SETINFO", "LIB-NAME", "GlideJS");
    expect(glide).toBe("OK");
    const flat = list(run("FT.INFO i"));
    expect(flat[0]).toBe("index_name");
    expect(Array.isArray(flat[5])).toBe(true);
  });

  test("tells MemoryDB's pairs and progress", () => {
    const { client, run, engine, hashSet, world } = described();
    client.command("HELLO", "3");
    for (let place = 0; place < 20; place += 1) hashSet(`e:${place}`, "v", floats(place, 0));
    engine.indexes[0].tailCount = 7;
    run("FT.CREATE late PREFIX 1 e: SCHEMA v TAG");
    const info = asMap(run("FT.INFO i"));
    const expected: Record<string, DecodedReply> = {
      key_type: "HASH",
      key_prefixes: ["d:", "e:"],
      num_indexed_vectors: 21,
      current_lag: 0,
      index_status: "AVAILABLE",
      backfill_status: "Completed",
      graph_documents: 14,
      tail_documents: 7,
      build_rate: 500,
      backfill_done: 22,
      backfill_total: 22,
      seconds_left: 1,
    };
    for (const [name, value] of Object.entries(expected)) expect(info.get(name)).toEqual(value);
    const fields = list(must(info.get("fields"), "fields")).map(asMap);
    expect(fields[4].get("field_name")).toBe("ff");
    expect(asMap(must(fields[4].get("vector_params"), "parameters")).get("block_size")).toBe(1024);
    expect(asMap(must(fields[3].get("vector_params"), "parameters")).get("maximum_edges")).toBe(16);
    const late = asMap(run("FT.INFO late"));
    expect(late.get("indexing")).toBe(1);
    expect(late.get("backfill_status")).toBe("InProgress");
    expect(late.get("percent_indexed")).toBeLessThan(1);
    expect(late.get("backfill_total")).toBe(22);
    world.settle();
    expect(asMap(run("FT.INFO late")).get("indexing")).toBe(0);
  });

  test("counts vectors that there was no memory for, and the documents are there", () => {
    const { client, run, engine } = start();
    run("FT.CREATE i SCHEMA t TAG v VECTOR HNSW 6 TYPE FLOAT32 DIM 2 DISTANCE_METRIC L2");
    engine.indexes[0].hasMemory = false;
    expect(client.command("HSET", "a", "t", "x", "v", floats(1, 2))).toBe(2);
    engine.indexes[0].hasMemory = true;
    expect(client.command("HSET", "b", "t", "x", "v", floats(1, 2))).toBe(2);
    client.command("HELLO", "3");
    const info = asMap(run("FT.INFO i"));
    expect(info.get("hash_indexing_failures")).toBe(1);
    expect(info.get("num_docs")).toBe(2);
    expect(info.get("num_indexed_vectors")).toBe(1);
    const errors = asMap(must(info.get("Index Errors"), "errors"));
    expect(errors.get("last indexing error")).toMatch(/no memory left/);
    expect(errors.get("last indexing error key")).toBe("a");
    expect(run("DEL a b")).toBe(2);
    expect(asMap(run("FT.INFO i")).get("num_docs")).toBe(0);
  });

  test("of a missing index has both texts that clients look for", () => {
    const { error } = start();
    expect(error("FT.INFO nope")).toBe("Unknown index name: Index not found");
  });

  test("lists stop words where RediSearch does, when some were given", () => {
    const { run } = start();
    run("FT.CREATE i STOPWORDS 2 b a SCHEMA t TEXT");
    const reply = list(run("FT.INFO i"));
    const at = reply.indexOf("stopwords_list");
    expect(reply[at + 1]).toEqual(["a", "b"]);
    expect(reply[at - 2]).toBe("cursor_stats");
    expect(reply[at + 2]).toBe("dialect_stats");
  });
});

test("FT._LIST names the indexes in order of creation", () => {
  const { run } = start();
  for (const name of ["b", "a", "c"]) run(`FT.CREATE ${name} SCHEMA t TEXT`);
  run("FT.DROPINDEX a");
  expect(run("FT._LIST")).toEqual(["b", "c"]);
});

test("definitions do not change inside a transaction", () => {
  const { run, error } = start();
  run("FT.CREATE kept SCHEMA t TEXT");
  run("MULTI");
  expect(error("FT.CREATE i SCHEMA t TEXT")).toMatch(/not allowed inside a transaction/);
  expect(error("FT.DROPINDEX kept")).toMatch(/not allowed inside a transaction/);
  expect(error("EXEC")).toMatch(/^EXECABORT/);
  expect(run("FT._LIST")).toEqual(["kept"]);
});

test("FT.CONFIG shows settings in RediSearch's names and changes none", () => {
  const { run, error, client } = start();
  expect(run("FT.CONFIG GET default_dialect")).toEqual([["DEFAULT_DIALECT", "2"]]);
  expect(list(run("FT.CONFIG GET *")).length).toBe(2);
  expect(run("FT.CONFIG GET nope")).toEqual([]);
  expect(run("FT.CONFIG SET DEFAULT_DIALECT 2")).toBe("OK");
  expect(error("FT.CONFIG SET DEFAULT_DIALECT 1")).toBe("Not modifiable at runtime");
  expect(error("FT.CONFIG SET nope 1")).toBe("Invalid option");
  expect(error("FT.CONFIG FOO x")).toBe("ERR No such configuration action");
  client.command("HELLO", "3");
  expect(asMap(run("FT.CONFIG GET DEFAULT_DIALECT")).get("DEFAULT_DIALECT")).toBe("2");
});
