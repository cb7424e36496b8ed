/**
 * The pairs of FT.INFO that RediSearch does not have: MemoryDB's, with the names that its
 * documents and its replies use, and the progress of backfill and graph.
 */
import { type Reply, SimpleString } from "../../resp/frame.ts";
import type { AttributeDeclaration, VectorDeclaration } from "../../search/schema.ts";
import type { IndexStatistics, SearchIndex } from "../../search/search-index.ts";
import { nameReply, pairs } from "./reply-layout.ts";

export function memoryDbPairs(
  index: SearchIndex,
  statistics: IndexStatistics,
  isFlat: boolean,
): Reply[] {
  const isComplete = statistics.backfill === undefined;
  const vectors = statistics.vectors;
  const pendingPercent =
    vectors.count === 0 ? 0 : Math.round((100 * vectors.tailCount) / vectors.count);
  return named([
    ["creation_timestamp", Math.round(index.schema.createdAtMs * 1000)],
    ["key_type", new SimpleString(index.schema.keyType)],
    ["key_prefixes", index.schema.prefixes.map(nameReply)],
    ["fields", statistics.attributes.map(({ declaration }) => fieldReply(declaration, isFlat))],
    ["space_usage", statistics.usedBytes],
    ["fulltext_space_usage", statistics.usedBytes - vectors.bytes],
    ["vector_space_usage", vectors.bytes],
    ["num_indexed_vectors", vectors.count],
    ["current_lag", 0],
    ["index_status", new SimpleString(isComplete ? "AVAILABLE" : "BACKFILLING")],
    ["index_degradation_percentage", pendingPercent],
    ["backfill_status", new SimpleString(isComplete ? "Completed" : "InProgress")],
  ]);
}

/** Vectors in the graph and in the exactly scanned tail; keys visited by the backfill. */
export function progressPairs(statistics: IndexStatistics): Reply[] {
  const { backfill, vectors, documentCount } = statistics;
  return named([
    ["graph_documents", vectors.graphCount],
    ["tail_documents", vectors.tailCount],
    ["build_rate", Math.round(vectors.buildRate)],
    ["backfill_done", backfill?.keysDone ?? documentCount],
    ["backfill_total", backfill?.keysTotal ?? documentCount],
    ["backfill_rate", Math.round(backfill?.rate ?? 0)],
    ["seconds_left", Math.ceil(statistics.secondsLeft)],
    ["graph_load", new SimpleString(statistics.graphLoad)],
  ]);
}

/** What the vectors take, in bytes; tombstones were removed and are not freed yet. */
export function memoryPairs({ vectors }: IndexStatistics): Reply[] {
  const { memory, count, tombstoneCount } = vectors;
  return named([
    ["vector_values_bytes", Math.round(memory.valueBytes)],
    ["vector_codes_bytes", Math.round(memory.codeBytes)],
    ["vector_links_bytes", Math.round(memory.linkBytes)],
    ["vector_tombstones_bytes", Math.round(memory.tombstoneBytes)],
    ["vector_tables_bytes", Math.round(memory.tableBytes)],
    ["vector_tombstones", tombstoneCount],
    ["vector_bytes_per_document", count === 0 ? 0 : Math.round(vectors.bytes / count)],
  ]);
}

function fieldReply(declaration: AttributeDeclaration, isFlat: boolean): Reply {
  const entries: (readonly [string, Reply])[] = [
    ["identifier", nameReply(declaration.identifier)],
    ["field_name", nameReply(declaration.alias)],
    ["type", new SimpleString(declaration.type)],
    ["option", ""],
  ];
  if (declaration.type === "VECTOR") {
    entries.push(["vector_params", pairs(isFlat, named(parameterPairs(declaration.parameters)))]);
  }
  return pairs(isFlat, named(entries));
}

function parameterPairs(parameters: VectorDeclaration["parameters"]): (readonly [string, Reply])[] {
  const shared: (readonly [string, Reply])[] = [
    ["algorithm", new SimpleString(parameters.algorithm)],
    ["data_type", new SimpleString(parameters.type)],
    ["dimension", parameters.dimensions],
    ["distance_metric", new SimpleString(parameters.metric)],
    ["initial_capacity", parameters.initialCapacity],
    ["current_capacity", parameters.initialCapacity],
  ];
  if (parameters.algorithm === "FLAT") return [...shared, ["block_size", parameters.blockSize]];
  return [
    ...shared,
    ["maximum_edges", parameters.m],
    ["ef_construction", parameters.efConstruction],
    ["ef_runtime", parameters.efRuntime],
    ["neighbor_codes", parameters.neighborCodeBits],
  ];
}

function named(entries: readonly (readonly [string, Reply])[]): Reply[] {
  return entries.flatMap(([name, value]) => [new SimpleString(name), value]);
}
