/**
 * A record of the log, as bytes; numbers are little endian:
 *   0  u32   magic "LSR1"              32  u32  unit count
 *   4  u16   format version            36  u32  payload length
 *   6  u8    kind: 1 units, 2 claim    40  8    writer: random; with the sequence the record's id
 *   7  u8    0                         48  u64  when it was sealed, ms (version 1: the sequence)
 *   8  u32   shard                     56  32   SHA-256 of the whole previous record (the chain)
 *  12  u32   data key, 0: plain        88  u32  CRC-32C of bytes 0 to 87; u32 end mark
 *  16  u64   epoch                     96  ...  payload: the units
 *  24  u64   sequence                   +  u32  CRC-32C of everything before; u32 end mark
 *
 * Version 3 is sealed (`runtime/cipher.ts`; context: bytes 0 to 87). Checksums and chain are over
 * what is on the disk. Marks have no zero byte: what ends in zeros was never wholly written.
 */
import { assert } from "../base/assert.ts";
import { crc32c } from "../base/crc32c.ts";
import { limits } from "../base/limits.ts";
import { SEAL_OVERHEAD_BYTES } from "../runtime/cipher.ts";
import { SHA256_BYTES } from "../runtime/hashing.ts";

export const RECORD_MAGIC = 0x3152534c;
export const RECORD_FORMAT_VERSION = 2;
export const SEALED_FORMAT_VERSION = 3;
/** Has no time. */
const FIRST_VERSION = 1;
export const RECORD_HEADER_BYTES = 96;
export const RECORD_TRAILER_BYTES = 8;
export const RECORD_END_MARK = 0xa5c3e197;
export const WRITER_BYTES = 8;

export const RecordKind = { units: 1, claim: 2 } as const;
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

const offset = {
  version: 4,
  kind: 6,
  shard: 8,
  keyId: 12,
  epoch: 16,
  sequence: 24,
  unitCount: 32,
  payloadLength: 36,
  writer: 40,
  time: 48,
  previous: 56,
  headerCrc: 88,
  headerMark: 92,
} as const;

/** What the chain names before the first record. */
export const CHAIN_START = Buffer.alloc(SHA256_BYTES);

export interface RecordHeader {
  readonly kind: RecordKind;
  readonly shard: number;
  /** Of the data key that the payload is sealed with; 0 where it is plain. */
  readonly keyId: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly unitCount: number;
  readonly payloadLength: number;
  readonly writer: Buffer;
  /** Of the writer's clock, which may have jumped; 0 where it is not known. */
  readonly timeMs: number;
  readonly previous: Buffer;
}

export function recordBytes(payloadLength: number): number {
  return RECORD_HEADER_BYTES + payloadLength + RECORD_TRAILER_BYTES;
}

/**
 * Turns `record` into a whole record: it has the payload at RECORD_HEADER_BYTES and room for the
 * trailer behind it. In place, because the payload was gathered right there.
 */
export function sealRecord(record: Buffer, header: RecordHeader): void {
  writeHeader(record, header);
  writeTrailer(record);
}

export function writeHeader(record: Buffer, header: RecordHeader): void {
  assert(record.length === recordBytes(header.payloadLength), "record has its exact length");
  assert(header.payloadLength <= payloadBytesMax(header.keyId), "payload within recordBytesMax");
  const version = header.keyId === 0 ? RECORD_FORMAT_VERSION : SEALED_FORMAT_VERSION;
  record.writeUInt32LE(RECORD_MAGIC, 0);
  record.writeUInt16LE(version, offset.version);
  record.writeUInt16LE(header.kind, offset.kind);
  record.writeUInt32LE(header.shard, offset.shard);
  record.writeUInt32LE(header.keyId, offset.keyId);
  writeCount(record, header.epoch, offset.epoch);
  writeCount(record, header.sequence, offset.sequence);
  record.writeUInt32LE(header.unitCount, offset.unitCount);
  record.writeUInt32LE(header.payloadLength, offset.payloadLength);
  header.writer.copy(record, offset.writer);
  writeCount(record, header.timeMs, offset.time);
  header.previous.copy(record, offset.previous);
  record.writeUInt32LE(crc32c(record, 0, offset.headerCrc), offset.headerCrc);
  record.writeUInt32LE(RECORD_END_MARK, offset.headerMark);
}

