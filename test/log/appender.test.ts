/**
 * Group commit: what becomes one record, in which order things are announced, and that what was
 * appended is what is read back.
 */
import { describe, expect, test } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { type Effect, EffectId } from "../../src/keyspace/effect.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { Appender } from "../../src/log/appender.ts";
import { MemoryDriver } from "../../src/log/driver-memory.ts";
import { GatheringPace } from "../../src/log/gathering-pace.ts";
import type { LogDriver, Waits } from "../../src/log/log-driver.ts";
import { readHeader } from "../../src/log/record-format.ts";
import { WaitingPlace } from "../../src/log/waiting-place.ts";
import { recover } from "../../src/node/recover.ts";
import { DiskError } from "../../src/runtime/disk.ts";
import { FakeWorld } from "../../src/runtime/fake-world.ts";
import { silentLogger } from "../../src/runtime/logger.ts";

function set(key: string, value: string | Buffer): Effect {
  return { id: EffectId.stringSet, database: 0, key, value, expiryMs: 0 };
}

const emptyTail = { sequence: 0, chain: Buffer.alloc(32), epoch: 0 };

/** A driver whose appends finish when the test says so. */
class HeldDriver implements Pick<LogDriver, "append" | "shortage" | "onFailure"> {
  shortage: string | undefined;
  /** What the driver says of a failure away from an append. */
  failAside: (reason: unknown) => void = () => undefined;
  readonly sequences: number[] = [];
  readonly unitCounts: number[] = [];
  readonly waits: (Waits | undefined)[] = [];
  #finish: ((failure?: Error) => void) | undefined;

  append(sequence: number, record: Buffer, waits?: Waits): Promise<void> {
    this.waits.push(waits);
    const header = readHeader(record, 0);
    if (typeof header === "string") throw new Error(header);
    this.sequences.push(sequence);
    this.unitCounts.push(header.unitCount);
    return new Promise((resolve, reject) => {
      this.#finish = (failure) => (failure === undefined ? resolve() : reject(failure));
    });
  }

  onFailure(listener: (reason: unknown) => void): void {
    this.failAside = listener;
  }

  async finish(failure?: Error): Promise<void> {
    const finish = this.#finish;
    this.#finish = undefined;
    if (finish === undefined) throw new Error("no append is in flight");
    finish(failure);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }

  get isInFlight(): boolean {
    return this.#finish !== undefined;
  }
}

async function claimed() {
  const world = new FakeWorld();
  const driver = new HeldDriver();
  const appender = new Appender({
    driver,
    shard: 0,
    writerId: Buffer.alloc(8, 1),
    soon: (run) => world.soon(run),
    monotonicMs: () => world.monotonicMs(),
    nowMs: () => world.nowMs(),
  });
  const claim = appender.claim(emptyTail);
  world.advance(0.1);
  await driver.finish();
  await claim;
  return { world, driver, appender };
}

describe("group commit", () => {
  test("opens the epoch with a claim before any unit", async () => {
    const { driver, appender } = await claimed();
    expect(driver.sequences).toEqual([1]);
    expect(driver.unitCounts).toEqual([0]);
    expect(appender.epoch).toBe(1);
    expect(appender.durableSequence).toBe(1);
  });

  test("refuses a unit before the claim", () => {
    const world = new FakeWorld();
    const driver = new HeldDriver();
    const soon = (run: () => void): void => world.soon(run);
    const appender = new Appender({
      driver,
      shard: 0,
      writerId: Buffer.alloc(8),
      soon,
      monotonicMs: () => 0,
      nowMs: () => 0,
    });
    expect(() => appender.appendUnit([set("k", "v")])).toThrow("claimed");
  });

  test("puts everything that arrives while an append is in flight in the next record", async () => {
    const { world, driver, appender } = await claimed();
    const durable: number[] = [];
    appender.onDurable((sequence) => durable.push(sequence));
    expect([1, 2, 3].map((n) => appender.appendUnit([set("k", `${n}`)]))).toEqual([2, 2, 2]);
    expect(driver.isInFlight).toBe(false);
    world.runSoon();
    expect([4, 5].map((n) => appender.appendUnit([set("k", `${n}`)]))).toEqual([3, 3]);
    world.runSoon();
    expect(driver.sequences).toEqual([1, 2]);
    expect(durable).toEqual([]);
    await driver.finish();
    expect(durable).toEqual([2]);
    world.runSoon();
    expect(driver.unitCounts).toEqual([0, 3, 2]);
    await driver.finish();
    expect(durable).toEqual([2, 3]);
    expect(appender.appliedSequence).toBe(3);
  });

  test("closes a record that passes its target, and never splits a unit", async () => {
    const { world, driver, appender } = await claimed();
    const large = Buffer.alloc(limits.recordBytesTarget, 1);
    const unit = [set("a", large), set("b", large), set("c", large)];
    expect(appender.appendUnit([set("k", "v")])).toBe(2);
    expect(appender.appendUnit(unit)).toBe(2);
    expect(appender.appendUnit([set("k", "w")])).toBe(3);
    world.runSoon();
    await driver.finish();
    world.runSoon();
    await driver.finish();
    expect(driver.unitCounts).toEqual([0, 2, 1]);
  });

  test("drains what was appended so far", async () => {
    const { world, driver, appender } = await claimed();
    await appender.drain();
    appender.appendUnit([set("k", "v")]);
    let isDrained = false;
    const drained = appender.drain().then(() => {
      isDrained = true;
    });
    world.runSoon();
    expect(isDrained).toBe(false);
    await driver.finish();
    await drained;
    expect(isDrained).toBe(true);
  });

  test("acknowledges nothing after a failure, and says so once", async () => {
    const { world, driver, appender } = await claimed();
    const durable: number[] = [];
    const failures: Error[] = [];
    appender.onDurable((sequence) => durable.push(sequence));
    appender.onFailure((reason) => failures.push(reason));
    appender.appendUnit([set("k", "v")]);
    world.runSoon();
    const drained = appender.drain();
    appender.appendUnit([set("k", "w")]);
    await Promise.all([
      expect(drained).rejects.toThrow("bad disk"),
      driver.finish(new DiskError("bad disk", "EIO")),
    ]);
    appender.appendUnit([set("k", "x")]);
    world.runSoon();
    expect(durable).toEqual([]);
    expect(failures.map((failure) => failure.message)).toEqual(["bad disk"]);
    expect(driver.isInFlight).toBe(false);
    await expect(appender.drain()).rejects.toThrow("bad disk");
  });
});

