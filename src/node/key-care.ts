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
/** Of looking at the folder's files, and of trying again. */
const LOOK_TICKS = 60;

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
  readonly #parts: KeyCareParts;
  #timer: TimerHandle | undefined;
  #ticksToLook = 0;
  #working: Promise<void> | undefined;

  constructor(parts: KeyCareParts) {
    this.#parts = parts;
  }

  /** Once the log is claimed; nothing to do where nothing is encrypted. */
  async start(): Promise<void> {
    const { timers, logger, keys } = this.#parts;
    if (keys.cipher === undefined) return;
    await this.#countPlain();
    if (this.plainSegmentCount > 0) {
      logger.warn(
        { segments: this.plainSegmentCount, sealedFrom: keys.sealedFrom },
        "the log has segments of before encryption: they are plain until snapshots trim them",
      );
    }
    this.#timer = timers.every(PERIOD_MS, () => this.#tick());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#working;
  }

  #tick(): void {
    if (this.#working !== undefined) return;
    this.#ticksToLook -= 1;
    const isLooking = this.#ticksToLook <= 0;
    if (isLooking) this.#ticksToLook = LOOK_TICKS;
    this.#working = this.#work(isLooking).then(
      () => {
        this.#working = undefined;
      },
      (failure: unknown) => {
        this.#working = undefined;
        const reason = failure instanceof Error ? failure.message : String(failure);
        this.#parts.logger.warn({ reason }, "the key ring could not be written");
      },
    );
  }

  async #work(isLooking: boolean): Promise<void> {
    const { keys, bounds, newestSequence } = this.#parts;
    await keys.care(bounds(), newestSequence);
    if (!isLooking) return;
    await this.#countPlain();
    await keys.dropUnneeded(() => this.#needed());
  }

  async #countPlain(): Promise<void> {
    const { disk, folder, keys } = this.#parts;
    const names = await disk.list(folder);
    this.plainSegmentCount = names.filter((name) => {
      return (segmentSequence(name) ?? Number.POSITIVE_INFINITY) < keys.sealedFrom;
    }).length;
  }

  async #needed(): Promise<NeededKeys | undefined> {
    const { disk, folder } = this.#parts;
    const names = await disk.list(folder);
    const sequences = names.flatMap((name) => segmentSequence(name) ?? []);
    if (sequences.length === 0) return undefined;
    const keyIds = new Set<number>();
    for (const name of names) {
      const parsed = parseSnapshotName(name);
      // What is being made was begun with a key that the log's records still need.
      if (parsed === undefined || parsed.isTemporary) continue;
      const keyId = await sealingKeyOf(disk, joinPath(folder, name));
      if (keyId === undefined) return undefined;
      keyIds.add(keyId);
    }
    return { oldestSequence: Math.min(...sequences), keyIds };
  }
}