/** Once the payload stands as it shall be on the disk. */
export function writeTrailer(record: Buffer): void {
  const trailer = record.length - RECORD_TRAILER_BYTES;
  record.writeUInt32LE(crc32c(record, 0, trailer), trailer);
  record.writeUInt32LE(RECORD_END_MARK, trailer + 4);
}

/** What a sealed payload is bound to: its place in the log, and what stands before it. */
export function sealContext(record: Buffer): Buffer {
  return record.subarray(0, offset.headerCrc);
}

function payloadBytesMax(keyId: number): number {
  return limits.recordBytesMax + (keyId === 0 ? 0 : SEAL_OVERHEAD_BYTES);
}

/** The header at `at`, or what is wrong with it. Believe nothing but this before the whole CRC. */
export function readHeader(bytes: Buffer, at: number): RecordHeader | string {
  if (bytes.length - at < RECORD_HEADER_BYTES) return "the header is cut short";
  if (bytes.readUInt32LE(at) !== RECORD_MAGIC) return "no record magic";
  const crc = crc32c(bytes, at, at + offset.headerCrc);
  if (bytes.readUInt32LE(at + offset.headerCrc) !== crc) return "the header's checksum is wrong";
  if (bytes.readUInt32LE(at + offset.headerMark) !== RECORD_END_MARK) return "no header mark";
  const version = bytes.readUInt16LE(at + offset.version);
  if (version < FIRST_VERSION || version > SEALED_FORMAT_VERSION) {
    return `format version ${version} is not known`;
  }
  const keyId = bytes.readUInt32LE(at + offset.keyId);
  if ((keyId !== 0) !== (version === SEALED_FORMAT_VERSION)) {
    return `data key ${keyId} does not go with format version ${version}`;
  }
  const kind = bytes.readUInt16LE(at + offset.kind);
  if (kind !== RecordKind.units && kind !== RecordKind.claim) return `kind ${kind} is not known`;
  const payloadLength = bytes.readUInt32LE(at + offset.payloadLength);
  if (payloadLength > payloadBytesMax(keyId)) return "the payload's length is above the limit";
  const epoch = readCount(bytes, at + offset.epoch);
  const sequence = readCount(bytes, at + offset.sequence);
  // Whoever comes next counts on from them.
  if (Math.max(epoch, sequence) >= Number.MAX_SAFE_INTEGER) return "a count is above its limit";
  return {
    kind,
    shard: bytes.readUInt32LE(at + offset.shard),
    keyId,
    epoch,
    sequence,
    unitCount: bytes.readUInt32LE(at + offset.unitCount),
    payloadLength,
    writer: bytes.subarray(at + offset.writer, at + offset.time),
    timeMs: version === FIRST_VERSION ? 0 : readCount(bytes, at + offset.time),
    previous: bytes.subarray(at + offset.previous, at + offset.headerCrc),
  };
}

/** The format version of a header that is sound and newer than ours; undefined for all others. */
export function newerRecordVersion(bytes: Buffer, at: number): number | undefined {
  if (bytes.length - at < RECORD_HEADER_BYTES || bytes.readUInt32LE(at) !== RECORD_MAGIC) {
    return undefined;
  }
  const version = bytes.readUInt16LE(at + offset.version);
  if (version <= SEALED_FORMAT_VERSION) return undefined;
  const crc = crc32c(bytes, at, at + offset.headerCrc);
  return bytes.readUInt32LE(at + offset.headerCrc) === crc ? version : undefined;
}

/** What is wrong with the whole record, whose header was read; undefined when nothing is. */
export function checkTrailer(record: Buffer, header: RecordHeader): string | undefined {
  const trailer = RECORD_HEADER_BYTES + header.payloadLength;
  if (record.length < trailer + RECORD_TRAILER_BYTES) return "the record is cut short";
  if (record.readUInt32LE(trailer) !== crc32c(record, 0, trailer)) {
    return "the record's checksum is wrong";
  }
  return record.readUInt32LE(trailer + 4) === RECORD_END_MARK ? undefined : "no end mark";
}

function writeCount(bytes: Buffer, value: number, at: number): void {
  assert(Number.isSafeInteger(value) && value >= 0, "a count is a safe integer");
  bytes.writeUInt32LE(value % 2 ** 32, at);
  bytes.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
}

function readCount(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}

/** Of a sealed record: the hash that it names, and its shard; a new segment repeats them. */
export function previousHash(record: Buffer): Buffer {
  return record.subarray(offset.previous, offset.headerCrc);
}

export function recordShard(record: Buffer): number {
  return record.readUInt32LE(offset.shard);
}
