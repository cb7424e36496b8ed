/**
 * What has to be done for a folder's keys while a node runs: a new data key when the present one
 * has done enough, and an end to those that nothing needs. No command waits for any of it; what
 * fails is told and tried again a minute later.
 */
import type { DataKeyBounds, FolderKeys, NeededKeys } from "../keys/folder-keys.ts";
import { segmentSequence } from "../log/segment-format.ts";
import type { TimerHandle, Timers } from "../runtime/clock.ts";
import { type Disk, joinPath } from "../runtime/disk.ts";
import type { Logger } from "../runtime/logger.ts";
import { sealingKeyOf } from "../snapshot/sealing-key.ts";
import { parseSnapshotName } from "../snapshot/snapshot-names.ts";

const PERIOD_MS = 1000;
/** Of looking at the folder's files. */
const LOOK_TICKS = 60;
const RETRY_TICKS = 60;
const KEPT_PREFIX = "cut-after-";

export interface KeyCareParts {
  readonly disk: Disk;
  readonly folder: string;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly keys: FolderKeys;
  readonly bounds: () => DataKeyBounds;
  /** The newest record that may be sealed already. */
  readonly newestSequence: () => number;
}

export class KeyCare {
  /** Those that have records of before encryption. */
  plainSegmentCount = 0;
  plainSnapshotCount = 0;
  readonly #parts: KeyCareParts;
  #timer: TimerHandle | undefined;
  #ticksToLook = 0;
  /** After a failure. */
  #restTicks = 0;
  #working: Promise<void> | undefined;

  constructor(parts: KeyCareParts) {
    this.#parts = parts;
  }

  /** Once the log is claimed; nothing to do where nothing is encrypted. */
  async start(): Promise<void> {
    const { timers, logger, keys } = this.#parts;
    if (keys.cipher === undefined) return;
    await this.#look();
    if (this.plainSegmentCount + this.plainSnapshotCount > 0) {
      const counts = { segments: this.plainSegmentCount, snapshots: this.plainSnapshotCount };
      logger.warn(
        { ...counts, sealedFrom: keys.sealedFrom },
        "files of before encryption are plain until newer snapshots take their place",
      );
    }
    this.#timer = timers.every(PERIOD_MS, () => this.#tick());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.whenIdle();
  }

  /** Resolves once what was due has ended. */
  async whenIdle(): Promise<void> {
    await this.#working;
  }

  #tick(): void {
    if (this.#working !== undefined) return;
    if (this.#restTicks > 0) {
      this.#restTicks -= 1;
      return;
    }
    this.#ticksToLook -= 1;
    const isLooking = this.#ticksToLook <= 0;
    if (isLooking) this.#ticksToLook = LOOK_TICKS;
    this.#working = this.#work(isLooking).then(
      () => {
        this.#working = undefined;
      },
      (failure: unknown) => {
        this.#working = undefined;
        this.#restTicks = RETRY_TICKS;
        const reason = failure instanceof Error ? failure.message : String(failure);
        this.#parts.logger.warn(
          { reason },
          "the keys of the folder were not seen to; tried again in a minute",
        );
      },
    );
  }

  async #work(isLooking: boolean): Promise<void> {
    const { keys, bounds, newestSequence } = this.#parts;
    await keys.care(bounds(), newestSequence);
    if (!isLooking) return;
    const needed = await this.#look();
    await keys.dropUnneeded(async () => needed);
  }

  /** Counts what is plain; which keys files need, if that is known of all. */
  async #look(): Promise<NeededKeys | undefined> {
    const { disk, folder, keys } = this.#parts;
    const names = await disk.list(folder);
    const sequences = names.flatMap((name) => segmentSequence(name) ?? []);
    this.plainSegmentCount = sequences.filter((sequence) => sequence < keys.sealedFrom).length;
    const keyIds = new Set<number>();
    let plainCount = 0;
    // What was cut off the log and kept may have to be read once more, by whatever key it needs.
    let isKnown = sequences.length > 0 && !names.some((name) => name.startsWith(KEPT_PREFIX));
    for (const name of names) {
      const parsed = parseSnapshotName(name);
      // What is being made was begun with a key that the log's records still need.
      if (parsed === undefined || parsed.isTemporary) continue;
      const keyId = await sealingKeyOf(disk, joinPath(folder, name));
      if (keyId === undefined) isKnown = false;
      else keyIds.add(keyId);
      if (keyId === 0 && parsed.graphNumber === undefined) plainCount += 1;
    }
    this.plainSnapshotCount = plainCount;
    return isKnown ? { oldestSequence: Math.min(...sequences), keyIds } : undefined;
  }
}
