/**
 * Block files: what was written is read back, and a file in which anything was changed is refused.
 */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { AesGcmCipher, type BlockCipher, DataKeyUnknown } from "../../src/runtime/cipher.ts";
import { DiskError } from "../../src/runtime/disk.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { BlockFileKind } from "../../src/snapshot/block-file-format.ts";
import { BlockFileDamaged, BlockFileReader } from "../../src/snapshot/block-file-reader.ts";
import { BlockFileWriter } from "../../src/snapshot/block-file-writer.ts";

const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const PATH = "/data/file";
const header = {
  kind: BlockFileKind.keyspace,
  sequence: 7,
  madeAtMs: 1_700_000_000_000,
  part: 0,
};

interface Written {
  readonly disk: FakeDisk;
  readonly payloads: Buffer[];
  readonly offsets: number[];
}

async function write(sizes: readonly number[], cipher?: BlockCipher, sequence = 7) {
  const disk = new FakeDisk(seededRandom(seed));
  const writer = await BlockFileWriter.create(disk, PATH, { ...header, sequence }, cipher);
  const payloads = sizes.map((size, index) => Buffer.alloc(size, index + 1));
  const offsets: number[] = [];
  for (const payload of payloads) {
    const mine = Buffer.from(payload);
    offsets.push(await writer.append(5, mine));
    mine.fill(0);
  }
  const sizeBytes = await writer.finish(Buffer.from("the end"));
  expect(sizeBytes).toBe(disk.content(PATH).length);
  const written: Written = { disk, payloads, offsets };
  return written;
}

async function read(disk: FakeDisk, cipher?: BlockCipher, from?: number, to?: number) {
  const reader = await BlockFileReader.open(disk, PATH, BlockFileKind.keyspace, cipher);
  const payloads: Buffer[] = [];
  const stream = reader.blocks(from, to);
  for (let block = await stream.next(); block !== undefined; block = await stream.next()) {
    expect(block.type).toBe(5);
    payloads.push(Buffer.from(block.payload));
  }
  await reader.close();
  return { payloads, footer: reader.footer.toString(), header: reader.header };
}

function cipherOf(secret: number): AesGcmCipher {
  return new AesGcmCipher([{ id: 1, secret: Buffer.alloc(32, secret) }], 1, randomBytes);
}

