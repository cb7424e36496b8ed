/**
 * An encrypted log: what the appender sealed is read back, and whoever can write the files, and
 * mends every checksum and the chain behind what they changed, is found out.
 */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { crc32c } from "../../src/base/crc32c.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { Appender } from "../../src/log/appender.ts";
import { LogDamaged, type LogKeys, LogUnfit } from "../../src/log/log-driver.ts";
import { CHAIN_START, RECORD_HEADER_BYTES, readHeader } from "../../src/log/record-format.ts";
import { AesGcmCipher, SEAL_OVERHEAD_BYTES } from "../../src/runtime/cipher.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { FakeWorld, seededRandom } from "../../src/runtime/fake-world.ts";
import { sha256 } from "../../src/runtime/hashing.ts";
import { openDriver, readBack, seal, writeLog } from "../support/log-records.ts";

const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const SEGMENT_BYTES = 16 * 1024;
const SECRET_WORD = "correct horse battery staple";

function cipherOf(...ids: number[]): AesGcmCipher {
  const keys = ids.map((id) => ({ id, secret: Buffer.alloc(32, id) }));
  return new AesGcmCipher(keys, ids[ids.length - 1], randomBytes);
}

function keysOf(cipher: AesGcmCipher | undefined, sealedFrom = 1): LogKeys {
  return { cipher, sealedFrom, open: async () => undefined };
}

/** What an appender with that cipher makes of words, as records. */
async function recordsOf(
  cipher: AesGcmCipher,
  words: readonly string[],
): Promise<Buffer<ArrayBuffer>[]> {
  const records: Buffer<ArrayBuffer>[] = [];
  const append = async (_: number, record: Buffer) => void records.push(Buffer.from(record));
  const appender = new Appender({
    driver: { append, shortage: undefined, onFailure: () => undefined },
    shard: 0,
    writerId: Buffer.alloc(8, 1),
    soon: setImmediate,
    monotonicMs: () => performance.now(),
    nowMs: () => 0,
  });
  await appender.claim({ sequence: 0, chain: CHAIN_START, epoch: 0 }, cipher);
  for (const value of words) {
    appender.appendUnit([{ id: EffectId.stringSet, database: 0, key: "key", value, expiryMs: 0 }]);
    await appender.drain();
  }
  return records;
}

async function diskWith(records: readonly Buffer[]): Promise<FakeDisk> {
  const disk = new FakeDisk(seededRandom(seed));
  await writeLog(disk, SEGMENT_BYTES, records);
  return disk;
}

/** Mends what can be mended without a key: the checksums of one record and all behind it. */
function mend(records: Buffer[], from: number): void {
  for (const [index, record] of records.entries()) {
    if (index < from) continue;
    if (index > from) sha256(records[index - 1]).copy(record, 56);
    record.writeUInt32LE(crc32c(record, 0, 88), 88);
    record.writeUInt32LE(crc32c(record, 0, record.length - 8), record.length - 8);
  }
}

const copied = (records: readonly Buffer[]): Buffer[] =>
  records.map((record) => Buffer.from(record));

describe(`an encrypted log (seed ${seed})`, () => {
  test("gives back what was appended, and shows none of it", async () => {
    const cipher = cipherOf(1);
    const records = await recordsOf(cipher, [SECRET_WORD, "other"]);
    const disk = await diskWith(records);
    for (const path of disk.paths()) {
      expect(disk.content(path).includes(SECRET_WORD)).toBe(false);
    }
    const read = await readBack(disk, SEGMENT_BYTES, keysOf(cipher));
    expect(read.sequence).toBe(3);
    expect(read.payloads[1].includes(SECRET_WORD)).toBe(true);
    expect(records[1].length - read.payloads[1].length - SEAL_OVERHEAD_BYTES).toBe(104);
    expect(read.payloads[0].length).toBe(0);
  });

  test("may begin behind plain records, in the middle of a segment", async () => {
    const plain = seal({ sequence: 1, previous: CHAIN_START, payload: Buffer.from("plain") });
    const disk = await diskWith([plain]);
    const cipher = cipherOf(1);
    const keys = keysOf(cipher, 2);
    const driver = openDriver(disk, SEGMENT_BYTES, new FakeWorld(), keys);
    const { tail } = await driver.open(() => undefined);
    const appender = new Appender({
      driver,
      shard: 0,
      writerId: Buffer.alloc(8, 1),
      soon: setImmediate,
      monotonicMs: () => 0,
      nowMs: () => 0,
    });
    await appender.claim(tail, cipher);
    await driver.close();
    const read = await readBack(disk, SEGMENT_BYTES, keys);
    expect(read.payloads.map(String)).toEqual(["plain", ""]);
    expect(read.sequence).toBe(2);
  });

  test("goes on with the new key after a rotation", async () => {
    const cipher = cipherOf(1);
    const first = await recordsOf(cipher, ["a"]);
    const header = readHeader(first[1], 0);
    expect(header).toMatchObject({ keyId: 1, sequence: 2 });
    cipher.add({ id: 2, secret: Buffer.alloc(32, 2) });
    cipher.use(2);
    expect(readHeader((await recordsOf(cipher, ["a"]))[1], 0)).toMatchObject({ keyId: 2 });
  });

  test("is refused without keys, and with a ring that lacks one", async () => {
    const disk = await diskWith(await recordsOf(cipherOf(3), ["a"]));
    const before = disk.paths().map((path) => [path, Buffer.from(disk.content(path))]);
    for (const keys of [undefined, keysOf(undefined, Number.POSITIVE_INFINITY)]) {
      const reading = readBack(disk, SEGMENT_BYTES, keys);
      await expect(reading).rejects.toBeInstanceOf(LogUnfit);
      await expect(readBack(disk, SEGMENT_BYTES, keys)).rejects.toThrow("its key ring is not in");
    }
    const other = readBack(disk, SEGMENT_BYTES, keysOf(cipherOf(1)));
    await expect(other).rejects.toThrow("data key 3 is not in the key ring");
    expect(disk.paths().map((path) => [path, disk.content(path)])).toEqual(before);
  });

  test("another key under the same number opens nothing", async () => {
    const disk = await diskWith(await recordsOf(cipherOf(1), ["a"]));
    const other = new AesGcmCipher([{ id: 1, secret: Buffer.alloc(32, 9) }], 1, randomBytes);
    await expect(readBack(disk, SEGMENT_BYTES, keysOf(other))).rejects.toBeInstanceOf(LogDamaged);
  });
});

