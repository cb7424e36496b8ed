/**
 * LZF, as RDB holds long strings: runs of bytes, and references to what was written before.
 *
 *   000lllll, l + 1 bytes | lllooooo o: l + 2 bytes from o + 1 before | 111ooooo l o: l + 9 bytes
 */

/** A reference of three bytes stands for at most so many. */
const REFERENCE_BYTES = 3;
const LONGEST_REFERENCE = 264;

/** Whether so many bytes can be what these many were before. */
export function mayExpandTo(compressedBytes: number, byteCount: number): boolean {
  return byteCount <= Math.ceil(compressedBytes / REFERENCE_BYTES) * LONGEST_REFERENCE;
}

/** Exactly `byteCount` bytes; undefined if these are not they. */
export function decompressed(from: Buffer, byteCount: number): Buffer | undefined {
  const into = Buffer.allocUnsafeSlow(byteCount);
  let at = 0;
  let filled = 0;
  while (at < from.length) {
    const head = from[at];
    at += 1;
    if (head < 32) {
      const end = at + head + 1;
      if (end > from.length || filled + head + 1 > byteCount) return undefined;
      from.copy(into, filled, at, end);
      filled += head + 1;
      at = end;
      continue;
    }
    let count = head >>> 5;
    if (count === 7) {
      if (at >= from.length) return undefined;
      count += from[at];
      at += 1;
    }
    if (at >= from.length) return undefined;
    let source = filled - (((head & 31) << 8) | from[at]) - 1;
    at += 1;
    count += 2;
    if (source < 0 || filled + count > byteCount) return undefined;
    // What is copied may overlap what it makes: byte by byte.
    for (; count > 0; count -= 1, source += 1, filled += 1) into[filled] = into[source];
  }
  return filled === byteCount ? into : undefined;
}
