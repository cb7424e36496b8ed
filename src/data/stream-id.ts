/**
 * Ids of a stream's entries: a time in milliseconds and a sequence number, each of 64 bits.
 *
 * An id is a string of 16 bytes, big endian: ids compare as strings compare, and a text of the id
 * is made only for who reads it. Halves below 2^53 are plain numbers on the way in and out; larger
 * ones, which nobody's clock makes, go through bigint and stay exact.
 */

export type StreamId = string;

export const ID_BYTES = 16;
export const ID_MIN: StreamId = "\x00".repeat(ID_BYTES);
export const ID_MAX: StreamId = "\xff".repeat(ID_BYTES);
const HALF_BYTES = 8;
const HALF_MAX = 2n ** 64n - 1n;
const TWO_32 = 2 ** 32;

/** Of safe integers. */
export function idOf(ms: number, sequence: number): StreamId {
  const msHigh = Math.floor(ms / TWO_32);
  const high = Math.floor(sequence / TWO_32);
  return String.fromCharCode(
    msHigh >>> 24,
    (msHigh >>> 16) & 255,
    (msHigh >>> 8) & 255,
    msHigh & 255,
    (ms >>> 24) & 255,
    (ms >>> 16) & 255,
    (ms >>> 8) & 255,
    ms & 255,
    high >>> 24,
    (high >>> 16) & 255,
    (high >>> 8) & 255,
    high & 255,
    (sequence >>> 24) & 255,
    (sequence >>> 16) & 255,
    (sequence >>> 8) & 255,
    sequence & 255,
  );
}

/** Each half modulo 2^64. */
export function idOfWide(ms: bigint, sequence: bigint): StreamId {
  const bytes = Buffer.allocUnsafe(ID_BYTES);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, ms), 0);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, sequence), HALF_BYTES);
  return bytes.latin1Slice(0, ID_BYTES);
}

/** Rounded where it is above 2^53. */
export function msOf(id: StreamId): number {
  return halfAt(id, 0);
}

/** Rounded where it is above 2^53. */
export function sequenceOf(id: StreamId): number {
  return halfAt(id, HALF_BYTES);
}

export function wideMsOf(id: StreamId): bigint {
  return wideHalfAt(id, 0);
}

export function wideSequenceOf(id: StreamId): bigint {
  return wideHalfAt(id, HALF_BYTES);
}

/** `<ms>-<sequence>`. */
export function idText(id: StreamId): string {
  return `${halfText(id, 0)}-${halfText(id, HALF_BYTES)}`;
}

/** The id after this one; undefined after the last. */
export function nextId(id: StreamId): StreamId | undefined {
  const ms = msOf(id);
  const sequence = sequenceOf(id);
  if (ms < Number.MAX_SAFE_INTEGER && sequence < Number.MAX_SAFE_INTEGER) {
    return idOf(ms, sequence + 1);
  }
  if (id === ID_MAX) return undefined;
  const wide = wideSequenceOf(id);
  return wide === HALF_MAX ? idOfWide(wideMsOf(id) + 1n, 0n) : idOfWide(wideMsOf(id), wide + 1n);
}

/** The id before this one; undefined before the first. */
export function previousId(id: StreamId): StreamId | undefined {
  if (id === ID_MIN) return undefined;
  const wide = wideSequenceOf(id);
  return wide === 0n ? idOfWide(wideMsOf(id) - 1n, HALF_MAX) : idOfWide(wideMsOf(id), wide - 1n);
}

function halfAt(id: StreamId, at: number): number {
  return wordAt(id, at) * TWO_32 + wordAt(id, at + 4);
}

function wordAt(id: StreamId, at: number): number {
  const low = (id.charCodeAt(at + 1) << 16) | (id.charCodeAt(at + 2) << 8) | id.charCodeAt(at + 3);
  return id.charCodeAt(at) * 0x1000000 + low;
}

function wideHalfAt(id: StreamId, at: number): bigint {
  return (BigInt(wordAt(id, at)) << 32n) | BigInt(wordAt(id, at + 4));
}

function halfText(id: StreamId, at: number): string {
  const half = halfAt(id, at);
  return half <= Number.MAX_SAFE_INTEGER ? String(half) : String(wideHalfAt(id, at));
}