describe(`whoever mends the checksums is found out (seed ${seed})`, () => {
  test.each([1, 2, 3])("at every byte of record %i of 4", async (index) => {
    const cipher = cipherOf(1);
    const records = await recordsOf(cipher, ["first", SECRET_WORD, "last"]);
    let cutCount = 0;
    for (let at = 0; at < records[index].length - 8; at += 1) {
      const changed = copied(records);
      changed[index][at] ^= 1 << (at % 8);
      mend(changed, index);
      // What is mended back to what it was, the two checksums, is no change.
      if (changed[index].equals(records[index])) continue;
      const disk = await diskWith(changed);
      try {
        const { sequence, torn } = await readBack(disk, SEGMENT_BYTES, keysOf(cipher));
        // The newest record can be made to look as if its writing had never ended. It is not read.
        expect([index, sequence, torn === undefined], `byte ${at}`).toEqual([3, 3, false]);
        cutCount += 1;
      } catch (failure) {
        // A version that is not known yet is refused too, but nothing may be cut from it.
        const isNewer = at === 4 || at === 5;
        expect(failure, `byte ${at}`).toBeInstanceOf(isNewer ? Error : LogDamaged);
      }
    }
    expect(cutCount).toBeLessThan(16);
  });

  test("where two payloads of the same length change places", async () => {
    const cipher = cipherOf(1);
    const records = await recordsOf(cipher, ["aaaa", "bbbb"]);
    const changed = copied(records);
    const length = records[1].length - 8;
    records[2].copy(changed[1], RECORD_HEADER_BYTES, RECORD_HEADER_BYTES, length);
    records[1].copy(changed[2], RECORD_HEADER_BYTES, RECORD_HEADER_BYTES, length);
    mend(changed, 1);
    const reading = readBack(await diskWith(changed), SEGMENT_BYTES, keysOf(cipher));
    await expect(reading).rejects.toThrow("record 2: it was tampered with");
  });

  test("where a record is forged that is plain, in the middle and at the end", async () => {
    const cipher = cipherOf(1);
    const records = await recordsOf(cipher, ["a", "b"]);
    for (const index of [1, 2]) {
      const changed = copied(records);
      changed[index] = seal({
        sequence: index + 1,
        previous: sha256(records[index - 1]),
        payload: Buffer.from("forged"),
      });
      mend(changed, index);
      const reading = readBack(await diskWith(changed), SEGMENT_BYTES, keysOf(cipher));
      await expect(reading).rejects.toThrow(`record ${index + 1} is not encrypted`);
    }
  });

  test("where a record of another history has its place", async () => {
    const cipher = cipherOf(1);
    const records = await recordsOf(cipher, ["a", "b"]);
    const others = await recordsOf(cipher, ["A", "B"]);
    const changed = copied([records[0], records[1], others[2]]);
    sha256(records[1]).copy(changed[2], 56);
    mend(changed, 2);
    const reading = readBack(await diskWith(changed), SEGMENT_BYTES, keysOf(cipher));
    await expect(reading).rejects.toThrow("record 3: it was tampered with");
  });
});

describe(`an encrypted log's tail (seed ${seed})`, () => {
  test("torn at any byte it is cut, and what is written again has another nonce", async () => {
    const cipher = cipherOf(1);
    const records = await recordsOf(cipher, ["a", SECRET_WORD]);
    const whole = await diskWith(records);
    const [path] = whole.paths().filter((name) => name.includes("segment-"));
    const content = whole.content(path);
    const start = content.indexOf(records[2]);
    for (let written = 1; written < records[2].length; written += 1) {
      const torn = Buffer.from(content);
      torn.fill(0, start + written, start + records[2].length);
      const disk = new FakeDisk(seededRandom(seed));
      disk.place(path, torn);
      const read = await readBack(disk, SEGMENT_BYTES, keysOf(cipherOf(1)));
      expect(read, `${written} bytes`).toMatchObject({ sequence: 2 });
      expect(read.torn?.offset).toBe(start);
    }
    const again = await recordsOf(cipherOf(1), ["a", SECRET_WORD]);
    expect(again[2].subarray(96, 120)).not.toEqual(records[2].subarray(96, 120));
  });

  test("a large record lets the event loop go on while it is sealed", async () => {
    const cipher = cipherOf(1);
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    const sealed = recordsOf(cipher, ["x".repeat(4 * 1024 * 1024)]);
    setImmediate(count);
    const records = await sealed;
    isDone = true;
    expect(turns).toBeGreaterThan(14);
    const read = await readBack(await diskWith(records), SEGMENT_BYTES, keysOf(cipher));
    expect(read.payloads[1].length).toBeGreaterThan(4 * 1024 * 1024);
  });
});
