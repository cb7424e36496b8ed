/**
 * The file log on a disk that tears, flips, fills up, fails and forgets.
 */
import { afterEach, describe, expect, test } from "vitest";
import { LogDamaged } from "../../src/log/log-driver.ts";
import { DiskError, joinPath } from "../../src/runtime/disk.ts";
import { installFailpoints, parseFailpoints } from "../../src/runtime/failpoint.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { FakeWorld, seededRandom } from "../../src/runtime/fake-world.ts";
import { sha256 } from "../../src/runtime/hashing.ts";
import {
  LOG_FOLDER,
  makeChain,
  openDriver,
  payloadOf,
  readBack,
  seal,
  writeLog,
} from "../support/log-records.ts";

const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const SEGMENT_BYTES = 16 * 1024;

afterEach(() => installFailpoints([]));

function newDisk(): FakeDisk {
  return new FakeDisk(seededRandom(seed));
}

function segmentPaths(disk: FakeDisk): string[] {
  return disk.paths().filter((path) => path.includes("segment-"));
}

async function fresh(count: number, payloadBytesMax: number) {
  const disk = newDisk();
  const records = makeChain(seededRandom(seed), count, payloadBytesMax);
  await writeLog(disk, SEGMENT_BYTES, records);
  return { disk, records };
}

