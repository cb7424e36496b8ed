/**
 * Sealed files of snapshots: whoever can write them, and mends every checksum and mark, is found
 * out; and a file says which data key it needs.
 */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { crc32c } from "../../src/base/crc32c.ts";
import { AesGcmCipher } from "../../src/runtime/cipher.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import {
  BLOCK_HEAD_BYTES,
  type BlockFileHeader,
  BlockFileKind,
  decodeFileTrailer,
  encodeFileHeader,
  encodeFileTrailer,
  FILE_HEADER_BYTES,
  FILE_TRAILER_BYTES,
  fileMarkOf,
  readBlockHead,
  writeBlockHead,
} from "../../src/snapshot/block-file-format.ts";
import { BlockFileDamaged, BlockFileReader } from "../../src/snapshot/block-file-reader.ts";
import { BlockFileWriter } from "../../src/snapshot/block-file-writer.ts";
import { sealingKeyOf } from "../../src/snapshot/sealing-key.ts";

const PATH = "/file";
const header = { kind: BlockFileKind.graph, sequence: 7, madeAtMs: 1_700_000_000_000, part: 0 };
const cipherOf = (id: number) =>
  new AesGcmCipher([{ id, secret: Buffer.alloc(32, id) }], id, randomBytes);
const cipher = cipherOf(1);

async function written(file: BlockFileHeader, word: string, by = cipher): Promise<Buffer> {
  const disk = new FakeDisk(seededRandom(1));
  const writer = await BlockFileWriter.create(disk, PATH, file, by);
  for (const number of [1, 2, 3]) await writer.append(1, Buffer.from(`${word} ${number}`));
  await writer.finish(Buffer.from(`${word} ends`));
  return disk.content(PATH);
}

function placed(bytes: Buffer): FakeDisk {
  const disk = new FakeDisk(seededRandom(1));
  disk.place(PATH, bytes);
  return disk;
}

async function readAll(bytes: Buffer): Promise<string[]> {
  const reader = await BlockFileReader.open(placed(bytes), PATH, BlockFileKind.graph, cipher);
  try {
    const words: string[] = [];
    const stream = reader.blocks();
    for (let block = await stream.next(); block !== undefined; block = await stream.next()) {
      words.push(block.payload.toString());
    }
    return words;
  } finally {
    await reader.close();
  }
}

interface Piece {
  readonly offset: number;
  readonly end: number;
}

function piecesOf(bytes: Buffer): Piece[] {
  const pieces: Piece[] = [];
  const end = bytes.length - FILE_TRAILER_BYTES;
  for (let offset = FILE_HEADER_BYTES; offset < end; ) {
    const head = readBlockHead(bytes, offset, fileMarkOf(bytes));
    if (typeof head === "string") throw new Error(head);
    const next = offset + BLOCK_HEAD_BYTES + head.payloadBytes;
    pieces.push({ offset, end: next });
    offset = next;
  }
  return pieces;
}

/** What can be mended without a key: marks and checksums of the header, of blocks, of the end. */
function mended(bytes: Buffer, change: Partial<BlockFileHeader> = {}): Buffer {
  const pieces = piecesOf(bytes);
  const oldMark = fileMarkOf(bytes);
  const trailer = decodeFileTrailer(bytes.subarray(-FILE_TRAILER_BYTES), oldMark);
  if (typeof trailer === "string") throw new Error(trailer);
  const result = Buffer.from(bytes);
  const head = encodeFileHeader({ ...header, ...change });
  head.copy(result, 0);
  const mark = fileMarkOf(head);
  for (const { offset, end } of pieces) {
    const block = readBlockHead(bytes, offset, oldMark);
    if (typeof block === "string") throw new Error(block);
    const payloadCrc = crc32c(bytes, offset + BLOCK_HEAD_BYTES, end);
    writeBlockHead(result.subarray(offset), { ...block, payloadCrc }, mark);
  }
  encodeFileTrailer(trailer, mark).copy(result, bytes.length - FILE_TRAILER_BYTES);
  return result;
}

describe("a sealed file, whose checksums are mended", () => {
  test("is read as long as nothing was changed", async () => {
    const words = await readAll(mended(await written(header, "ours")));
    expect(words).toEqual(["ours 1", "ours 2", "ours 3"]);
  });

  test("is damaged where any byte of a block's payload was changed", async () => {
    const whole = await written(header, "ours");
    for (const { offset, end } of piecesOf(whole)) {
      for (let at = offset + BLOCK_HEAD_BYTES; at < end; at += 1) {
        const changed = Buffer.from(whole);
        changed[at] ^= 1;
        await expect(readAll(mended(changed)), `byte ${at}`).rejects.toThrow(BlockFileDamaged);
      }
    }
  });

  test.each([
    ["its sequence", { sequence: 8 }],
    ["its time", { madeAtMs: 1_700_000_000_001 }],
    ["its part", { part: 1 }],
  ])("is damaged where %s was changed", async (_what, change) => {
    const changed = mended(await written(header, "ours"), change);
    await expect(readAll(changed)).rejects.toThrow(BlockFileDamaged);
  });

  test.each([
    ["another graph of the same snapshot", { ...header, part: 1 }],
    ["another snapshot", { ...header, sequence: 8 }],
  ])("is damaged where a block of %s stands in it", async (_what, other) => {
    const ours = await written(header, "ours");
    const theirs = await written(other, "them");
    const { offset, end } = piecesOf(ours)[1];
    const changed = Buffer.from(ours);
    theirs.copy(changed, offset + BLOCK_HEAD_BYTES, offset + BLOCK_HEAD_BYTES, end);
    await expect(readAll(mended(changed))).rejects.toThrow(BlockFileDamaged);
  });

  test("is damaged where two of its blocks changed places", async () => {
    const ours = await written(header, "ours");
    const [first, second] = piecesOf(ours);
    const changed = Buffer.from(ours);
    ours.copy(
      changed,
      first.offset + BLOCK_HEAD_BYTES,
      second.offset + BLOCK_HEAD_BYTES,
      second.end,
    );
    await expect(readAll(mended(changed))).rejects.toThrow(BlockFileDamaged);
  });
});

describe("the data key of a file", () => {
  test("is told: 0 of a plain one", async () => {
    const sealed = await written(header, "ours", cipherOf(5));
    expect(await sealingKeyOf(placed(sealed), PATH)).toBe(5);
    const disk = new FakeDisk(seededRandom(1));
    const writer = await BlockFileWriter.create(disk, PATH, header, undefined);
    await writer.finish(Buffer.from("plain"));
    expect(await sealingKeyOf(disk, PATH)).toBe(0);
  });

  test("is not known of what is no whole file, nor of none", async () => {
    const sealed = await written(header, "ours");
    for (let length = 0; length < sealed.length; length += 7) {
      expect(await sealingKeyOf(placed(sealed.subarray(0, length)), PATH)).toBeUndefined();
    }
    expect(await sealingKeyOf(new FakeDisk(seededRandom(1)), PATH)).toBeUndefined();
  });

  test("is the one that it was begun with, where keys change while it is written", async () => {
    const own = cipherOf(1);
    const disk = new FakeDisk(seededRandom(1));
    const writer = await BlockFileWriter.create(disk, PATH, header, own);
    await writer.append(1, Buffer.from("before"));
    own.add({ id: 2, secret: Buffer.alloc(32, 2) });
    own.use(2);
    await writer.append(1, Buffer.from("behind"));
    await writer.finish(Buffer.from("end"));
    expect(await sealingKeyOf(disk, PATH)).toBe(1);
    expect(await readAll(disk.content(PATH))).toEqual(["before", "behind"]);
  });
});
