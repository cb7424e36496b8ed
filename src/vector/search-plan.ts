/**
 * How a search is answered: by an exact scan, or by the graph and a scan of the tail.
 *
 * With a filter that n of N documents pass, the graph's walk grows as ef / (n / N), the scan as n:
 * they cost the same where n * n = factor * ef * N. The factor was measured (see below) and holds
 * for any number of dimensions, since both costs grow with it.
 */

/**
 * Measured with 64,413 rows x 384, k 10, two threads: the scan costs 0.05 microseconds for a row
 * that follows the one before in memory and up to 0.2 for one that does not, on any thread; the
 * walk, on one thread, 1.8 milliseconds at 10 % and ef 64 and 0.6 at 50 %, the callback included.
 * Without a filter there is no callback, and a visit costs a third.
 */
const FILTERED_SCAN_FACTOR = 40;
const SCAN_FACTOR = 10;
/**
 * Where the documents that match lie far from the query, a walk wanders long at any ef, and misses:
 * a tag that 13.5 % have took 5 milliseconds at ef 10, and found 0.916. The scan takes 0.5.
 */
const FILTERED_EF_MIN = 64;
/** So few rows are scanned sooner than a graph is asked. */
const SCAN_ROWS_MIN = 256;
/** A filter that fewer pass crosses as a list of slots, made in some 50 microseconds at most. */
export const SLOT_LIST_MAX = 16_384;
/** Values of one part, when a scan is split among idle threads; about half a millisecond. */
const SPLIT_VALUES_MIN = 1 << 19;
/** The parts' lists are merged on the event loop, so they must be short. */
const SPLIT_NEIGHBORS_MAX = 1024;

/**
 * What a query gets that does not say EF_RUNTIME: 10, the usual default of an index, finds 0.90 of
 * the true neighbors among the 64,413 real passages, 20 finds 0.965 and 24 finds 0.971. A query
 * that says 10 gets 10.
 */
const EF_UNASKED_MIN = 24;

export function efFor(k: number, asked: number, indexDefault: number): number {
  return Math.max(k, asked > 0 ? asked : Math.max(indexDefault, EF_UNASKED_MIN));
}

export function isScanCheaper(matching: number, total: number, efRuntime: number): boolean {
  if (matching <= SCAN_ROWS_MIN) return true;
  if (matching === total) return matching <= SCAN_FACTOR * efRuntime;
  const ef = Math.max(efRuntime, FILTERED_EF_MIN);
  return matching * matching <= FILTERED_SCAN_FACTOR * ef * total;
}

/** Whether lists of this many neighbors may be merged on the event loop. */
export function isMergeShort(k: number): boolean {
  return k <= SPLIT_NEIGHBORS_MAX;
}

export function scanPartCount(
  rows: number,
  dimensions: number,
  k: number,
  idleThreads: number,
): number {
  if (!isMergeShort(k)) return 1;
  const parts = Math.floor((rows * dimensions) / SPLIT_VALUES_MIN);
  return Math.max(1, Math.min(parts, idleThreads));
}
