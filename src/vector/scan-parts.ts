/** How a FLAT index's exact scan is cut into parts that threads run at the same time. */

/** A filter that fewer pass crosses as a list of slots, made in some 50 microseconds at most. */
export const SLOT_LIST_MAX = 16_384;
/** Values of one part, when a scan is split among idle threads; about half a millisecond. */
const SPLIT_VALUES_MIN = 1 << 19;
/** The parts' lists are merged on the event loop, so they must be short. */
const SPLIT_NEIGHBORS_MAX = 1024;

export function scanPartCount(
  rows: number,
  dimensions: number,
  k: number,
  idleThreads: number,
): number {
  if (k > SPLIT_NEIGHBORS_MAX) return 1;
  const parts = Math.floor((rows * dimensions) / SPLIT_VALUES_MIN);
  return Math.max(1, Math.min(parts, idleThreads));
}
