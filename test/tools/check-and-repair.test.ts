/**
 * `check` and `repair --cut-tail` on a folder: nothing is changed by the one, nothing is lost
 * silently by the other, and it may be interrupted anywhere.
 */
import { describe, expect, it } from "vitest";
import { LogDamaged } from "../../src/log/log-driver.ts";
import type { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { sha256 } from "../../src/runtime/hashing.ts";
import { checkFolder } from "../../src/tools/check-folder.ts";
import { withFolder } from "../../src/tools/folder.ts";
import { repairTail } from "../../src/tools/repair-tail.ts";
import { goldenKeys, goldenSegmentBytes } from "../log/golden-log.ts";
import { LOG_FOLDER, seal } from "../support/log-records.ts";
import { smallLog, worldOn } from "../support/small-log.ts";

const MIB = 1024 * 1024;
const progress = () => undefined;

const check = (disk: FakeDisk, databaseCount = 16, memoryBytes = 1024 * MIB) =>
  checkFolder(worldOn(disk), { folder: LOG_FOLDER, databaseCount, memoryBytes, progress });
const repair = (disk: FakeDisk, isAgreed: boolean) =>
  repairTail(worldOn(disk), {
    folder: LOG_FOLDER,
    databaseCount: 16,
    isAgreed,
    say: progress,
    progress,
  });
const start = (disk: FakeDisk) =>
  withFolder(
    worldOn(disk),
    { folder: LOG_FOLDER, databaseCount: 16, segmentBytes: goldenSegmentBytes, say: progress },
    async ({ tail }) => tail.sequence,
  );

function contents(disk: FakeDisk): Map<string, string> {
  return new Map(disk.paths().map((path) => [path, disk.content(path).toString("hex")]));
}

const segments = (disk: FakeDisk) => disk.paths().filter((path) => path.includes("segment-"));

describe("check", () => {
  it("calls a sound folder sound, tells what is in it, and changes nothing", async () => {
    const disk = smallLog();
    disk.place(`${LOG_FOLDER}/cut-after-3-1.bin`, Buffer.from("x"));
    disk.place(`${LOG_FOLDER}/notes.txt`, Buffer.from("x"));
    const before = contents(disk);
    const report = await check(disk);
    expect(report).toMatchObject({ damages: [], heldBy: undefined });
    expect(report.log).toMatchObject({ firstSequence: 1, epoch: 2, keyCount: goldenKeys.length });
    expect(report.notes).toEqual([
      expect.stringContaining("cut-after-3-1.bin"),
      expect.stringContaining("notes.txt is none of ours"),
    ]);
    expect(contents(disk)).toEqual(before);
  });

  it("counts the same keys in many passes as in one", async () => {
    const report = await check(smallLog(), 16, 2048);
    expect(report.log.passCount).toBeGreaterThan(5);
    expect(report.log.keyCount).toBe(goldenKeys.length);
    expect(report.damages).toEqual([]);
  });

  it("finds every flipped bit of every record, with its file", async () => {
    const disk = smallLog();
    for (const path of segments(disk)) {
      const bytes = disk.content(path);
      for (let at = 0; at < bytes.length; at += 1) {
        bytes[at] ^= 1 << (at % 8);
        const { damages, notes } = await check(disk);
        const told = damages.map(({ file }) => file);
        if (told.length === 0) expect(notes.join(), `${path} ${at}`).toContain("never finished");
        else expect(told[0], `byte ${at}`).toMatch(/segment-/);
        bytes[at] ^= 1 << (at % 8);
      }
    }
  }, 60_000);

  it("finds a missing segment, one that is not a segment, and a database too many", async () => {
    const disk = smallLog();
    const [, second, third] = segments(disk);
    await disk.remove(second);
    expect((await check(disk)).damages).toMatchObject([{ file: third, offset: 0 }]);
    disk.place(second, Buffer.alloc(100));
    expect((await check(disk)).damages).toMatchObject([{ file: second, offset: 0 }]);
    const few = await check(smallLog(), 3);
    expect(few.damages[0].what).toContain("--databases 4");
  });

  it("finds an effect that cannot be applied", async () => {
    const disk = smallLog();
    const [first, ...later] = segments(disk);
    for (const path of later) await disk.remove(path);
    const bytes = disk.content(first);
    const previous = sha256(bytes.subarray(512, 616));
    bytes.fill(0, 616);
    // A pop from a list that is not there.
    const pop = [1, 0, 0, 0, 22, 0, 1, 0, 0, 0, 0x6b, 1, 0, 0, 0];
    seal({ sequence: 2, previous, payload: Buffer.from(pop) }).copy(bytes, 616);
    const { damages } = await check(disk);
    expect(damages).toMatchObject([{ file: first, what: expect.stringContaining("record 2") }]);
    expect(damages[0].what).toContain("cannot be applied");
  });

  it("checks a held folder up to what is there, and says who holds it", async () => {
    const disk = smallLog();
    await disk.lock(LOG_FOLDER, "pid 7");
    expect(await check(disk)).toMatchObject({ heldBy: "pid 7", damages: [] });
  });

  it("waits for a record that is on its way in a held folder", async () => {
    const disk = smallLog();
    await disk.lock(LOG_FOLDER, "pid 7");
    const last = disk.content(segments(disk).at(-1) ?? "");
    const whole = Buffer.from(last);
    let end = last.length;
    while (last[end - 1] === 0) end -= 1;
    const soundSequence = (await check(smallLog())).log.lastSequence;
    last.fill(0, end - 40, end);
    let reads = 0;
    disk.disturb = (_, what, path) => {
      reads += what === "read" && path === segments(disk).at(-1) ? 1 : 0;
      if (reads === 3) whole.copy(last);
      return undefined;
    };
    const { log, damages, notes } = await check(disk);
    expect({ last: log.lastSequence, damages, notes }).toEqual({
      last: soundSequence,
      damages: [],
      notes: [],
    });
  });
});

describe("repair --cut-tail", () => {
  it("has nothing to do with a sound log, nor with a torn one", async () => {
    const disk = smallLog();
    const before = contents(disk);
    expect(await repair(disk, true)).toEqual({ plan: undefined, kept: [] });
    expect(contents(disk)).toEqual(before);
  });

  it("shows what a cut would lose, and changes nothing without a yes", async () => {
    const disk = smallLog();
    const [, second, ...later] = segments(disk);
    disk.content(second)[512 + 100] ^= 1;
    const before = contents(disk);
    const { plan } = await repair(disk, false);
    expect(plan).toMatchObject({ offset: 512, what: expect.any(String) });
    expect(plan?.laterSegments).toHaveLength(later.length);
    expect(plan?.lost.lastSequence).toBe((await check(smallLog())).log.lastSequence);
    expect(plan?.lost.unreadableBytes).toBeGreaterThan(100);
    expect(contents(disk)).toEqual(before);
    await expect(start(disk)).rejects.toBeInstanceOf(LogDamaged);
  });

  it("cuts wherever the damage is, keeps all that it cuts, and leaves a sound log", async () => {
    for (const path of segments(smallLog())) {
      for (const at of [3, 520, 700, 1100]) {
        const disk = smallLog();
        disk.content(path)[at] ^= 16;
        if ((await check(disk)).damages.length === 0) continue;
        const written = segments(disk).map((each) => trimmed(disk.content(each)));
        const { plan, kept } = await repair(disk, true);
        const after = await check(disk);
        expect(after.damages).toEqual([]);
        // Where only a header was damaged, the segments behind it still follow.
        const isRenewed = plan?.renewal !== undefined;
        const { lastSequence } = isRenewed ? (await check(smallLog())).log : (plan ?? {});
        expect(after.log.lastSequence).toBe(lastSequence);
        expect(await start(disk)).toBe(lastSequence);
        expect(isRenewed).toBe(at < 512);
        const left = segments(disk).filter((each) => !each.includes("cut-after"));
        const parts = [...left, ...kept].map((each) => trimmed(disk.content(each)));
        for (const bytes of written) {
          const whole = parts.some((part) => part.equals(bytes));
          const parted = parts.some((part) => part.length > 0 && bytes.includes(part));
          expect(whole || parted).toBe(true);
        }
      }
    }
  });

  it("may be interrupted at any call: the damage stays until all is kept", async () => {
    const damagedLog = () => {
      const disk = smallLog();
      const path = segments(disk)[1];
      const bytes = Buffer.from(disk.content(path));
      bytes[530] ^= 1;
      disk.place(path, bytes);
      return disk;
    };
    const expected = damagedLog();
    const { plan } = await repair(expected, true);
    for (let call = 1; ; call += 1) {
      const disk = damagedLog();
      const first = disk.callCount;
      disk.disturb = (number) => (number - first >= call ? "EIO" : undefined);
      const failed = await repair(disk, true).then(
        () => false,
        () => true,
      );
      disk.disturb = () => undefined;
      disk.losePower();
      const isDamaged = (await check(disk)).damages.length > 0;
      if (failed && isDamaged) await repair(disk, true);
      const after = await check(disk);
      expect(after.damages, `call ${call}`).toEqual([]);
      expect(after.log.lastSequence, `call ${call}`).toBe(plan?.lastSequence);
      const kept = disk.paths().filter((path) => path.includes("cut-after"));
      expect(kept.length, `call ${call}`).toBeGreaterThan(0);
      if (!failed) break;
    }
  });

  it("refuses a folder that is held, and one without a log", async () => {
    const disk = smallLog();
    await disk.lock(LOG_FOLDER, "pid 7");
    await expect(repair(disk, false)).rejects.toThrow("held by pid 7");
    await expect(repair(disk, true)).rejects.toThrow("held by pid 7");
  });
});

function trimmed(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}
