/**
 * Where two byte strings differ, as splices that make one out of the other.
 */
import { type Bytes, canonicalBytes } from "../base/bytes.ts";

export interface ByteSplice {
  readonly offset: number;
  readonly removedCount: number;
  readonly value: Bytes;
}

/** Less than a splice takes beside its bytes. */
const GAP_BYTES_MAX = 12;

/**
 * Of strings of one length, where only bytes from `start` to before `end` may differ: each run of
 * differing bytes is one splice.
 */
export function differingRuns(
  before: Uint8Array,
  after: Buffer,
  start: number,
  end: number,
): ByteSplice[] {
  const splices: ByteSplice[] = [];
  let at = start;
  while (at < end) {
    if (before[at] === after[at]) {
      at += 1;
      continue;
    }
    let last = at;
    for (let next = at + 1; next < end && next - last <= GAP_BYTES_MAX; next += 1) {
      if (before[next] !== after[next]) last = next;
    }
    splices.push(spliceOf(after, at, last + 1 - at, last + 1));
    at = last + 1;
  }
  return splices;
}

/** Of strings of any length: one splice of what lies between their common ends, or none. */
export function differingMiddle(
  before: Uint8Array,
  after: Buffer,
  start: number,
): ByteSplice | undefined {
  const shorter = Math.min(before.length, after.length);
  let head = start;
  while (head < shorter && before[head] === after[head]) head += 1;
  if (head === before.length && head === after.length) return undefined;
  let tail = 0;
  const tailMax = shorter - head;
  const beforeEnd = before.length - 1;
  const afterEnd = after.length - 1;
  while (tail < tailMax && before[beforeEnd - tail] === after[afterEnd - tail]) tail += 1;
  return spliceOf(after, head, before.length - tail - head, after.length - tail);
}

/** With bytes of its own. */
function spliceOf(after: Buffer, offset: number, removedCount: number, end: number): ByteSplice {
  const value = canonicalBytes(Buffer.from(after.subarray(offset, end)));
  return { offset, removedCount, value };
}
