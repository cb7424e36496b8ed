/**
 * INFO's sections about search, with MemoryDB's names, and a line of progress for each index.
 */
import type { LiveIndex } from "./live-index.ts";

export interface InfoSection {
  readonly name: string;
  readonly lines: readonly string[];
}

interface Totals {
  readonly indexes: number;
  vectorAttributes: number;
  otherAttributes: number;
  documents: number;
  vectors: number;
  tail: number;
  bytes: number;
  vectorBytes: number;
  backfills: number;
  keysDone: number;
  keysTotal: number;
}

export function searchSections(indexes: readonly LiveIndex[]): readonly InfoSection[] {
  const totals = sum(indexes);
  const { bytes } = totals;
  const isBusy = totals.backfills > 0 || totals.tail > 0;
  const backfilledPercent =
    totals.keysTotal === 0 ? 100 : Math.floor((100 * totals.keysDone) / totals.keysTotal);
  return [
    {
      name: "search_memory",
      lines: [
        `search_used_memory_bytes:${bytes}`,
        `search_used_memory_human:${(bytes / 1024 / 1024).toFixed(2)}M`,
      ],
    },
    { name: "search_index_stats", lines: indexLines(totals) },
    {
      name: "search_ingestion",
      lines: [
        `search_background_indexing_status:${isBusy ? "IN_PROGRESS" : "NO_ACTIVITY"}`,
        "search_ingestion_paused:0",
      ],
    },
    {
      name: "search_backfill",
      lines: [
        `search_num_active_backfills:${totals.backfills}`,
        "search_backfills_paused:0",
        `search_current_backfill_progress_percentage:${backfilledPercent}`,
      ],
    },
    { name: "search_progress", lines: indexes.map(progressLine) },
  ];
}

function sum(indexes: readonly LiveIndex[]): Totals {
  const totals: Totals = {
    indexes: indexes.length,
    vectorAttributes: 0,
    otherAttributes: 0,
    documents: 0,
    vectors: 0,
    tail: 0,
    bytes: 0,
    vectorBytes: 0,
    backfills: 0,
    keysDone: 0,
    keysTotal: 0,
  };
  for (const index of indexes) {
    const vectors = index.vectorProgress();
    for (const attribute of index.attributes.values()) {
      if (attribute.kind === "VECTOR") totals.vectorAttributes += 1;
      else totals.otherAttributes += 1;
    }
    totals.documents += index.documents.count;
    totals.vectors += vectors.count;
    totals.tail += vectors.tailCount;
    totals.bytes += index.usedBytes;
    totals.vectorBytes += vectors.bytes;
    const backfill = index.backfill?.progress();
    if (backfill === undefined) continue;
    totals.backfills += 1;
    totals.keysDone += backfill.keysDone;
    totals.keysTotal += backfill.keysTotal;
  }
  return totals;
}

function indexLines(totals: Totals): string[] {
  return [
    `search_number_of_indexes:${totals.indexes}`,
    `search_num_fulltext_indexes:${totals.otherAttributes}`,
    `search_num_vector_indexes:${totals.vectorAttributes}`,
    `search_num_hash_indexes:${totals.indexes}`,
    "search_num_json_indexes:0",
    `search_total_indexed_keys:${totals.documents}`,
    `search_total_indexed_vectors:${totals.vectors}`,
    `search_total_indexed_hash_keys:${totals.documents}`,
    "search_total_indexed_json_keys:0",
    `search_total_index_size:${totals.bytes}`,
    `search_total_fulltext_index_size:${totals.bytes - totals.vectorBytes}`,
    `search_total_vector_index_size:${totals.vectorBytes}`,
    // Changes reach an index before the write is acknowledged.
    "search_max_index_lag_ms:0",
  ];
}

function progressLine(index: LiveIndex, place: number): string {
  const vectors = index.vectorProgress();
  const backfill = index.backfill?.progress();
  const done = backfill?.keysDone ?? index.documents.count;
  const total = backfill?.keysTotal ?? index.documents.count;
  const rate = backfill?.rate ?? vectors.buildRate;
  return (
    `search_index_${place}:name=${printableName(index.name)},` +
    `state=${backfill === undefined ? "complete" : "backfilling"},` +
    `done=${done},total=${total},rate=${Math.round(rate)},` +
    `seconds_left=${Math.ceil(index.secondsLeft)},` +
    `graph=${vectors.graphCount},tail=${vectors.tailCount}`
  );
}

/** INFO is lines of `name:value`, so a name may bring in no line ends, and no commas here. */
function printableName(name: string): string {
  return name.replace(/[^\x21-\x2b\x2d-\x7e]/g, "?");
}