describe(`a log on a bad disk (seed ${seed})`, () => {
  test("gives back what was appended, over many segments", async () => {
    const { disk, records } = await fresh(200, 600);
    expect(segmentPaths(disk).length).toBeGreaterThan(3);
    const read = await readBack(disk, SEGMENT_BYTES);
    expect(read.payloads).toEqual(records.map(payloadOf));
    expect(read.torn).toBeUndefined();
  });

  test("goes on after a reopening, and takes a record larger than a segment", async () => {
    const { disk, records } = await fresh(5, 300);
    const large = seal({
      sequence: 6,
      previous: sha256(records[4]),
      payload: Buffer.alloc(5 * SEGMENT_BYTES, 7),
    });
    const driver = openDriver(disk, SEGMENT_BYTES);
    await driver.open(() => undefined);
    await driver.append(6, large);
    await driver.close();
    const read = await readBack(disk, SEGMENT_BYTES);
    expect(read.sequence).toBe(6);
    expect(read.payloads[5].equals(payloadOf(large))).toBe(true);
  });

  test("a write torn at any byte of the last record is cut, kept and reported", async () => {
    const { disk, records } = await fresh(4, 900);
    const [path] = segmentPaths(disk);
    const whole = Buffer.from(disk.content(path));
    const last = records[3];
    const start = whole.indexOf(last);
    for (let written = 0; written < last.length; written += 1) {
      const torn = Buffer.from(whole);
      torn.fill(0, start + written, start + last.length);
      const tornDisk = newDisk();
      tornDisk.place(path, torn);
      const read = await readBack(tornDisk, SEGMENT_BYTES);
      expect(read.sequence).toBe(3);
      if (written === 0) expect(read.torn).toBeUndefined();
      else {
        expect(read.torn?.offset).toBe(start);
        const kept = tornDisk.content(read.torn?.keptAs ?? "");
        expect(kept.equals(torn.subarray(start, start + kept.length))).toBe(true);
        expect(torn.subarray(start + kept.length).some((byte) => byte !== 0)).toBe(false);
      }
      const again = await readBack(tornDisk, SEGMENT_BYTES);
      expect(again).toMatchObject({ sequence: 3, torn: undefined });
    }
  });

  test("a flipped bit at every byte is found, and nothing wrong is ever read", async () => {
    const { disk, records } = await fresh(100, 120);
    const random = seededRandom(seed);
    const expected = records.map(payloadOf);
    const counts = { stopped: 0, reported: 0, flips: 0 };
    for (const path of segmentPaths(disk)) {
      const content = Buffer.from(disk.content(path));
      for (let at = 0; at < content.length; at += 1) {
        const flipped = Buffer.from(content);
        flipped[at] ^= 1 << Math.floor(random.fraction() * 8);
        const badDisk = newDisk();
        for (const other of segmentPaths(disk)) badDisk.place(other, disk.content(other));
        badDisk.place(path, flipped);
        counts.flips += 1;
        try {
          const read = await readBack(badDisk, SEGMENT_BYTES);
          // Only a flip in the zeros behind the last record may pass, and it is reported.
          expect(read.torn, `byte ${at} of ${path}`).toBeDefined();
          expect(read.payloads).toEqual(expected);
          counts.reported += 1;
        } catch (failure) {
          expect(failure).toBeInstanceOf(LogDamaged);
          expect(String(failure)).toContain(path);
          counts.stopped += 1;
        }
      }
    }
    expect(counts.stopped + counts.reported).toBe(counts.flips);
    expect(counts.stopped).toBeGreaterThan(records.reduce((sum, record) => sum + record.length, 0));
  }, 240_000);

  test("a record that was overwritten in the middle stops the start with file and offset", async () => {
    const { disk, records } = await fresh(60, 600);
    const [first] = segmentPaths(disk);
    const at = disk.content(first).indexOf(records[3]);
    disk.content(first).fill(0, at, at + records[3].length);
    await expect(readBack(disk, SEGMENT_BYTES)).rejects.toThrow(`${first}, byte ${at}`);
  });

  test("a missing segment stops the start", async () => {
    const { disk } = await fresh(200, 600);
    const paths = segmentPaths(disk);
    await disk.remove(paths[1]);
    await expect(readBack(disk, SEGMENT_BYTES)).rejects.toBeInstanceOf(LogDamaged);
    await disk.remove(paths[0]);
    await expect(readBack(disk, SEGMENT_BYTES)).rejects.toBeInstanceOf(LogDamaged);
  });

  test("a record of another writer behind a hole is refused by the chain", async () => {
    const { disk, records } = await fresh(3, 200);
    const [path] = segmentPaths(disk);
    const foreign = seal({
      sequence: 4,
      previous: sha256(Buffer.from("another")),
      payload: Buffer.from("foreign"),
    });
    const end = disk.content(path).indexOf(records[2]) + records[2].length;
    foreign.copy(disk.content(path), end);
    await expect(readBack(disk, SEGMENT_BYTES)).rejects.toThrow("does not name the hash");
  });

  test("a record that was written over the one before it is damage, zeros in that one or not", async () => {
    const records = makeChain(seededRandom(seed), 3, 200);
    const payload = Buffer.alloc(3000, "x").fill(0, 700, 2700);
    records.push(seal({ sequence: 4, previous: sha256(records[2]), payload }));
    const next = seal({ sequence: 5, previous: sha256(records[3]), payload: Buffer.from("next") });
    const disk = newDisk();
    await writeLog(disk, SEGMENT_BYTES, records);
    const [path] = segmentPaths(disk);
    const at = disk.content(path).indexOf(records[3]);
    next.copy(disk.content(path), at + 2800);
    await expect(readBack(disk, SEGMENT_BYTES)).rejects.toThrow(`${path}, byte ${at}`);
  });

  test("a read that comes short is an error of the disk, not a torn tail", async () => {
    const { disk } = await fresh(3, 200);
    const [path] = segmentPaths(disk);
    const whole = disk.open.bind(disk);
    disk.open = async (name, mode) => {
      const file = await whole(name, mode);
      if (name !== path) return file;
      return { ...file, read: (into, offset) => file.read(into.subarray(0, 900), offset) };
    };
    await expect(readBack(disk, SEGMENT_BYTES)).rejects.toBeInstanceOf(DiskError);
  });

  test("the disk's failure at the n-th call, for every n, never loses an acknowledged record", async () => {
    const records = makeChain(seededRandom(seed), 60, 700);
    let failures = 0;
    for (let n = 1; ; n += 1) {
      const disk = newDisk();
      disk.disturb = (call) => (call === n ? "EIO" : undefined);
      let acknowledged = 0;
      let failed = false;
      const driver = openDriver(disk, SEGMENT_BYTES);
      try {
        await driver.open(() => undefined);
        for (const [index, record] of records.entries()) {
          await driver.append(index + 1, record, index % 2 === 0 ? "aside" : "on the loop");
          acknowledged = index + 1;
        }
        await driver.close();
      } catch (failure) {
        expect(failure).toBeInstanceOf(DiskError);
        failed = true;
      }
      const calls = disk.callCount;
      disk.disturb = () => undefined;
      disk.losePower();
      const read = await readBack(disk, SEGMENT_BYTES);
      expect(read.sequence, `call ${n}`).toBeGreaterThanOrEqual(acknowledged);
      expect(read.payloads).toEqual(records.slice(0, read.sequence).map(payloadOf));
      if (failed) failures += 1;
      if (calls < n) break;
    }
    expect(failures).toBeGreaterThan(60);
  });
});

