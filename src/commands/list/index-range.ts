/**
 * Ranges of indexes that may count from the end, cut to what is there.
 */
export function indexRange(
  start: number,
  stop: number,
  length: number,
): { readonly start: number; readonly count: number } {
  const from = Math.max(0, start < 0 ? length + start : start);
  const to = Math.min(length - 1, stop < 0 ? length + stop : stop);
  return from > to ? { start: 0, count: 0 } : { start: from, count: to - from + 1 };
}