describe(`block files (seed ${seed})`, () => {
  test("give back every block, in order, and the footer", async () => {
    const { disk, payloads } = await write([10, 0, 3_000_000, 5 * limits.blockBytesTarget, 1, 700]);
    expect(await read(disk)).toEqual({ payloads, footer: "the end", header });
  });

  test("can be read from any block to any other", async () => {
    const { disk, payloads, offsets } = await write([100, 200, 300, 400]);
    const part = await read(disk, undefined, offsets[1], offsets[3]);
    expect(part.payloads).toEqual(payloads.slice(1, 3));
    expect((await read(disk, undefined, offsets[2], offsets[2])).payloads).toEqual([]);
  });

  test("are sealed with a cipher, and opened only by its key", async () => {
    const cipher = cipherOf(1);
    const { disk, payloads } = await write([1000, 2000], cipher);
    expect(disk.content(PATH).includes(Buffer.alloc(50, 1))).toBe(false);
    expect(disk.content(PATH).includes("the end")).toBe(false);
    expect((await read(disk, cipher)).payloads).toEqual(payloads);
    await expect(read(disk, cipherOf(2))).rejects.toThrow(BlockFileDamaged);
    await expect(read(disk)).rejects.toThrow(DataKeyUnknown);
  });

  test("no plain block is taken where all should be sealed", async () => {
    const { disk } = await write([1000]);
    await expect(read(disk, cipherOf(1))).rejects.toThrow("not sealed");
    const { keyspace } = BlockFileKind;
    const reader = await BlockFileReader.open(disk, PATH, keyspace, cipherOf(1), true);
    expect((await reader.blocks().next())?.payload.length).toBe(1000);
  });

  test("a flipped bit at every byte is found", async () => {
    for (const cipher of [undefined, cipherOf(1)]) {
      const { disk } = await write([30, 0, 90, 61], cipher);
      const whole = Buffer.from(disk.content(PATH));
      const random = seededRandom(seed);
      for (let at = 0; at < whole.length; at += 1) {
        const flipped = Buffer.from(whole);
        flipped[at] ^= 1 << Math.floor(random.fraction() * 8);
        const bad = new FakeDisk(random);
        bad.place(PATH, flipped);
        await expect(read(bad, cipher), `byte ${at}`).rejects.toThrow(BlockFileDamaged);
      }
    }
  });

  test("a file cut at any byte, or with bytes behind it, is refused", async () => {
    const { disk } = await write([30, 0, 90]);
    const whole = Buffer.from(disk.content(PATH));
    for (let length = 0; length < whole.length; length += 1) {
      const bad = new FakeDisk(seededRandom(1));
      bad.place(PATH, whole.subarray(0, length));
      await expect(read(bad), `${length} bytes`).rejects.toThrow(BlockFileDamaged);
    }
    const bad = new FakeDisk(seededRandom(1));
    bad.place(PATH, Buffer.concat([whole, Buffer.alloc(1)]));
    await expect(read(bad)).rejects.toThrow(BlockFileDamaged);
  });

  test("a block of another file, or two that changed places, are refused", async () => {
    const { disk, offsets } = await write([64, 64, 64]);
    const other = await write([64, 64, 64], undefined, 8);
    const whole = Buffer.from(disk.content(PATH));
    const length = offsets[1] - offsets[0];
    const foreign = Buffer.from(whole);
    other.disk.content(PATH).copy(foreign, offsets[1], offsets[1], offsets[2]);
    const swapped = Buffer.from(whole);
    whole.copy(swapped, offsets[0], offsets[1], offsets[1] + length);
    whole.copy(swapped, offsets[1], offsets[0], offsets[0] + length);
    for (const [bytes, reason] of [
      [foreign, "another file's"],
      [swapped, "stands where block 0 must be"],
    ] as const) {
      const bad = new FakeDisk(seededRandom(1));
      bad.place(PATH, bytes);
      await expect(read(bad)).rejects.toThrow(reason);
    }
  });

  test("a declared length allocates nothing that the file has not", async () => {
    expect(limits.blockBytesMax).toBeGreaterThan(limits.argumentBytesMax * 2);
    const { disk } = await write([64]);
    const whole = Buffer.from(disk.content(PATH));
    const { writeBlockHead, fileMarkOf } = await import("../../src/snapshot/block-file-format.ts");
    const head = { payloadBytes: 0xffffffff, number: 0, type: 5, keyId: 0, payloadCrc: 0 };
    writeBlockHead(whole.subarray(64), head, fileMarkOf(whole));
    const bad = new FakeDisk(seededRandom(1));
    bad.place(PATH, whole);
    await expect(read(bad)).rejects.toThrow("goes on behind its end");
  });

  test("a failure of the disk at any call is told, and leaves no whole file", async () => {
    for (let failing = 1; ; failing += 1) {
      const disk = new FakeDisk(seededRandom(seed));
      let isHit = false;
      disk.disturb = (call) => {
        isHit ||= call === failing;
        return call === failing ? "EIO" : undefined;
      };
      const work = async (): Promise<void> => {
        const writer = await BlockFileWriter.create(disk, PATH, header, undefined);
        try {
          for (let index = 0; index < 12; index += 1) await writer.append(5, Buffer.alloc(1 << 20));
          await writer.finish(Buffer.alloc(3));
        } catch (failure) {
          await writer.abandon();
          throw failure;
        }
      };
      if (
        !(await work().then(
          () => false,
          (failure) => failure instanceof DiskError,
        ))
      ) {
        expect(isHit).toBe(false);
        break;
      }
      disk.disturb = () => undefined;
      if (!(await disk.exists(PATH))) continue;
      // A failed sync at the very end leaves all bytes: its caller does not rename the file.
      await read(disk).catch((failure) => expect(failure).toBeInstanceOf(BlockFileDamaged));
    }
  });
});
