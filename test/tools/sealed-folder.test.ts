/**
 * Tools on an encrypted folder: with its key they find what somebody changed who mended every
 * checksum, and cut there; without it they say what is missing and change nothing.
 */
import { describe, expect, test } from "vitest";
import { crc32c } from "../../src/base/crc32c.ts";
import { KeyRingDamaged } from "../../src/keys/key-ring.ts";
import { KeyRefused } from "../../src/keys/master-key.ts";
import { restoreFolder } from "../../src/node/restore-folder.ts";
import type { World } from "../../src/node/world.ts";
import type { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { checkFolder } from "../../src/tools/check-folder.ts";
import { withFolder } from "../../src/tools/folder.ts";
import { repairTail } from "../../src/tools/repair-tail.ts";
import { goldenKeys, goldenSegmentBytes } from "../log/golden-log.ts";
import { LOG_FOLDER } from "../support/log-records.ts";
import { GOLDEN_MASTER_KEY, smallSealedLog } from "../support/small-log.ts";

const progress = () => undefined;
const folder = LOG_FOLDER;
const RING = `${LOG_FOLDER}/keys.json`;

function check(world: World, masterKey: typeof GOLDEN_MASTER_KEY | undefined = GOLDEN_MASTER_KEY) {
  return checkFolder(world, {
    folder,
    databaseCount: 16,
    memoryBytes: 2 ** 30,
    masterKey,
    progress,
  });
}

function repair(world: World, isAgreed: boolean, masterKey = GOLDEN_MASTER_KEY) {
  const settings = { folder, databaseCount: 16, isAgreed, masterKey };
  return repairTail(world, { ...settings, say: progress, progress });
}

function start(world: World) {
  const settings = { folder, databaseCount: 16, segmentBytes: goldenSegmentBytes, say: progress };
  const masterKey = GOLDEN_MASTER_KEY;
  return withFolder(world, { ...settings, masterKey }, async ({ tail }) => tail.sequence);
}

function contents(disk: FakeDisk): [string, string][] {
  return disk.paths().map((path) => [path, disk.content(path).toString("hex")]);
}

/** Changes a byte of the last record's payload, and mends what can be mended without a key. */
function tamper(disk: FakeDisk): string {
  const path = disk.paths().findLast((name) => name.includes("segment-")) ?? "";
  const bytes = disk.content(path);
  const length = bytes.readUInt32LE(512 + 36);
  const record = bytes.subarray(512, 512 + 96 + length + 8);
  record[96 + 30] ^= 1;
  record.writeUInt32LE(crc32c(record, 0, record.length - 8), record.length - 8);
  return path;
}

describe("a sealed folder", () => {
  test("is sound with its key, and can be recovered", async () => {
    const { disk, world } = smallSealedLog();
    const before = contents(disk);
    const report = await check(world);
    expect(report).toMatchObject({ damages: [], notes: [] });
    expect(report.log).toMatchObject({ epoch: 2, keyCount: goldenKeys.length });
    expect(contents(disk)).toEqual(before);
    expect((await repair(world, true)).plan).toBeUndefined();
    expect(await start(world)).toBe(report.log.lastSequence);
  });

  test("tells what somebody changed who mended the checksums, and is cut there", async () => {
    const { disk, world } = smallSealedLog();
    const path = tamper(disk);
    const { damages } = await check(world);
    expect(damages).toMatchObject([{ file: path, offset: 512 }]);
    expect(damages[0].what).toContain("it was tampered with");
    await expect(start(world)).rejects.toThrow("it was tampered with");
    const { plan } = await repair(world, true);
    expect(plan).toMatchObject({ offset: 512, lost: { effectCount: expect.any(Number) } });
    expect(await start(world)).toBe(plan?.lastSequence);
    expect((await check(world)).damages).toEqual([]);
  });

  test("is refused without its key, with another, with a ring that is damaged", async () => {
    const { disk, world } = smallSealedLog();
    const before = contents(disk);
    const nothing = { file: "", command: "" };
    await expect(check(world, nothing)).rejects.toThrow(KeyRefused);
    await expect(repair(world, true, nothing)).rejects.toThrow("say where its master key is");
    const absent = { file: "/absent", command: "" };
    await expect(check(world, absent)).rejects.toThrow("cannot be read: ENOENT");
    disk.content(RING)[200] ^= 4;
    await expect(repair(world, true)).rejects.toThrow(KeyRingDamaged);
    disk.content(RING)[200] ^= 4;
    expect(contents(disk)).toEqual(before);
  });

  test("is restored to a moment with its ring, and only with its key", async () => {
    const { disk, world } = smallSealedLog();
    const target = { kind: "sequence", sequence: 6 } as const;
    const settings = { from: folder, target, databaseCount: 16, say: progress, progress };
    const refused = restoreFolder(world, { ...settings, into: "/refused" });
    await expect(refused).rejects.toThrow("say where its master key is");
    const masterKey = GOLDEN_MASTER_KEY;
    const restored = await restoreFolder(world, { ...settings, into: "/into", masterKey });
    expect(restored.sequence).toBe(6);
    const wanted = {
      folder: "/into",
      databaseCount: 16,
      memoryBytes: 2 ** 30,
      masterKey,
      progress,
    };
    const report = await checkFolder(world, wanted);
    expect(report).toMatchObject({ damages: [], log: { lastSequence: 6 } });
    expect(disk.paths()).toContain("/into/keys.json");
    expect(disk.paths()).not.toContain("/refused/keys.json");
  });

  test("whose ring is lost is refused, and repair does not take it for damage", async () => {
    const { disk, world } = smallSealedLog();
    await disk.remove(RING);
    const before = contents(disk);
    await expect(check(world)).rejects.toThrow("put the file keys.json back");
    await expect(repair(world, true)).rejects.toThrow("put the file keys.json back");
    await expect(start(world)).rejects.toThrow("put the file keys.json back");
    expect(contents(disk)).toEqual(before);
  });
});
