/**
 * Whether bytes were never written: segments are zeros until a record is written over them.
 */

const zeros = Buffer.alloc(64 * 1024);

export function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const count = Math.min(zeros.length, end - at);
    if (bytes.compare(zeros, 0, count, at, at + count) !== 0) return false;
    at += count;
  }
  return true;
}
