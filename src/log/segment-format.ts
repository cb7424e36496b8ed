/**
 * A segment of the log: one sector of header, then records end to end, then zeros to the end.
 * All numbers are little endian; bytes that are not named are 0.
 *
 *   0  u32  magic "LSG1"           16  u64  first sequence
 *   4  u16  format version         32  32   SHA-256 of the record before the first (the chain)
 *   8  u32  shard                 504  u32  CRC-32C of bytes 0 to 503; u32 end mark
 *
 * A segment has its name only once its header and all its zeros are durable, so records never make
 * a file grow: a full disk is met when a segment is made, ahead of need.
 */
import { crc32c } from "../base/crc32c.ts";
import { RECORD_END_MARK } from "./record-format.ts";

export const SEGMENT_MAGIC = 0x3147534c;
export const SEGMENT_FORMAT_VERSION = 1;
export const SECTOR_BYTES = 512;
export const SEGMENT_HEADER_BYTES = SECTOR_BYTES;
/** The next segment while it is being made. */
export const PREPARED_NAME = "next.preparing";
/** Stands in a folder that is being restored until all of it is there. */
export const UNFINISHED_NAME = "restore.unfinished";

const NAME_DIGITS = 20;
const offset = { version: 4, shard: 8, first: 16, previous: 32, crc: 504, mark: 508 } as const;

export interface SegmentHeader {
  readonly shard: number;
  readonly firstSequence: number;
  readonly previous: Buffer;
}

export function segmentName(firstSequence: number): string {
  return `segment-${String(firstSequence).padStart(NAME_DIGITS, "0")}.log`;
}

/** The first sequence that a name carries; undefined when it is no segment's name. */
export function segmentSequence(name: string): number | undefined {
  const digits = name.slice("segment-".length, -".log".length);
  const sequence = Number(digits);
  return Number.isSafeInteger(sequence) && segmentName(sequence) === name ? sequence : undefined;
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  bytes.writeUInt32LE(SEGMENT_MAGIC, 0);
  bytes.writeUInt16LE(SEGMENT_FORMAT_VERSION, offset.version);
  bytes.writeUInt32LE(header.shard, offset.shard);
  bytes.writeBigUInt64LE(BigInt(header.firstSequence), offset.first);
  header.previous.copy(bytes, offset.previous);
  bytes.writeUInt32LE(crc32c(bytes, 0, offset.crc), offset.crc);
  bytes.writeUInt32LE(RECORD_END_MARK, offset.mark);
  return bytes;
}

/** The format version of a header that is sound and newer than ours; undefined for all others. */
export function newerSegmentVersion(bytes: Buffer): number | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES || bytes.readUInt32LE(0) !== SEGMENT_MAGIC) {
    return undefined;
  }
  const version = bytes.readUInt16LE(offset.version);
  if (version <= SEGMENT_FORMAT_VERSION) return undefined;
  return bytes.readUInt32LE(offset.crc) === crc32c(bytes, 0, offset.crc) ? version : undefined;
}

/** The header, or what is wrong with it. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | string {
  if (bytes.length < SEGMENT_HEADER_BYTES) return "the segment's header is cut short";
  if (bytes.readUInt32LE(0) !== SEGMENT_MAGIC) return "no segment magic";
  if (bytes.readUInt32LE(offset.crc) !== crc32c(bytes, 0, offset.crc)) {
    return "the segment header's checksum is wrong";
  }
  if (bytes.readUInt32LE(offset.mark) !== RECORD_END_MARK) return "no segment header mark";
  const version = bytes.readUInt16LE(offset.version);
  if (version !== SEGMENT_FORMAT_VERSION) return `segment format version ${version} is not known`;
  return {
    shard: bytes.readUInt32LE(offset.shard),
    firstSequence: Number(bytes.readBigUInt64LE(offset.first)),
    previous: bytes.subarray(offset.previous, offset.previous + 32),
  };
}
