/**
 * The care for keys while a node runs: which files keep a key, and what becomes of a failure.
 */
import { describe, expect, test } from "vitest";
import { FolderKeys } from "../../src/keys/folder-keys.ts";
import { KeyCare } from "../../src/node/key-care.ts";
import { AesGcmCipher } from "../../src/runtime/cipher.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { FakeWorld, seededRandom } from "../../src/runtime/fake-world.ts";
import { BlockFileKind } from "../../src/snapshot/block-file-format.ts";
import { BlockFileWriter } from "../../src/snapshot/block-file-writer.ts";
import { keepingLogger, type LogLine } from "../support/fake-node.ts";
import { FakeSecrets, masterKeyOf } from "../support/secrets.ts";

const FOLDER = "/data";
const SNAPSHOT = `${FOLDER}/snapshot-00000000000000000100.snap`;
const master = { file: "/key", command: "" };

/** A folder with two data keys, of which no record that is kept needs the first. */
async function rotated() {
  const disk = new FakeDisk(seededRandom(1));
  const world = new FakeWorld();
  const lines: LogLine[] = [];
  const logger = keepingLogger(lines);
  const secrets = new FakeSecrets();
  secrets.files.set(master.file, masterKeyOf(1));
  const nowMs = () => world.nowMs();
  const keys = new FolderKeys({ disk, folder: FOLDER, secrets, nowMs, logger, master });
  await keys.open();
  await keys.begin(0);
  const [firstKey] = keys.cipher?.keys ?? [];
  await keys.rotate(master, () => 50);
  disk.place(`${FOLDER}/segment-00000000000000000051.log`, Buffer.alloc(1024));
  const bounds = { ageMaxMs: 0, sealedBytesMax: 0 };
  const care = new KeyCare({
    disk,
    folder: FOLDER,
    timers: world,
    logger,
    keys,
    bounds: () => bounds,
    newestSequence: () => 60,
  });
  /** Each second's work ends before the next one begins. */
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      world.advance(1000);
      await care.whenIdle();
    }
  };
  return { disk, keys, care, pass, bounds, lines, firstKey };
}

async function placeSnapshot(disk: FakeDisk, cipher: AesGcmCipher | undefined): Promise<void> {
  const header = { kind: BlockFileKind.keyspace, sequence: 100, madeAtMs: 0 };
  const writer = await BlockFileWriter.create(disk, SNAPSHOT, header, cipher);
  await writer.finish(Buffer.from("the end"));
}

describe("a key that no record needs", () => {
  test("is dropped by the first look", async () => {
    const { keys, care, pass } = await rotated();
    await care.start();
    expect(keys.keyCount).toBe(2);
    await pass(1);
    expect(keys.keyCount).toBe(1);
  });

  test("is kept for a snapshot that needs it, and goes with that one", async () => {
    const { disk, keys, care, pass, firstKey } = await rotated();
    await placeSnapshot(disk, new AesGcmCipher([firstKey], 1, new FakeSecrets().randomBytes));
    await care.start();
    await pass(1);
    expect(keys.keyCount).toBe(2);
    await disk.remove(SNAPSHOT);
    await pass(61);
    expect(keys.keyCount).toBe(1);
  });

  test("is kept for a snapshot that cannot be read, and for what was cut off and kept", async () => {
    const { disk, keys, care, pass } = await rotated();
    disk.place(SNAPSHOT, Buffer.alloc(500));
    await care.start();
    await pass(1);
    await disk.remove(SNAPSHOT);
    disk.place(`${FOLDER}/cut-after-7-1-segment-00000000000000000008.log`, Buffer.alloc(500));
    await pass(61);
    expect(keys.keyCount).toBe(2);
  });

  test("is not needed by a snapshot that is plain or has the present key", async () => {
    for (const isSealed of [true, false]) {
      const { disk, keys, care, pass } = await rotated();
      await placeSnapshot(disk, isSealed ? keys.cipher : undefined);
      await care.start();
      expect(care.plainSnapshotCount).toBe(isSealed ? 0 : 1);
      await pass(1);
      expect(keys.keyCount).toBe(1);
    }
  });
});

test("a failure is told once, and tried again a minute later", async () => {
  const { disk, keys, care, pass, bounds, lines } = await rotated();
  await care.start();
  await pass(1);
  bounds.ageMaxMs = 1;
  disk.disturb = (_call, what) => (what === "write" ? "ENOSPC" : undefined);
  await pass(30);
  expect(lines.filter(({ message }) => message.includes("not seen to"))).toHaveLength(1);
  expect(keys.cipher?.keyId).toBe(2);
  disk.disturb = () => undefined;
  bounds.ageMaxMs = 30_000;
  await pass(40);
  expect(keys.cipher?.keyId).toBe(3);
  await care.stop();
  await pass(600);
  expect(keys.cipher?.keyId).toBe(3);
});
