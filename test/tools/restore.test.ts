/**
 * Point in time: any record and any time that the kept log covers, into a folder of its own, and
 * nothing that only looks whole.
 */
import { describe, expect, it } from "vitest";
import { LogDamaged, LogUnfit } from "../../src/log/log-driver.ts";
import { CHAIN_START } from "../../src/log/record-format.ts";
import { restoreFolder } from "../../src/node/restore-folder.ts";
import { parseRestoreTarget, type RestoreTarget } from "../../src/node/restore-target.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { sha256 } from "../../src/runtime/hashing.ts";
import { checkFolder } from "../../src/tools/check-folder.ts";
import { keyCountOf, withFolder } from "../../src/tools/folder.ts";
import { goldenSegmentBytes, goldenTimeMs } from "../log/golden-log.ts";
import { LOG_FOLDER, seal, writeLog } from "../support/log-records.ts";
import { smallLog, worldOn } from "../support/small-log.ts";

const INTO = "/into";
const quiet = () => undefined;

function restore(disk: FakeDisk, target: string | RestoreTarget, from = LOG_FOLDER, into = INTO) {
  const parsed = typeof target === "string" ? parseRestoreTarget(target) : target;
  if (typeof parsed === "string") throw new Error(parsed);
  return restoreFolder(worldOn(disk), {
    from,
    into,
    target: parsed,
    databaseCount: 16,
    say: quiet,
    progress: quiet,
  });
}

const opened = (disk: FakeDisk, folder = INTO) =>
  withFolder(
    worldOn(disk),
    { folder, databaseCount: 16, segmentBytes: goldenSegmentBytes, say: quiet },
    async ({ keyspace, tail }) => ({ sequence: tail.sequence, keyCount: keyCountOf(keyspace) }),
  );

const checked = (disk: FakeDisk, folder: string) =>
  checkFolder(worldOn(disk), { folder, databaseCount: 16, memoryBytes: 2 ** 30, progress: quiet });

/** Records whose times are these, the first a claim. */
async function logOfTimes(timesMs: readonly number[]): Promise<FakeDisk> {
  const disk = new FakeDisk(seededRandom(1));
  const records: Buffer[] = [];
  let previous: Buffer = CHAIN_START;
  for (const [index, timeMs] of timesMs.entries()) {
    const payload = Buffer.alloc(0);
    const record = seal({ sequence: index + 1, previous, payload, timeMs, unitCount: 0 });
    records.push(record);
    previous = sha256(record);
  }
  await writeLog(disk, 1024, records);
  return disk;
}

function contents(disk: FakeDisk, folder: string): Map<string, string> {
  const paths = disk.paths().filter((path) => path.startsWith(`${folder}/`));
  return new Map(paths.map((path) => [path, disk.content(path).toString("hex")]));
}

describe("the words for a moment", () => {
  it("are a sequence, a time with its zone, or a Unix time", () => {
    expect(parseRestoreTarget("12")).toEqual({ kind: "sequence", sequence: 12 });
    const time = (timeMs: number) => ({ kind: "time", timeMs });
    expect(parseRestoreTarget("2026-11-21T20:15:00Z")).toEqual(time(1_795_292_100_000));
    expect(parseRestoreTarget("2026-11-21T21:15:00.25+01:00")).toEqual(time(1_795_292_100_250));
    expect(parseRestoreTarget("@1795292100")).toEqual(time(1_795_292_100_000));
    expect(parseRestoreTarget("@1795292100.25")).toEqual(time(1_795_292_100_250));
    expect(parseRestoreTarget("@1795292100250")).toEqual(time(1_795_292_100_250));
    for (const bad of [
      "",
      "0",
      "yesterday",
      "2026-11-21",
      "2026-11-21T20:15:00",
      "@",
      "-1",
      "1e3",
    ]) {
      expect(typeof parseRestoreTarget(bad), bad).toBe("string");
    }
  });
});

