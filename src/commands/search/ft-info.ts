/**
 * FT.INFO: RediSearch's pairs in RediSearch's order, because clients read some by position, then
 * MemoryDB's, then the progress of what is still being built, then what vectors take. No value is
 * ever null.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { DoubleReply, type Reply, SimpleString } from "../../resp/frame.ts";
import type { AttributeDeclaration } from "../../search/schema.ts";
import type { IndexingFailures, IndexStatistics, SearchIndex } from "../../search/search-index.ts";
import { string } from "../argument.ts";
import type { Command } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { memoryDbPairs, memoryPairs, progressPairs } from "./info-extra.ts";
import { nameReply, pairs, wantsFlatPairs } from "./reply-layout.ts";

const MIB = 1024 * 1024;

export const ftInfoCommand: Command = {
  name: "ft.info",
  group: "search",
  summary: "Returns an index's definition, statistics and progress.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  arguments: [string("index")],
  readsWholeKeyspace: true,
  run: describeIndex,
};

function describeIndex(context: CommandContext, args: readonly Bytes[]): Reply {
  const index = context.search.find(toBinaryString(args[1]));
  // RediSearch says the first half, MemoryDB the second; clients look for either.
  if (index === undefined) return new ErrorReply("Unknown index name: Index not found");
  const statistics = index.statistics();
  const isFlat = wantsFlatPairs(context.session);
  return pairs(isFlat, [
    ...definitionPairs(index, isFlat),
    ...sizePairs(statistics),
    ...statePairs(index, statistics, isFlat),
    ...memoryDbPairs(index, statistics, isFlat),
    ...progressPairs(statistics),
    ...memoryPairs(statistics),
  ]);
}

function definitionPairs(index: SearchIndex, isFlat: boolean): Reply[] {
  const { keyType, prefixes, language, defaultScore, options, attributes } = index.schema;
  const definition: Reply[] = [
    new SimpleString("key_type"),
    new SimpleString(keyType),
    new SimpleString("prefixes"),
    prefixes.map(nameReply),
  ];
  if (language !== "") {
    definition.push(new SimpleString("default_language"), new SimpleString(language));
  }
  definition.push(new SimpleString("default_score"), new DoubleReply(defaultScore));
  return [
    new SimpleString("index_name"),
    nameReply(index.name),
    new SimpleString("index_options"),
    options.map((option) => new SimpleString(option)),
    new SimpleString("index_definition"),
    pairs(isFlat, definition),
    new SimpleString("attributes"),
    attributes.map((declaration) => attributeReply(declaration, isFlat)),
  ];
}

function attributeReply(declaration: AttributeDeclaration, isFlat: boolean): Reply {
  const entries: Reply[] = [
    new SimpleString("identifier"),
    nameReply(declaration.identifier),
    new SimpleString("attribute"),
    nameReply(declaration.alias),
    new SimpleString("type"),
    new SimpleString(declaration.type),
  ];
  if (declaration.type === "TEXT") {
    entries.push(new SimpleString("WEIGHT"), new DoubleReply(declaration.weight));
  } else if (declaration.type === "TAG") {
    entries.push(new SimpleString("SEPARATOR"), nameReply(declaration.separator));
  } else if (declaration.type === "VECTOR") {
    const parameters = declaration.parameters;
    entries.push(
      new SimpleString("algorithm"),
      new SimpleString(parameters.algorithm),
      new SimpleString("data_type"),
      new SimpleString(parameters.type),
      new SimpleString("dim"),
      parameters.dimensions,
      new SimpleString("distance_metric"),
      new SimpleString(parameters.metric),
    );
    if (parameters.algorithm === "HNSW") {
      entries.push(new SimpleString("M"), parameters.m);
      entries.push(new SimpleString("ef_construction"), parameters.efConstruction);
    }
  }
  const flags = attributeFlags(declaration).map((flag) => new SimpleString(flag));
  if (isFlat) return [...entries, ...flags];
  return pairs(false, [...entries, new SimpleString("flags"), flags]);
}

/** In RediSearch's order. */
function attributeFlags(declaration: AttributeDeclaration): string[] {
  const flags: string[] = [];
  if (declaration.type === "TEXT" && !declaration.isStemmed) flags.push("NOSTEM");
  if (declaration.type === "TAG" && declaration.isCaseSensitive) flags.push("CASESENSITIVE");
  if (declaration.isSortable) flags.push("SORTABLE");
  if (declaration.isUnnormalized) flags.push("UNF");
  if (declaration.isNotIndexed) flags.push("NOINDEX");
  if (declaration.type === "TAG" || declaration.type === "TEXT") {
    if (declaration.isSuffixTrie) flags.push("WITHSUFFIXTRIE");
    if (declaration.isEmptyIndexed) flags.push("INDEXEMPTY");
  }
  if (declaration.isMissingIndexed) flags.push("INDEXMISSING");
  return flags;
}

