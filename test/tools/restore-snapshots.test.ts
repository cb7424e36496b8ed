/**
 * Point in time in a folder with snapshots: what they hold counts, also where the log before them
 * is gone, and a folder that is made of one alone is one that a server starts on.
 */
import { describe, expect, it } from "vitest";
import { LogUnfit } from "../../src/log/log-driver.ts";
import { restoreFolder } from "../../src/node/restore-folder.ts";
import type { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { checkFolder } from "../../src/tools/check-folder.ts";
import { withFolder } from "../../src/tools/folder.ts";
import { LOG_FOLDER } from "../support/log-records.ts";
import { worldOn } from "../support/small-log.ts";
import { snapshotDisk, snapshotFolder } from "../support/trimmed-folder.ts";

const quiet = () => undefined;
const INTO = "/into";

const restore = (disk: FakeDisk, sequence: number, lines: string[] = []) =>
  restoreFolder(worldOn(disk), {
    from: LOG_FOLDER,
    into: INTO,
    target: { kind: "sequence", sequence },
    databaseCount: 16,
    say: (line) => lines.push(line),
    progress: quiet,
  });

const check = (disk: FakeDisk, folder: string) =>
  checkFolder(worldOn(disk), { folder, databaseCount: 16, memoryBytes: 2 ** 30, progress: quiet });

const keysIn = (disk: FakeDisk) =>
  withFolder(worldOn(disk), { folder: INTO, databaseCount: 16, say: quiet }, async (open) => ({
    sequence: open.tail.sequence,
    keyCount: open.keyspace.keyCount(0),
  }));

const named = (disk: FakeDisk, part: string) => disk.paths().filter((path) => path.includes(part));

describe("a moment in a folder with snapshots", () => {
  it("is restored wherever log or snapshots have it, with as many keys as there were", async () => {
    const { keyCounts } = await snapshotFolder();
    const { snapshots, log } = await check(await snapshotDisk(), LOG_FOLDER);
    const [older, newer] = snapshots.map(({ sequence }) => sequence);
    for (const [sequence, keyCount] of [
      [older, keyCounts[0]],
      [newer, keyCounts[1]],
      [log.lastSequence, keyCounts[2]],
    ]) {
      const disk = await snapshotDisk();
      const restored = await restore(disk, sequence);
      expect(restored.sequence).toBe(sequence);
      expect(restored.snapshotSequence).toBe(Math.min(sequence, newer));
      expect((await check(disk, INTO)).damages).toEqual([]);
      expect(await keysIn(disk)).toEqual({ sequence, keyCount });
    }
    const disk = await snapshotDisk();
    expect(await restore(disk, newer - 3)).toMatchObject({ snapshotSequence: older });
    expect((await keysIn(disk)).sequence).toBe(newer - 3);
  });

  it("may be that of a snapshot alone, whose log is gone", async () => {
    const { keyCounts } = await snapshotFolder();
    const disk = await snapshotDisk();
    const [older, newer] = (await check(disk, LOG_FOLDER)).snapshots;
    for (const path of named(disk, "segment-").slice(0, -1)) await disk.remove(path);
    expect(await restore(disk, older.sequence)).toMatchObject(
      older.timeMs > 0 ? { timeMs: older.timeMs } : {},
    );
    expect(await keysIn(disk)).toEqual({ sequence: older.sequence, keyCount: keyCounts[0] });
    await expect(restore(await withoutFirst(), older.sequence + 1)).rejects.toThrow(
      `the snapshot of record ${older.sequence}`,
    );
    expect(newer.sequence).toBeGreaterThan(older.sequence);
  });

  it("begins with an older snapshot where the newer one is damaged, and says so", async () => {
    const disk = await snapshotDisk();
    const { snapshots, log } = await check(disk, LOG_FOLDER);
    const newest = named(disk, ".snap").at(-1) ?? "";
    disk.content(newest)[5000] ^= 1;
    const lines: string[] = [];
    const restored = await restore(disk, log.lastSequence, lines);
    expect(restored.snapshotSequence).toBe(snapshots[0].sequence);
    expect(lines.join()).toContain("is damaged and left out");
    expect((await check(disk, INTO)).damages).toEqual([]);
  });

  it("does not need what is damaged below a snapshot that is old enough", async () => {
    const disk = await snapshotDisk();
    const { snapshots, log } = await check(disk, LOG_FOLDER);
    const first = named(disk, "segment-")[0];
    disk.content(first)[700] ^= 1;
    const restored = await restore(disk, log.lastSequence);
    expect(restored.snapshotSequence).toBe(snapshots[1].sequence);
    expect((await keysIn(disk)).sequence).toBe(log.lastSequence);
  });

  it("is asked for again where a server removed a file meanwhile", async () => {
    const disk = await snapshotDisk();
    const { log } = await check(disk, LOG_FOLDER);
    const [first] = named(disk, "segment-");
    disk.disturb = (_call, what, path) =>
      what === "open" && path === first ? "ENOENT" : undefined;
    await expect(restore(disk, log.lastSequence)).rejects.toThrow("Restore again");
  });

  it("is refused where no sound snapshot has what comes before it", async () => {
    const disk = await snapshotDisk();
    const { log } = await check(disk, LOG_FOLDER);
    for (const path of named(disk, ".snap")) disk.content(path)[5000] ^= 1;
    const refused = restore(disk, log.lastSequence);
    await expect(refused).rejects.toBeInstanceOf(LogUnfit);
    await expect(refused).rejects.toThrow("no sound snapshot has");
    expect(named(disk, INTO)).toEqual([]);
  });
});

async function withoutFirst(): Promise<FakeDisk> {
  const disk = await snapshotDisk();
  for (const path of named(disk, "segment-").slice(0, -1)) await disk.remove(path);
  return disk;
}
