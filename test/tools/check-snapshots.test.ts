/**
 * `check` of a folder with snapshots: what they hold counts with the log behind them, and whatever
 * is wrong with a file of theirs is found and named.
 */
import { describe, expect, it } from "vitest";
import type { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { checkFolder } from "../../src/tools/check-folder.ts";
import { LOG_FOLDER } from "../support/log-records.ts";
import { worldOn } from "../support/small-log.ts";
import { snapshotDisk, snapshotFolder } from "../support/trimmed-folder.ts";

const MIB = 1024 * 1024;
const check = (disk: FakeDisk, memoryBytes = 1024 * MIB, databaseCount = 16) =>
  checkFolder(worldOn(disk), {
    folder: LOG_FOLDER,
    databaseCount,
    memoryBytes,
    progress: () => undefined,
  });

const named = (disk: FakeDisk, part: string) => disk.paths().filter((path) => path.includes(part));

function damage(disk: FakeDisk, path: string, at: number): void {
  const bytes = Buffer.from(disk.content(path));
  bytes[at < 0 ? bytes.length + at : at] ^= 1;
  disk.place(path, bytes);
}

describe("check of a folder with snapshots", () => {
  it("verifies them, applies the log behind the newest, and changes nothing", async () => {
    const { keyCounts, files } = await snapshotFolder();
    const disk = await snapshotDisk();
    const report = await check(disk);
    expect(report.damages).toEqual([]);
    expect(report.snapshots.map(({ keyCount }) => keyCount)).toEqual(keyCounts.slice(0, 2));
    expect(report.log.keyCount).toBe(keyCounts[2]);
    expect(report.log.firstSequence).toBeGreaterThan(1);
    expect(report.graphCount).toBe(named(disk, ".graph-").length);
    expect(report.notes).toEqual([]);
    expect(disk.paths()).toEqual([...files.keys()].sort());
    for (const [path, bytes] of files) expect(disk.content(path).equals(bytes), path).toBe(true);
  });

  it("counts the same in many passes", async () => {
    const { keyCounts } = await snapshotFolder();
    const report = await check(await snapshotDisk(), 20_000);
    expect(report.log.passCount).toBeGreaterThan(5);
    expect(report).toMatchObject({ damages: [], log: { keyCount: keyCounts[2] } });
  });

  it("finds a byte that is wrong anywhere in a snapshot or in the file of an index", async () => {
    const { files } = await snapshotFolder();
    const paths = [...files.keys()].filter((name) => name.includes("/snapshot-"));
    for (const path of paths.slice(paths.length / 2)) {
      const size = files.get(path)?.length ?? 0;
      const step = Math.max(1, Math.floor(size / 150));
      for (let at = 0; at < size; at += step) {
        const disk = await snapshotDisk();
        damage(disk, path, at);
        const { damages } = await check(disk);
        expect(
          damages.map(({ file }) => file),
          `byte ${at}`,
        ).toEqual([path]);
      }
    }
  }, 60_000);

  it("takes an older one where the newest is damaged, as a start does", async () => {
    const { keyCounts } = await snapshotFolder();
    const disk = await snapshotDisk();
    damage(disk, named(disk, ".snap").at(-1) ?? "", -5);
    const report = await check(disk);
    expect(report.damages).toHaveLength(1);
    expect(report.log.keyCount).toBe(keyCounts[2]);
  });

  it("tells when the log does not go back as far as any sound snapshot", async () => {
    const disk = await snapshotDisk();
    for (const path of named(disk, ".snap")) damage(disk, path, -5);
    const { damages } = await check(disk);
    expect(damages).toHaveLength(3);
    expect(damages[2].what).toContain("no sound snapshot has them");
  });

  it("tells when the log ends before a snapshot, or is not the one that it names", async () => {
    const short = await snapshotDisk();
    for (const path of named(short, "segment-").slice(1)) await short.remove(path);
    expect((await check(short)).damages[0].what).toContain("the log ends with record");
    const none = await snapshotDisk();
    for (const path of named(none, "segment-")) await none.remove(path);
    expect((await check(none)).damages[0].what).toContain("the log ends with record 0");
  });

  it("says that no start needs what is damaged below the newest snapshot", async () => {
    const { keyCounts } = await snapshotFolder();
    const disk = await snapshotDisk();
    const [first] = named(disk, "segment-");
    damage(disk, first, 700);
    const report = await check(disk);
    expect(report.damages).toMatchObject([
      { file: first, advice: expect.stringMatching(/^no start/) },
    ]);
    expect(report.log.keyCount).toBe(keyCounts[2]);
  });

  it("looks again where the server that holds the folder trimmed its log meanwhile", async () => {
    const { keyCounts } = await snapshotFolder();
    const disk = await snapshotDisk();
    const [first] = named(disk, "segment-");
    let isGone = false;
    disk.disturb = (_call, what, path) => {
      if (isGone || what !== "open" || path !== first) return undefined;
      isGone = true;
      void disk.remove(first);
      return "ENOENT";
    };
    await expect(check(disk)).rejects.toThrow("ENOENT");
    isGone = false;
    disk.place(first, Buffer.from((await snapshotFolder()).files.get(first) ?? ""));
    await disk.lock(LOG_FOLDER, "pid 7");
    expect(await check(disk)).toMatchObject({ damages: [], log: { keyCount: keyCounts[2] } });
  });

  it("names what an interrupted snapshot left", async () => {
    const disk = await snapshotDisk();
    const name = `${LOG_FOLDER}/snapshot-00000000000000009999.snap.new`;
    disk.place(name, Buffer.from("half"));
    expect((await check(disk)).notes).toEqual([expect.stringContaining("never was finished")]);
  });
});