function sizePairs(statistics: IndexStatistics): Reply[] {
  const sums = { tag: 0, text: 0, numeric: 0, positions: 0, terms: 0, records: 0 };
  for (const attribute of statistics.attributes) {
    sums.terms += attribute.termCount;
    sums.records += attribute.recordCount;
    sums.positions += attribute.positionBytes;
    if (attribute.declaration.type === "TAG") sums.tag += attribute.usedBytes;
    if (attribute.declaration.type === "TEXT") sums.text += attribute.usedBytes;
    if (attribute.declaration.type === "NUMERIC") sums.numeric += attribute.usedBytes;
  }
  const invertedBytes = sums.tag + sums.text + sums.numeric - sums.positions;
  const entries: readonly (readonly [string, Reply])[] = [
    ["num_docs", statistics.documentCount],
    ["max_doc_id", statistics.documentIdsGiven],
    ["num_terms", sums.terms],
    ["num_records", sums.records],
    ["inverted_sz_mb", megabytes(invertedBytes)],
    ["vector_index_sz_mb", megabytes(statistics.vectors.bytes)],
    ["total_inverted_index_blocks", sums.terms],
    ["offset_vectors_sz_mb", megabytes(sums.positions)],
    ["doc_table_size_mb", megabytes(statistics.documentBytes)],
    ["sortable_values_size_mb", megabytes(0)],
    ["key_table_size_mb", megabytes(0)],
    ["tag_overhead_sz_mb", megabytes(sums.tag)],
    ["text_overhead_sz_mb", megabytes(sums.text)],
    ["total_index_memory_sz_mb", megabytes(statistics.usedBytes)],
    ["geoshapes_sz_mb", megabytes(0)],
    ["records_per_doc_avg", average(sums.records, statistics.documentCount)],
    ["bytes_per_record_avg", average(invertedBytes, sums.records)],
    ["offsets_per_term_avg", average(sums.positions / 4, sums.records)],
    ["offset_bits_per_record_avg", average(sums.positions * 8, sums.records)],
  ];
  return entries.flatMap(([name, value]) => [new SimpleString(name), value]);
}

function statePairs(index: SearchIndex, statistics: IndexStatistics, isFlat: boolean): Reply[] {
  const { backfill } = statistics;
  const percentIndexed =
    backfill === undefined ? 1 : backfill.keysDone / Math.max(1, backfill.keysTotal);
  const entries: (readonly [string, Reply])[] = [
    ["hash_indexing_failures", statistics.failures.count],
    ["total_indexing_time", new DoubleReply(statistics.indexingMs)],
    ["indexing", backfill === undefined ? 0 : 1],
    ["percent_indexed", new DoubleReply(percentIndexed)],
    ["number_of_uses", statistics.useCount],
    ["cleaning", 0],
    ["gc_stats", collectorReply(isFlat)],
    ["cursor_stats", cursorReply(isFlat)],
  ];
  if (index.schema.stopwords !== null) {
    entries.push(["stopwords_list", [...index.schema.stopwords]]);
  }
  entries.push(["dialect_stats", dialectReply(isFlat)]);
  entries.push(["Index Errors", failuresReply(statistics.failures, isFlat)]);
  const fields = statistics.attributes.map(({ declaration, failures }) =>
    pairs(isFlat, [
      new SimpleString("identifier"),
      nameReply(declaration.identifier),
      new SimpleString("attribute"),
      nameReply(declaration.alias),
      new SimpleString("Index Errors"),
      failuresReply(failures, isFlat),
    ]),
  );
  entries.push(["field statistics", fields]);
  return entries.flatMap(([name, value]) => [new SimpleString(name), value]);
}

function failuresReply(failures: IndexingFailures, isFlat: boolean): Reply {
  return pairs(isFlat, [
    new SimpleString("indexing failures"),
    failures.count,
    new SimpleString("last indexing error"),
    failures.count === 0 ? new SimpleString("N/A") : nameReply(failures.lastError),
    new SimpleString("last indexing error key"),
    failures.count === 0 ? "N/A" : failures.lastKey,
  ]);
}

/** Nothing is left for a collector: what is removed is taken out at once. */
function collectorReply(isFlat: boolean): Reply {
  return pairs(isFlat, [
    new SimpleString("bytes_collected"),
    new DoubleReply(0),
    new SimpleString("total_ms_run"),
    new DoubleReply(0),
    new SimpleString("total_cycles"),
    new DoubleReply(0),
    new SimpleString("average_cycle_time_ms"),
    new DoubleReply(0),
    new SimpleString("last_run_time_ms"),
    new DoubleReply(0),
    new SimpleString("gc_numeric_trees_missed"),
    new DoubleReply(0),
    new SimpleString("gc_blocks_denied"),
    new DoubleReply(0),
  ]);
}

function cursorReply(isFlat: boolean): Reply {
  return pairs(isFlat, [
    new SimpleString("global_idle"),
    0,
    new SimpleString("global_total"),
    0,
    new SimpleString("index_capacity"),
    128,
    new SimpleString("index_total"),
    0,
  ]);
}

/** There is one dialect, the second. */
function dialectReply(isFlat: boolean): Reply {
  return pairs(isFlat, [
    new SimpleString("dialect_1"),
    0,
    new SimpleString("dialect_2"),
    1,
    new SimpleString("dialect_3"),
    0,
    new SimpleString("dialect_4"),
    0,
  ]);
}

function megabytes(bytes: number): DoubleReply {
  return new DoubleReply(bytes / MIB);
}

/** 0 of nothing, where RediSearch says NaN: redis-cli gives up on a reply that holds one. */
function average(sum: number, count: number): DoubleReply {
  return new DoubleReply(count === 0 ? 0 : sum / count);
}