describe("a moment that the log covers", () => {
  it("is restored at every record, by sequence and by time alike, and the source stays", async () => {
    const source = contents(smallLog(), LOG_FOLDER);
    const { sequence: last } = await opened(smallLog(), LOG_FOLDER);
    for (let sequence = 1; sequence <= last; sequence += 1) {
      const disk = smallLog();
      const restored = await restore(disk, String(sequence));
      expect(restored).toMatchObject({ sequence, timeMs: goldenTimeMs(sequence) });
      expect((await checked(disk, INTO)).damages).toEqual([]);
      const { keyCount, ...rest } = await opened(disk);
      expect(rest).toEqual({ sequence });
      expect(contents(disk, LOG_FOLDER)).toEqual(source);
      const byTime = { kind: "time", timeMs: goldenTimeMs(sequence) } as const;
      await restore(disk, byTime, LOG_FOLDER, "/other");
      expect(await opened(disk, "/other")).toEqual({ sequence, keyCount });
    }
  });

  it("goes on as a log of its own", async () => {
    const disk = smallLog();
    await restore(disk, "5");
    await restore(disk, "4", INTO, "/second");
    expect((await checked(disk, "/second")).log).toMatchObject({ lastSequence: 4, epoch: 1 });
    await expect(restore(disk, "5", "/second", "/third")).rejects.toThrow("records 1 to 4");
  });

  it("may lie before damage, and is refused behind it", async () => {
    const disk = smallLog();
    const [, second] = disk.paths();
    disk.content(second)[600] ^= 1;
    expect(await restore(disk, "2")).toMatchObject({ sequence: 2 });
    const early = { kind: "time", timeMs: goldenTimeMs(3) } as const;
    expect(await restore(disk, early, LOG_FOLDER, "/early")).toMatchObject({ sequence: 3 });
    const late = { kind: "time", timeMs: goldenTimeMs(12) } as const;
    await expect(restore(disk, late, LOG_FOLDER, "/late")).rejects.toBeInstanceOf(LogDamaged);
  });

  it("may be restored from a folder that is held", async () => {
    const disk = smallLog();
    await disk.lock(LOG_FOLDER, "a server");
    expect(await restore(disk, "7")).toMatchObject({ sequence: 7 });
  });
});

describe("a moment that is not covered", () => {
  it("is refused, with what is", async () => {
    const disk = smallLog();
    await expect(restore(disk, "99")).rejects.toThrow("record 99 is not covered by what is kept");
    await expect(restore(disk, "99")).rejects.toBeInstanceOf(LogUnfit);
    await expect(restore(disk, "2001-01-01T00:00:00Z")).rejects.toThrow(
      "times from 2023-11-14T22:13:20.001Z (record 1)",
    );
    await expect(restore(disk, "2999-01-01T00:00:00Z")).rejects.toThrow("is in the future");
    await expect(restore(disk, "1", "/nowhere")).rejects.toThrow("there is nothing in /nowhere");
    await expect(restore(disk, "1", LOG_FOLDER, LOG_FOLDER)).rejects.toThrow("is not empty");
    expect(contents(disk, INTO).size).toBe(0);
  });

  it("may be twice where a clock was set back, which is said and not guessed", async () => {
    const disk = await logOfTimes([1000, 2000, 5000, 3000, 6000]);
    const at = (timeMs: number, into: string) =>
      restore(disk, { kind: "time", timeMs }, LOG_FOLDER, into);
    expect(await at(2500, "/a")).toMatchObject({ sequence: 2 });
    await expect(at(4000, "/b")).rejects.toThrow("record 3 is of");
    expect(await at(5500, "/c")).toMatchObject({ sequence: 4 });
    expect(await at(7000, "/d")).toMatchObject({ sequence: 5 });
    expect(await restore(disk, "3")).toMatchObject({ sequence: 3, timeMs: 5000 });
  });

  it("is a time where the log is older than times", async () => {
    const disk = await logOfTimes([0, 0, 5000]);
    const at = (timeMs: number, into: string) =>
      restore(disk, { kind: "time", timeMs }, LOG_FOLDER, into);
    await expect(at(4000, "/a")).rejects.toThrow("(record 3)");
    expect(await at(5000, "/b")).toMatchObject({ sequence: 3 });
    expect(await restore(disk, "2")).toMatchObject({ sequence: 2, timeMs: 0 });
    const old = await logOfTimes([0, 0]);
    await expect(restore(old, "@5")).rejects.toThrow("a version that had none");
  });
});

it("a restore that is interrupted anywhere leaves a folder that no server starts on", async () => {
  for (let call = 1; ; call += 1) {
    const disk = smallLog();
    const first = disk.callCount;
    disk.disturb = (number) => (number - first >= call ? "EIO" : undefined);
    const failed = await restore(disk, "7").then(
      () => false,
      () => true,
    );
    disk.disturb = () => undefined;
    disk.losePower();
    const hasBegun = disk.paths().includes(`${INTO}/restore.unfinished`);
    const segments = disk.paths().filter((path) => path.startsWith(`${INTO}/segment-`));
    // A folder without a log is an empty one, to a server too.
    expect(hasBegun || segments.length === 0 || (await isWhole(disk)), `call ${call}`).toBe(true);
    if (hasBegun) {
      await expect(opened(disk), `call ${call}`).rejects.toThrow("was interrupted");
      expect((await checked(disk, INTO)).damages[0].what).toContain("was interrupted");
    }
    if (!(await isWhole(disk))) await restore(disk, "7");
    expect((await opened(disk)).sequence, `call ${call}`).toBe(7);
    if (!failed) break;
  }
});

async function isWhole(disk: FakeDisk): Promise<boolean> {
  const names = await disk.list(INTO);
  return names.some((name) => name.startsWith("segment-")) && !names.includes("restore.unfinished");
}
