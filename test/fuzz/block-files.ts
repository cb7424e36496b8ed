/**
 * Block files taken apart and put together again with all their checksums right, so that what
 * stands inside blocks can be changed, and which blocks there are.
 */
import { crc32c } from "../../src/base/crc32c.ts";
import {
  BLOCK_HEAD_BYTES,
  type BlockFileHeader,
  decodeFileHeader,
  decodeFileTrailer,
  encodeFileHeader,
  encodeFileTrailer,
  FILE_HEADER_BYTES,
  FILE_TRAILER_BYTES,
  FOOTER_TYPE,
  fileMarkOf,
  readBlockHead,
  writeBlockHead,
} from "../../src/snapshot/block-file-format.ts";
import { pick, type Random } from "../support/command-grammar.ts";
import { corrupted } from "./byte-mutations.ts";

/** Of a block besides its payload. */
export const BLOCK_OVERHEAD_BYTES = BLOCK_HEAD_BYTES;

export interface LooseBlock {
  readonly type: number;
  readonly keyId: number;
  /** As stored: of a sealed block, its sealed bytes. */
  readonly payload: Buffer;
}

export interface LooseFile {
  readonly header: BlockFileHeader;
  /** The last one is the footer. */
  readonly blocks: readonly LooseBlock[];
}

function told<Result>(result: Result | string): Result {
  if (typeof result === "string") throw new Error(`no block file: ${result}`);
  return result;
}

export function takenApart(bytes: Buffer): LooseFile {
  const header = told(decodeFileHeader(bytes));
  const mark = fileMarkOf(bytes);
  const end = bytes.length - FILE_TRAILER_BYTES;
  const { blockCount } = told(decodeFileTrailer(bytes.subarray(end), mark));
  const blocks: LooseBlock[] = [];
  for (let at = FILE_HEADER_BYTES; blocks.length < blockCount; ) {
    const { type, keyId, payloadBytes } = told(readBlockHead(bytes, at, mark));
    const start = at + BLOCK_HEAD_BYTES;
    at = start + payloadBytes;
    blocks.push({ type, keyId, payload: Buffer.from(bytes.subarray(start, at)) });
  }
  return { header, blocks };
}

export function putTogether({ header, blocks }: LooseFile): Buffer {
  const head = encodeFileHeader(header);
  const mark = fileMarkOf(head);
  const parts: Buffer[] = [head];
  let at = head.length;
  let footerOffset = at;
  for (const [number, { type, keyId, payload }] of blocks.entries()) {
    const placed = Buffer.alloc(BLOCK_HEAD_BYTES);
    const block = {
      payloadBytes: payload.length,
      number,
      type,
      keyId,
      payloadCrc: crc32c(payload),
    };
    writeBlockHead(placed, block, mark);
    parts.push(placed, payload);
    footerOffset = at;
    at += placed.length + payload.length;
  }
  parts.push(encodeFileTrailer({ footerOffset, blockCount: blocks.length }, mark));
  return Buffer.concat(parts);
}

/** One block of another content or type, or gone, doubled, or in another one's place. */
export function corruptedFile(file: LooseFile, random: Random): LooseFile {
  const blocks = [...file.blocks];
  const at = Math.floor(random() * blocks.length);
  const block = blocks[at];
  const isFooter = block.type === FOOTER_TYPE;
  const how = random();
  if (how < 0.8 || isFooter) {
    // Of a large block most bytes are alike: its beginning says how long the rest is.
    const headBytes = random() < 0.5 ? block.payload.length : Math.min(64, block.payload.length);
    const changed = corrupted(block.payload.subarray(0, headBytes), random);
    const payload = Buffer.concat([changed, block.payload.subarray(headBytes)]);
    blocks[at] = { ...block, payload };
  } else if (how < 0.85) blocks[at] = { ...block, type: pick([1, 2, 3, 4, 5, 6, 99], random) };
  else if (how < 0.9) blocks.splice(at, 1);
  else if (how < 0.95) blocks.splice(at, 0, block);
  else {
    const other = Math.floor(random() * (blocks.length - 1));
    [blocks[at], blocks[other]] = [blocks[other], blocks[at]];
  }
  return { header: file.header, blocks };
}
