/**
 * `repair --cut-tail` in a folder with snapshots: what a snapshot has is not lost with the records
 * that it was made of, and damage that no start meets is left alone.
 */
import { describe, expect, it } from "vitest";
import { segmentsBehind } from "../../src/log/segment-scan.ts";
import type { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { checkFolder } from "../../src/tools/check-folder.ts";
import { withFolder } from "../../src/tools/folder.ts";
import { repairTail } from "../../src/tools/repair-tail.ts";
import { LOG_FOLDER } from "../support/log-records.ts";
import { worldOn } from "../support/small-log.ts";
import { snapshotDisk, snapshotFolder } from "../support/trimmed-folder.ts";

const quiet = () => undefined;
const repair = (disk: FakeDisk) =>
  repairTail(worldOn(disk), {
    folder: LOG_FOLDER,
    databaseCount: 16,
    isAgreed: true,
    say: quiet,
    progress: quiet,
  });
const check = (disk: FakeDisk) =>
  checkFolder(worldOn(disk), {
    folder: LOG_FOLDER,
    databaseCount: 16,
    memoryBytes: 2 ** 30,
    progress: quiet,
  });
const start = (disk: FakeDisk) =>
  withFolder(
    worldOn(disk),
    { folder: LOG_FOLDER, databaseCount: 16, say: quiet },
    async ({ keyspace, tail }) => [tail.sequence, keyspace.keyCount(0)],
  );

function damage(disk: FakeDisk, path: string, at: number): void {
  const bytes = Buffer.from(disk.content(path));
  bytes[at] ^= 1;
  disk.place(path, bytes);
}

/** The segment that a start reads first, and what is there of sequences. */
async function firstNeeded(): Promise<{ path: string; sequence: number; last: number }> {
  const { snapshots, log } = await check(await snapshotDisk());
  const sequence = snapshots.at(-1)?.sequence ?? 0;
  const paths = [...(await snapshotFolder()).files.keys()];
  const names = paths.map((path) => path.slice(LOG_FOLDER.length + 1));
  const segments = names.filter((name) => name.startsWith("segment-"));
  const [name] = segmentsBehind(segments, sequence);
  return { path: `${LOG_FOLDER}/${name}`, sequence, last: log.lastSequence };
}

describe("damage that a snapshot has the data of", () => {
  it("costs no record behind it, wherever in the segment it is", async () => {
    const { keyCounts } = await snapshotFolder();
    const { path, sequence, last } = await firstNeeded();
    for (const at of [3, 600, 1500]) {
      const disk = await snapshotDisk();
      damage(disk, path, at);
      await expect(start(disk)).rejects.toThrow("damaged");
      const { plan, kept } = await repair(disk);
      expect(plan?.renewal?.known.sequence).toBe(sequence);
      expect(kept).toHaveLength(1);
      expect(await start(disk)).toEqual([last, keyCounts[2]]);
      expect((await check(disk)).damages).toEqual([]);
      expect(await repair(disk)).toEqual({ plan: undefined, kept: [] });
    }
  });

  it("may be repaired in spite of interruptions, which leave it damaged or mended", async () => {
    const { keyCounts } = await snapshotFolder();
    const { path, last } = await firstNeeded();
    for (let call = 1; ; call += 1) {
      const disk = await snapshotDisk();
      damage(disk, path, 600);
      const first = disk.callCount;
      disk.disturb = (number) => (number - first >= call ? "EIO" : undefined);
      const failed = await repair(disk).then(
        () => false,
        () => true,
      );
      disk.disturb = () => undefined;
      disk.losePower();
      const started = await start(disk).catch(() => undefined);
      if (started === undefined) {
        await repair(disk);
        expect(await start(disk), `call ${call}`).toEqual([last, keyCounts[2]]);
      } else expect(started, `call ${call}`).toEqual([last, keyCounts[2]]);
      if (!failed) break;
    }
  }, 60_000);
});

it("damage behind the snapshot is cut, and the snapshot stays", async () => {
  const { sequence, last } = await firstNeeded();
  const disk = await snapshotDisk();
  const [path] = disk
    .paths()
    .filter((name) => name.includes("segment-"))
    .slice(-1);
  damage(disk, path, 700);
  const { plan } = await repair(disk);
  expect(plan?.lastSequence).toBeGreaterThanOrEqual(sequence);
  expect(plan?.lastSequence).toBeLessThan(last);
  expect((await start(disk))[0]).toBe(plan?.lastSequence);
  expect((await check(disk)).damages).toEqual([]);
});

it("damage below the snapshot, which no start meets, is left alone", async () => {
  const { path } = await firstNeeded();
  const disk = await snapshotDisk();
  const below = disk.paths().filter((name) => name.includes("segment-") && name < path);
  for (const each of below) damage(disk, each, 700);
  expect(await repair(disk)).toEqual({ plan: undefined, kept: [] });
});

it("missing segments are refused: no cut brings back what a snapshot goes on with", async () => {
  const { path } = await firstNeeded();
  const disk = await snapshotDisk();
  const paths = disk.paths().filter((name) => name.includes("segment-"));
  for (const each of paths.filter((name) => name >= path)) await disk.remove(each);
  await expect(repair(disk)).rejects.toThrow("put back the segments");
});
