/**
 * A log that one process after the other opens, reads, appends to and dies on, while its disk
 * fails: what was acknowledged over all of them must be there for each.
 *
 * A process ends with the first failure, as a server does. What it may end with is an error of the
 * disk or one that says where the log is damaged; anything else is a mistake of ours.
 */
import type { FileDriver } from "../../src/log/driver-file.ts";
import { LogDamaged } from "../../src/log/log-driver.ts";
import { DiskError } from "../../src/runtime/disk.ts";
import type { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { FakeWorld } from "../../src/runtime/fake-world.ts";
import { LOG_FOLDER, openDriver, payloadOf } from "../support/log-records.ts";

export const SEGMENT_BYTES = 4096;
/** Far more than any call takes on a fake disk: who waits longer hangs. */
const TURNS_MAX = 20_000;
const TURNS_A_SECOND = 40;

export type Ending =
  | { readonly kind: "done" }
  /** A failure of the disk. */
  | { readonly kind: "failed"; readonly reason: DiskError }
  /** The log is damaged, it says, and where. */
  | { readonly kind: "refused"; readonly reason: LogDamaged };

export class LogHistory {
  readonly disk: FakeDisk;
  readonly problems: string[] = [];
  acknowledgedCount = 0;
  /** How many records were handed to the disk, wholly or not. */
  attemptedCount = 0;
  readonly #records: readonly Buffer[];
  readonly #label: string;

  constructor(disk: FakeDisk, records: readonly Buffer[], label: string) {
    this.disk = disk;
    this.#records = records;
    this.#label = label;
  }

  /** Another process: reads everything back, appends so many records, and ends. */
  async process(appendCount: number): Promise<Ending> {
    const world = new FakeWorld();
    const driver = openDriver(this.disk, SEGMENT_BYTES, world);
    let isDead = false;
    driver.onFailure(() => {
      isDead = true;
    });
    const work = this.#work(driver, appendCount, () => isDead);
    const ending = await this.#settle(work, world);
    this.disk.isHolding = false;
    return ending;
  }

  /** Like `process`, and power is lost while the last append is in flight. */
  async processUntilPowerLoss(appendCount: number): Promise<void> {
    const world = new FakeWorld();
    const driver = openDriver(this.disk, SEGMENT_BYTES, world);
    await driver.open(() => undefined);
    for (let count = 0; count < appendCount; count += 1) {
      const isLast = count === appendCount - 1;
      if (isLast) this.disk.isHolding = true;
      this.attemptedCount += 1;
      const appended = driver.append(this.attemptedCount, this.#records[this.attemptedCount - 1]);
      appended.catch(() => undefined);
      if (isLast) await turns(TURNS_A_SECOND);
      else {
        await appended;
        this.acknowledgedCount = this.attemptedCount;
      }
    }
    this.disk.losePower();
  }

  async #work(driver: FileDriver, appendCount: number, isDead: () => boolean): Promise<Ending> {
    try {
      const payloads: Buffer[] = [];
      const { tail } = await driver.open((record) => {
        payloads.push(Buffer.from(record.payload));
      });
      this.#checkRead(payloads, tail.sequence);
      this.attemptedCount = tail.sequence;
      this.acknowledgedCount = Math.max(this.acknowledgedCount, tail.sequence);
      const last = Math.min(tail.sequence + appendCount, this.#records.length);
      for (let sequence = tail.sequence + 1; sequence <= last; sequence += 1) {
        this.attemptedCount = sequence;
        const waits = sequence % 2 === 0 ? "aside" : "on the loop";
        await driver.append(sequence, this.#records[sequence - 1], waits);
        if (isDead()) break;
        this.acknowledgedCount = sequence;
      }
      await driver.close();
      return { kind: "done" };
    } catch (reason) {
      if (reason instanceof DiskError) return { kind: "failed", reason };
      if (reason instanceof LogDamaged && reason.message.includes(LOG_FOLDER)) {
        return { kind: "refused", reason };
      }
      this.#problem(`ended with ${reason instanceof Error ? reason.stack : String(reason)}`);
      return { kind: "done" };
    }
  }

  /** Whatever was read is now shown to people, so it must stay as if it had been acknowledged. */
  #checkRead(payloads: readonly Buffer[], sequence: number): void {
    if (sequence < this.acknowledgedCount) {
      this.#problem(`only ${sequence} of ${this.acknowledgedCount} acknowledged records are back`);
    }
    if (sequence > this.attemptedCount) {
      this.#problem(`${sequence} records are back, and ${this.attemptedCount} were written`);
    }
    for (const [index, payload] of payloads.entries()) {
      if (payload.equals(payloadOf(this.#records[index]))) continue;
      this.#problem(`record ${index + 1} is not what was written`);
      return;
    }
  }

  /** Time passes while it waits, so that what is tried again every second is. */
  async #settle(work: Promise<Ending>, world: FakeWorld): Promise<Ending> {
    let ending: Ending | undefined;
    void work.then((reached) => {
      ending = reached;
    });
    for (let count = 0; count < TURNS_MAX; count += TURNS_A_SECOND) {
      await turns(TURNS_A_SECOND);
      if (ending !== undefined) return ending;
      world.advance(1000);
    }
    this.#problem("hangs");
    return { kind: "done" };
  }

  #problem(what: string): void {
    this.problems.push(`${this.#label}: ${what}`);
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}