/** Appends until power is lost at a random call; how many records were acknowledged. */
async function appendUntilPowerLoss(disk: FakeDisk, records: readonly Buffer[], round: number) {
  const random = seededRandom(seed + round);
  const driver = openDriver(disk, SEGMENT_BYTES);
  let acknowledged = 0;
  await driver.open(() => undefined);
  const last = Math.floor(random.fraction() * records.length);
  for (const [index, record] of records.entries()) {
    if (index === last) disk.isHolding = true;
    const waits = random.fraction() < 0.5 ? "aside" : "on the loop";
    const appended = driver.append(index + 1, record, waits).then(
      () => true,
      () => false,
    );
    if (index === last) break;
    if (await appended) acknowledged = index + 1;
  }
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  disk.losePower();
  return acknowledged;
}

describe(`power loss (seed ${seed})`, () => {
  test("never loses an acknowledged record and never invents one", async () => {
    const records = makeChain(seededRandom(seed), 120, 900);
    for (let round = 0; round < 60; round += 1) {
      const disk = new FakeDisk(seededRandom(seed + round));
      const acknowledged = await appendUntilPowerLoss(disk, records, round);
      const read = await readBack(disk, SEGMENT_BYTES);
      expect(read.sequence, `round ${round}`).toBeGreaterThanOrEqual(acknowledged);
      expect(read.sequence).toBeLessThanOrEqual(acknowledged + 1);
      expect(read.payloads).toEqual(records.slice(0, read.sequence).map(payloadOf));
    }
  });

  test("a record whose write failed and that a reader saw all the same is lost no more", async () => {
    const records = makeChain(seededRandom(seed), 30, 500);
    // By seed a write that fails leaves nothing, a part, or a record that is called clean.
    for (let round = 0; round < 20; round += 1) {
      const disk = new FakeDisk(seededRandom(seed + round));
      const driver = openDriver(disk, SEGMENT_BYTES);
      await driver.open(() => undefined);
      for (let sequence = 1; sequence < 20; sequence += 1) {
        await driver.append(sequence, records[sequence - 1]);
      }
      disk.disturb = (_, what) => (what === "write" ? "EIO" : undefined);
      await expect(driver.append(20, records[19])).rejects.toBeInstanceOf(DiskError);
      disk.disturb = () => undefined;
      disk.killProcess();

      const next = openDriver(disk, SEGMENT_BYTES);
      const { tail } = await next.open(() => undefined);
      await next.append(tail.sequence + 1, records[tail.sequence]);
      disk.losePower();
      expect((await readBack(disk, SEGMENT_BYTES)).sequence).toBe(tail.sequence + 1);
    }
  });

  test("a segment whose maker was killed before its name was durable keeps what follows", async () => {
    const records = makeChain(seededRandom(seed), 40, 900);
    for (let round = 0; round < 20; round += 1) {
      const disk = new FakeDisk(seededRandom(seed + round));
      installFailpoints(parseFailpoints("segment.created=error@2"));
      let acknowledged = 0;
      const driver = openDriver(disk, SEGMENT_BYTES);
      await driver.open(() => undefined);
      const filling = async (): Promise<void> => {
        for (const [index, record] of records.entries()) {
          await driver.append(index + 1, record);
          acknowledged = index + 1;
        }
      };
      await expect(filling()).rejects.toThrow("segment.created");
      disk.killProcess();
      installFailpoints([]);

      const next = openDriver(disk, SEGMENT_BYTES);
      await next.open(() => undefined);
      await next.append(acknowledged + 1, records[acknowledged]);
      disk.losePower();
      expect((await readBack(disk, SEGMENT_BYTES)).sequence).toBe(acknowledged + 1);
    }
  });

  test("finds the planted bug of a folder that is not synced", async () => {
    const records = makeChain(seededRandom(seed), 120, 900);
    let lost = 0;
    for (let round = 0; round < 20; round += 1) {
      const disk = new FakeDisk(seededRandom(seed + round));
      installFailpoints(parseFailpoints("planted.skip-folder-sync=on"));
      const acknowledged = await appendUntilPowerLoss(disk, records, round);
      const read = await readBack(disk, SEGMENT_BYTES).catch(() => undefined);
      if (read === undefined || read.sequence < acknowledged) lost += 1;
    }
    expect(lost).toBeGreaterThan(0);
  });

  test("finds the planted bug of a chain that is not checked", async () => {
    const { disk, records } = await fresh(6, 200);
    const [path] = segmentPaths(disk);
    const other = seal({
      sequence: 3,
      previous: sha256(Buffer.from("another history")),
      payload: Buffer.alloc(payloadOf(records[2]).length, 1),
    });
    other.copy(disk.content(path), disk.content(path).indexOf(records[2]));
    await expect(readBack(disk, SEGMENT_BYTES)).rejects.toThrow("does not name the hash");
    installFailpoints(parseFailpoints("planted.skip-chain-check=on"));
    expect((await readBack(disk, SEGMENT_BYTES)).payloads[2]).toEqual(payloadOf(other));
  });

  test("finds the planted bug of a failed write that is ignored", async () => {
    const records = makeChain(seededRandom(seed), 20, 500);
    let foundCount = 0;
    // A write that fails may have reached the disk all the same.
    for (let round = 0; round < 20; round += 1) {
      installFailpoints(parseFailpoints("planted.ignore-failed-write=on"));
      const disk = new FakeDisk(seededRandom(seed + round));
      const driver = openDriver(disk, SEGMENT_BYTES);
      await driver.open(() => undefined);
      for (const [index, record] of records.entries()) {
        disk.disturb = (_, what) => (index === 9 && what === "write" ? "EIO" : undefined);
        await driver.append(index + 1, record);
      }
      disk.losePower();
      const read = await readBack(disk, SEGMENT_BYTES).catch((failure: unknown) => failure);
      if (read instanceof LogDamaged) foundCount += 1;
    }
    expect(foundCount).toBeGreaterThan(0);
  });
});

