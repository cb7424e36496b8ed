/**
 * The block file, of which snapshots are made: a header, blocks end to end, a footer block, and a
 * trailer that proves the end. All numbers are little endian.
 *
 *   header   u32 magic "LSB1", u16 format version, u16 kind, u64 sequence, u64 made at (Unix ms),
 *            u32 part, 28 bytes 0, u32 CRC-32C of all before, u32 end mark
 *   block    u32 payload length (as stored), u32 number (from 0), u32 type (0: the footer),
 *            u32 key id (0: not sealed), u32 file mark, u32 CRC-32C of the payload as stored,
 *            u32 CRC-32C of all before; then the payload
 *   trailer  u64 offset of the footer block, u32 count of blocks with it, u32 file mark,
 *            u32 CRC-32C of all before, u32 end mark
 * The file mark is the header's checksum: a block of another file is none of this one's.
 */
import { crc32c } from "../base/crc32c.ts";

export const BLOCK_FILE_MAGIC = 0x3142534c;
export const BLOCK_FILE_VERSION = 1;
const END_MARK = 0xa5c3e197;

export const FILE_HEADER_BYTES = 64;
export const BLOCK_HEAD_BYTES = 28;
export const FILE_TRAILER_BYTES = 24;
/** The type of the last block; what the others mean is their kind's own. */
export const FOOTER_TYPE = 0;

/** What a block file holds; explicit numbers, never given anew. */
export const BlockFileKind = { keyspace: 1, graph: 2 } as const;
export type BlockFileKind = (typeof BlockFileKind)[keyof typeof BlockFileKind];

const header = {
  version: 4,
  kind: 6,
  sequence: 8,
  madeAt: 16,
  part: 24,
  crc: 56,
  mark: 60,
} as const;
const head = { number: 4, type: 8, keyId: 12, mark: 16, payloadCrc: 20, crc: 24 } as const;
const trailer = { blockCount: 8, mark: 12, crc: 16, endMark: 20 } as const;

export interface BlockFileHeader {
  readonly kind: BlockFileKind;
  readonly sequence: number;
  readonly madeAtMs: number;
  /** Sets files of one snapshot and kind apart: the number of a graph's file. 0 where absent. */
  readonly part?: number;
}

export interface BlockHead {
  readonly payloadBytes: number;
  readonly number: number;
  readonly type: number;
  readonly keyId: number;
  readonly payloadCrc: number;
}

export interface BlockFileTrailer {
  readonly footerOffset: number;
  /** The footer is one of them. */
  readonly blockCount: number;
}

export function encodeFileHeader(file: BlockFileHeader): Buffer {
  const { kind, sequence, madeAtMs, part = 0 } = file;
  const bytes = Buffer.alloc(FILE_HEADER_BYTES);
  bytes.writeUInt32LE(BLOCK_FILE_MAGIC, 0);
  bytes.writeUInt16LE(BLOCK_FILE_VERSION, header.version);
  bytes.writeUInt16LE(kind, header.kind);
  bytes.writeBigUInt64LE(BigInt(sequence), header.sequence);
  bytes.writeBigUInt64LE(BigInt(Math.floor(madeAtMs)), header.madeAt);
  bytes.writeUInt32LE(part, header.part);
  bytes.writeUInt32LE(crc32c(bytes, 0, header.crc), header.crc);
  bytes.writeUInt32LE(END_MARK, header.mark);
  return bytes;
}

/** The header, or what is wrong with it. */
export function decodeFileHeader(bytes: Buffer): BlockFileHeader | string {
  if (bytes.length < FILE_HEADER_BYTES) return "the header is cut short";
  if (bytes.readUInt32LE(0) !== BLOCK_FILE_MAGIC) return "no magic of a block file";
  if (bytes.readUInt32LE(header.crc) !== crc32c(bytes, 0, header.crc)) {
    return "the header's checksum is wrong";
  }
  if (bytes.readUInt32LE(header.mark) !== END_MARK) return "no header mark";
  const version = bytes.readUInt16LE(header.version);
  if (version !== BLOCK_FILE_VERSION) return `format version ${version} is not known`;
  const kind = bytes.readUInt16LE(header.kind);
  if (kind !== BlockFileKind.keyspace && kind !== BlockFileKind.graph) {
    return `kind ${kind} is not known`;
  }
  return {
    kind,
    sequence: Number(bytes.readBigUInt64LE(header.sequence)),
    madeAtMs: Number(bytes.readBigUInt64LE(header.madeAt)),
    part: bytes.readUInt32LE(header.part),
  };
}

