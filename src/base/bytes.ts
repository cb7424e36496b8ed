/**
 * Binary-safe bytes, the one type for what a client sends and the keyspace holds.
 *
 * Short bytes are a JavaScript string of one character per byte (latin1: code points 0 to 255),
 * long ones a Buffer. Invariant: `.length` is the byte count in both forms. V8 holds such a string
 * in one byte per character, hashes it once and compares it quickly, while a Buffer costs about 100
 * bytes of bookkeeping; so a Buffer pays only where bytes are long. Never decode to UTF-8 except to
 * tokenise text or parse JSON (`toUtf8`).
 */

declare global {
  // Node has these on every Buffer; its types leave them out. They skip `toString`'s look at
  // encodings.
  interface Buffer {
    latin1Slice(start: number, end: number): string;
    latin1Write(text: string, offset: number, length?: number): number;
  }
}

export type Bytes = string | Buffer;

/** At most this many bytes are held as a string; the decoder and the log reader keep to it. */
export const SHORT_BYTES_MAX = 512;

/** Below this a loop is faster than a call out of JavaScript. */
const LOOPED_BYTES_MAX = 32;

/** Writes a binary string into `into`, which has room for it. */
export function writeBinaryString(into: Buffer, text: string, at: number): void {
  if (text.length > LOOPED_BYTES_MAX) {
    into.latin1Write(text, at, text.length);
    return;
  }
  for (let index = 0; index < text.length; index += 1) into[at + index] = text.charCodeAt(index);
}

/** The bytes as a one-byte-per-character string, for keys, fields and comparisons. */
export function toBinaryString(bytes: Bytes): string {
  return typeof bytes === "string" ? bytes : bytes.latin1Slice(0, bytes.length);
}

/** The bytes as a Buffer; shares memory with `bytes` if that is a Buffer already. */
export function toBuffer(bytes: Bytes): Buffer {
  return typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
}

/** The canonical form: string up to SHORT_BYTES_MAX, else Buffer. Does not copy a long Buffer. */
export function canonicalBytes(bytes: Bytes): Bytes {
  if (bytes.length > SHORT_BYTES_MAX) return toBuffer(bytes);
  return toBinaryString(bytes);
}

/** Decodes UTF-8; invalid sequences become U+FFFD. For text, not for keys. */
export function toUtf8(bytes: Bytes): string {
  return toBuffer(bytes).toString("utf8");
}

/** A JavaScript text as bytes in canonical form (UTF-8). */
export function fromUtf8(text: string): Bytes {
  return canonicalBytes(Buffer.from(text, "utf8"));
}

export function bytesEqual(left: Bytes, right: Bytes): boolean {
  if (left.length !== right.length) return false;
  if (typeof left === "string" && typeof right === "string") return left === right;
  return toBuffer(left).equals(toBuffer(right));
}

/** Order of memcmp: negative, zero or positive. */
export function compareBytes(left: Bytes, right: Bytes): number {
  if (typeof left === "string" && typeof right === "string") {
    return left < right ? -1 : left > right ? 1 : 0;
  }
  return Buffer.compare(toBuffer(left), toBuffer(right));
}