describe("where a record's append is waited for", () => {
  async function appendOne(
    { world, driver, appender }: Awaited<ReturnType<typeof claimed>>,
    unitCount: number,
    durationMs: number,
  ) {
    for (let unit = 0; unit < unitCount; unit += 1) appender.appendUnit([set("k", "v")]);
    world.runSoon();
    if (!driver.isInFlight) world.advance(2);
    world.advance(durationMs);
    await driver.finish();
    return driver.waits.at(-1);
  }

  test("on the loop where many wait and the disk is quick, else aside", async () => {
    const log = await claimed();
    let waiterCount = 50;
    log.appender.askWaiterCount(() => waiterCount);
    await appendOne(log, 1, 0.1);
    expect(await appendOne(log, 50, 0.1)).toBe("on the loop");
    expect(await appendOne(log, 15, 0.1)).toBe("aside");
    waiterCount = 15;
    expect(await appendOne(log, 50, 0.1)).toBe("aside");
    expect(log.appender.recordsOnLoop).toBe(1);
    expect(log.appender.durableSequence).toBe(log.appender.appliedSequence);
  });

  test("a failure away from an append is as fatal, and the append in flight is not told", async () => {
    const { world, driver, appender } = await claimed();
    const durable: number[] = [];
    const failures: Error[] = [];
    appender.onDurable((sequence) => durable.push(sequence));
    appender.onFailure((reason) => failures.push(reason));
    appender.appendUnit([set("k", "v")]);
    world.runSoon();
    driver.failAside(new Error("bad disk"));
    await driver.finish();
    expect(durable).toEqual([]);
    expect(failures.map((failure) => failure.message)).toEqual(["bad disk"]);
  });

  test("a failure on the loop acknowledges nothing, as one aside", async () => {
    const log = await claimed();
    log.appender.askWaiterCount(() => 50);
    await appendOne(log, 1, 0.1);
    const durable: number[] = [];
    const failures: Error[] = [];
    log.appender.onDurable((sequence) => durable.push(sequence));
    log.appender.onFailure((reason) => failures.push(reason));
    log.driver.append = (_sequence, _record, waits) => {
      expect(waits).toBe("on the loop");
      throw new DiskError("bad disk", "EIO");
    };
    for (let unit = 0; unit < 50; unit += 1) log.appender.appendUnit([set("k", "v")]);
    log.world.runSoon();
    await expect(log.appender.drain()).rejects.toThrow("bad disk");
    expect(durable).toEqual([]);
    expect(failures).toHaveLength(1);
  });

  test("never for a slow disk, a large record or pipelines", () => {
    const slow = new WaitingPlace();
    slow.took(0.4, false);
    expect(slow.isOnLoop(200, 200, 8192)).toBe(false);
    const quick = new WaitingPlace();
    quick.took(0.1, false);
    expect(quick.isOnLoop(200, 200, 8192)).toBe(true);
    expect(quick.isOnLoop(200, 200, 32_768)).toBe(false);
    expect(quick.isOnLoop(25, 200, 8192)).toBe(false);
  });

  test("not before the disk was met", () => {
    expect(new WaitingPlace().isOnLoop(200, 200, 8192)).toBe(false);
  });

  test("a slow one on the loop sends others aside, twice as many each time", () => {
    const place = new WaitingPlace();
    const leftOut: number[] = [];
    place.took(0.1, false);
    for (let round = 0; round < 4; round += 1) {
      place.took(2, true);
      let count = 0;
      for (; !place.isOnLoop(200, 200, 8192); count += 1) place.took(0.1, false);
      leftOut.push(count);
    }
    expect(leftOut).toEqual([16, 32, 64, 128]);
  });

  test("a disk that becomes slow is noticed, and one that becomes quick again at once", () => {
    const place = new WaitingPlace();
    place.took(0.1, false);
    for (let count = 0; count < 16; count += 1) place.took(0.9, true);
    expect(place.isOnLoop(200, 200, 8192)).toBe(false);
    place.took(0.1, false);
    expect(place.isOnLoop(200, 200, 8192)).toBe(true);
  });
});