/** Of an encoded header. */
export function fileMarkOf(bytes: Buffer): number {
  return bytes.readUInt32LE(header.crc);
}

export function writeBlockHead(into: Buffer, block: BlockHead, fileMark: number): void {
  into.writeUInt32LE(block.payloadBytes, 0);
  into.writeUInt32LE(block.number, head.number);
  into.writeUInt32LE(block.type, head.type);
  into.writeUInt32LE(block.keyId, head.keyId);
  into.writeUInt32LE(fileMark, head.mark);
  into.writeUInt32LE(block.payloadCrc, head.payloadCrc);
  into.writeUInt32LE(crc32c(into, 0, head.crc), head.crc);
}

/** The head at `at`, of which all bytes are there, or what is wrong with it. */
export function readBlockHead(bytes: Buffer, at: number, fileMark: number): BlockHead | string {
  if (bytes.readUInt32LE(at + head.crc) !== crc32c(bytes, at, at + head.crc)) {
    return "the checksum of the block's head is wrong";
  }
  if (bytes.readUInt32LE(at + head.mark) !== fileMark) return "the block is another file's";
  return {
    payloadBytes: bytes.readUInt32LE(at),
    number: bytes.readUInt32LE(at + head.number),
    type: bytes.readUInt32LE(at + head.type),
    keyId: bytes.readUInt32LE(at + head.keyId),
    payloadCrc: bytes.readUInt32LE(at + head.payloadCrc),
  };
}

export function encodeFileTrailer(
  { footerOffset, blockCount }: BlockFileTrailer,
  fileMark: number,
): Buffer {
  const bytes = Buffer.alloc(FILE_TRAILER_BYTES);
  bytes.writeBigUInt64LE(BigInt(footerOffset), 0);
  bytes.writeUInt32LE(blockCount, trailer.blockCount);
  bytes.writeUInt32LE(fileMark, trailer.mark);
  bytes.writeUInt32LE(crc32c(bytes, 0, trailer.crc), trailer.crc);
  bytes.writeUInt32LE(END_MARK, trailer.endMark);
  return bytes;
}

export function decodeFileTrailer(bytes: Buffer, fileMark: number): BlockFileTrailer | string {
  if (bytes.readUInt32LE(trailer.crc) !== crc32c(bytes, 0, trailer.crc)) {
    return "the trailer's checksum is wrong, or the file was never finished";
  }
  if (bytes.readUInt32LE(trailer.endMark) !== END_MARK) return "no end mark";
  if (bytes.readUInt32LE(trailer.mark) !== fileMark) return "the trailer is another file's";
  return {
    footerOffset: Number(bytes.readBigUInt64LE(0)),
    blockCount: bytes.readUInt32LE(trailer.blockCount),
  };
}

const CONTEXT_BYTES = 36;

/** What a cipher authenticates with a block: which file it stands in, and where. */
export function cipherContext(file: BlockFileHeader, number: number, type: number): Buffer {
  const bytes = Buffer.alloc(CONTEXT_BYTES);
  bytes.writeUInt32LE(BLOCK_FILE_MAGIC, 0);
  bytes.writeUInt32LE(file.kind, 4);
  bytes.writeBigUInt64LE(BigInt(file.sequence), 8);
  bytes.writeBigUInt64LE(BigInt(Math.floor(file.madeAtMs)), 16);
  bytes.writeUInt32LE(number, 24);
  bytes.writeUInt32LE(type, 28);
  bytes.writeUInt32LE(file.part ?? 0, 32);
  return bytes;
}