describe("a full disk", () => {
  test("is met when the next segment is made, while the present one has room", async () => {
    const records = makeChain(seededRandom(seed), 200, 700);
    const disk = newDisk();
    const world = new FakeWorld();
    disk.capacityBytes = SEGMENT_BYTES + 1000;
    const driver = openDriver(disk, SEGMENT_BYTES, world);
    await driver.open(() => undefined);
    let sequence = 0;
    while (driver.shortage === undefined) {
      sequence += 1;
      await driver.append(sequence, records[sequence - 1]);
    }
    expect(driver.shortage).toContain("No space left on device");
    expect(sequence).toBeLessThan(records.length);
    await driver.append(sequence + 1, records[sequence]);

    disk.capacityBytes = Number.POSITIVE_INFINITY;
    while (driver.shortage !== undefined) {
      world.advance(1000);
      await turns(50);
    }
    for (const [index, record] of records.entries()) {
      if (index > sequence) await driver.append(index + 1, record);
    }
    expect(driver.shortage).toBeUndefined();
    await driver.close();
    expect((await readBack(disk, SEGMENT_BYTES)).sequence).toBe(records.length);
  });

  test("holds the append that has no segment to go to until there is room", async () => {
    const records = makeChain(seededRandom(seed), 200, 700);
    const disk = newDisk();
    const world = new FakeWorld();
    disk.capacityBytes = SEGMENT_BYTES + 1000;
    const driver = openDriver(disk, SEGMENT_BYTES, world);
    await driver.open(() => undefined);
    let acknowledged = 0;
    const filling = (async () => {
      for (const [index, record] of records.entries()) {
        await driver.append(index + 1, record);
        acknowledged = index + 1;
      }
    })();
    while (driver.shortage === undefined) await turns(10);
    const before = await whenStill(() => acknowledged);
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(records.length);
    world.advance(5000);
    expect(await whenStill(() => acknowledged)).toBe(before);
    expect(disk.paths()).not.toContain(joinPath(LOG_FOLDER, "next.preparing"));
    disk.capacityBytes = Number.POSITIVE_INFINITY;
    while (acknowledged === before) {
      world.advance(1000);
      await turns(10);
    }
    await filling;
    await driver.close();
    expect((await readBack(disk, SEGMENT_BYTES)).sequence).toBe(records.length);
  });

  test("fails that append where nobody may wait, and keeps what was acknowledged", async () => {
    const records = makeChain(seededRandom(seed), 200, 700);
    const disk = newDisk();
    disk.capacityBytes = SEGMENT_BYTES + 1000;
    const driver = openDriver(disk, SEGMENT_BYTES);
    await driver.open(() => undefined);
    driver.stopWaiting();
    let acknowledged = 0;
    const filling = async (): Promise<void> => {
      for (const [index, record] of records.entries()) {
        await driver.append(index + 1, record);
        acknowledged = index + 1;
      }
    };
    await expect(filling()).rejects.toMatchObject({ code: "ENOSPC" });
    disk.losePower();
    disk.capacityBytes = Number.POSITIVE_INFINITY;
    expect((await readBack(disk, SEGMENT_BYTES)).sequence).toBe(acknowledged);
    expect(disk.paths()).not.toContain(joinPath(LOG_FOLDER, "next.preparing"));
  });
});

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}

/** The count once it changes no more: on a fake disk nothing takes longer than some turns. */
async function whenStill(count: () => number): Promise<number> {
  for (let before = -1; before !== count(); await turns(200)) before = count();
  return count();
}