describe("through the driver in memory", () => {
  test("what was appended is read back, and a second start opens the next epoch", async () => {
    const records: Buffer[] = [];
    const world = new FakeWorld();
    const soon = (run: () => void): void => queueMicrotask(run);
    const recoveryWorld = { clock: world, timers: { soon }, logger: silentLogger };
    for (let start = 1; start <= 3; start += 1) {
      const driver = new MemoryDriver(records);
      const keyspace = new Keyspace();
      const { tail } = await recover(driver, keyspace, recoveryWorld, () => undefined);
      expect(tail.epoch).toBe(start - 1);
      expect(keyspace.keyCount(0)).toBe((start - 1) * 50);
      const appender = new Appender({
        driver,
        shard: 0,
        writerId: Buffer.alloc(8),
        soon,
        monotonicMs: () => 0,
        nowMs: () => 1000 * start,
      });
      await appender.claim(tail);
      for (let number = 0; number < 50; number += 1) {
        appender.appendUnit([set(`key:${start}:${number}`, "value"), set("last", "")].slice(0, 1));
        if (number % 7 === 0) await appender.drain();
      }
      await appender.drain();
    }
    const keyspace = new Keyspace();
    const read = await recover(new MemoryDriver(records), keyspace, recoveryWorld, () => undefined);
    expect(read.effectCount).toBe(150);
    expect(read.tail.epoch).toBe(3);
    expect(keyspace.peek(0, "key:2:49")?.value).toMatchObject({ bytes: "value" });
    const times = new Set<number>();
    await new MemoryDriver(records).open(({ timeMs }) => void times.add(timeMs));
    expect([...times]).toEqual([1000, 2000, 3000]);
  });
});

describe("the pace of gathering", () => {
  function paced() {
    let nowMs = 0;
    const pace = new GatheringPace(() => nowMs);
    return {
      pace,
      /** One append of that length, with so many units in it and so many gathered meanwhile. */
      append(durationMs: number, unitCount: number, gatheredUnits: number): void {
        pace.sent();
        nowMs += durationMs;
        pace.durable(unitCount, gatheredUnits);
      },
      pass(durationMs: number): void {
        nowMs += durationMs;
      },
    };
  }

  test("reads on while a turn brings more, up to a record's worth", () => {
    const { pace } = paced();
    expect(pace.isStillReading(16)).toBe(true);
    expect(pace.isStillReading(32)).toBe(true);
    expect(pace.isStillReading(34)).toBe(false);
    pace.sent();
    expect(pace.isStillReading(3)).toBe(false);
    pace.sent();
    expect(pace.isStillReading(200)).toBe(false);
  });

  test("waits for those who were just answered, until they are back", () => {
    const { pace, append } = paced();
    append(0.4, 25, 25);
    expect(pace.shouldWait(25, 4096)).toBe(true);
    expect(pace.shouldWait(44, 4096)).toBe(true);
    expect(pace.shouldWait(45, 4096)).toBe(false);
  });

  test("does not wait when there is enough for an append", () => {
    const { pace, append } = paced();
    append(0.4, 400, 400);
    expect(pace.shouldWait(400, 48_000)).toBe(false);
  });

  test("does not wait for a writer that is alone", () => {
    const { pace, append } = paced();
    append(0.4, 1, 0);
    expect(pace.shouldWait(1, 4096)).toBe(false);
  });

  test("gives up after twice the length of the append, and after a millisecond", () => {
    for (const [appendMs, waitMs] of [
      [0.2, 0.4],
      [30, 1],
    ] as const) {
      const { pace, append, pass } = paced();
      append(appendMs, 25, 25);
      pass(waitMs * 0.99);
      expect(pace.shouldWait(30, 4096)).toBe(true);
      pass(waitMs * 0.02);
      expect(pace.shouldWait(30, 4096)).toBe(false);
    }
  });

  test("leaves the wait out for longer each time that nobody comes, and forgets it once they do", () => {
    const { pace, append, pass } = paced();
    const waits: boolean[] = [];
    for (let count = 0; count < 12; count += 1) {
      append(0.4, 25, 25);
      waits.push(pace.shouldWait(25, 4096));
      pass(2);
      expect(pace.shouldWait(25, 4096)).toBe(false);
    }
    const waited = waits.flatMap((wait, index) => (wait ? [index] : []));
    expect(waited).toEqual([0, 2, 5, 10]);
  });
});
