/**
 * Snapshots of a running node: begun by command or when one is due, made by a follower and by the
 * owners of parts, named when all of it was read back; then older ones and the log below go.
 *
 * - The event loop does no work on data: it ends a record, waits, renames and removes.
 * - What fails is a line in the log and a status in INFO, and nothing is trimmed.
 * - The log goes below the snapshot that the follower began with: it has just been read whole and
 *   found sound, so two sound snapshots are there at any time, each with the log behind it.
 */
import { assert } from "../base/assert.ts";
import type {
  ConfigurationAccess,
  SnapshotControl,
  SnapshotFigures,
} from "../commands/server-control.ts";
import type { HandedKeys } from "../keys/handed-keys.ts";
import type { Effect } from "../keyspace/effect.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { FileDriver } from "../log/driver-file.ts";
import type { TimerHandle } from "../runtime/clock.ts";
import { joinPath } from "../runtime/disk.ts";
import { failpoint, isPlanted } from "../runtime/failpoint.ts";
import { listSnapshots, removeSnapshot, removeUnfinished } from "../snapshot/snapshot-folder.ts";
import { snapshotName, temporaryName } from "../snapshot/snapshot-names.ts";
import type { SnapshotPart, SnapshotPartMaker } from "../snapshot/snapshot-parts.ts";
import { type FileKeys, SnapshotReader } from "../snapshot/snapshot-reader.ts";
import { type FollowerEnd, FollowerRun } from "./follower-run.ts";
import type { Recovered } from "./recover.ts";
import { snapshotsToRemove } from "./snapshot-retention.ts";
import { dueReason, parseSavePoints, parseTimes, type SnapshotRules } from "./snapshot-schedule.ts";
import type { World } from "./world.ts";

const LOOK_PERIOD_MS = 1000;
/** After a failure, before one is begun without being asked for. */
const RETRY_MS = 30_000;

export interface SnapshotKeeperParts {
  readonly world: World;
  readonly folder: string;
  readonly driver: FileDriver;
  readonly keyspace: Keyspace;
  readonly configuration: ConfigurationAccess;
  readonly keys: FileKeys | undefined;
  /** The folder's keys, for the follower. */
  readonly handKeys: () => HandedKeys | undefined;
  readonly makers: readonly SnapshotPartMaker[];
  readonly failpoints: string;
  /** `Engine.endRecord`. */
  readonly endRecord: (effects: readonly Effect[]) => {
    readonly sequence: number;
    readonly isWritten: boolean;
  };
  /** Resolves once that record is durable. */
  readonly whenDurable: (sequence: number) => Promise<void>;
  /** Since the start: commands that changed something, and bytes of their records. */
  readonly counts: () => { readonly changeCount: number; readonly appendedBytes: number };
}

interface Attempt {
  readonly startedAtMs: number;
  readonly startedAt: number;
  run: FollowerRun | undefined;
  parts: readonly SnapshotPart[];
}

/** Of the newest snapshot, and of the counts when it was begun. */
interface Newest {
  readonly sequence: number;
  readonly sizeBytes: number;
  readonly savedAtMs: number;
  /** Since when there may be writes that no snapshot has. */
  readonly dueSinceMs: number;
  readonly changeCount: number;
  readonly appendedBytes: number;
}

export class SnapshotKeeper implements SnapshotControl {
  readonly #parts: SnapshotKeeperParts;
  #newest: Newest;
  #loadedKeyCount = 0;
  #attempt: Attempt | undefined;
  #lastFailure: string | undefined;
  #lastDurationMs = -1;
  #savedCount = 0;
  #followerResidentBytes = 0;
  #isScheduled = false;
  #isStopped = true;
  #retryAt = 0;
  #timer: TimerHandle | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(parts: SnapshotKeeperParts) {
    this.#parts = parts;
    const savedAtMs = parts.world.clock.nowMs();
    const none = { sequence: 0, sizeBytes: 0, changeCount: 0, appendedBytes: 0 };
    this.#newest = { ...none, savedAtMs, dueSinceMs: savedAtMs };
  }

  get driver(): FileDriver {
    return this.#parts.driver;
  }

  /** After recovery and the claim: from now on snapshots can be made. */
  start({ snapshot, tailBytes, tailSinceMs }: Recovered): void {
    const { world, counts } = this.#parts;
    const { changeCount, appendedBytes } = counts();
    this.#loadedKeyCount = snapshot?.keyCount ?? 0;
    const savedAtMs = snapshot?.madeAtMs ?? this.#newest.savedAtMs;
    this.#newest = {
      sequence: snapshot?.sequence ?? 0,
      sizeBytes: snapshot?.sizeBytes ?? 0,
      savedAtMs,
      dueSinceMs: snapshot?.madeAtMs ?? tailSinceMs ?? savedAtMs,
      changeCount,
      // What was read back behind it counts as if it had been appended since.
      appendedBytes: appendedBytes - tailBytes,
    };
    this.#isStopped = false;
    this.#timer = world.timers.every(LOOK_PERIOD_MS, () => this.#look());
  }

  /** Ends the follower; what it wrote is removed. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#abandon();
    await this.#ended;
  }

  begin(): Promise<void> | undefined {
    if (this.#attempt !== undefined) return undefined;
    if (this.#isStopped) return Promise.reject(new Error("the server is starting or stopping"));
    const { clock } = this.#parts.world;
    const attempt: Attempt = {
      startedAtMs: clock.nowMs(),
      startedAt: clock.monotonicMs(),
      run: undefined,
      parts: [],
    };
    this.#attempt = attempt;
    const whenDone = this.#make(attempt).finally(() => {
      this.#lastDurationMs = clock.monotonicMs() - attempt.startedAt;
      this.#attempt = undefined;
    });
    this.#ended = whenDone.catch(() => undefined);
    return whenDone;
  }

  schedule(): void {
    this.#isScheduled = true;
    this.#parts.world.timers.soon(() => this.#look());
  }

  figures(): SnapshotFigures {
    const { sequence, sizeBytes, savedAtMs } = this.#newest;
    const { changesSince, logBytesSince } = this.#since();
    const run = this.#attempt?.run;
    return {
      startedAtMs: this.#attempt?.startedAtMs,
      progress: run?.progress ?? 0,
      step: this.#attempt === undefined ? "" : (run?.step ?? "waiting"),
      lastSavedAtMs: savedAtMs,
      lastFailure: this.#lastFailure,
      lastDurationMs: this.#lastDurationMs,
      savedCount: this.#savedCount,
      changeCount: changesSince,
      sequence,
      sizeBytes,
      followerResidentBytes: this.#followerResidentBytes,
      loadedKeyCount: this.#loadedKeyCount,
      trimmedSequence: this.#parts.driver.trimmedSequence,
      logBytesSince,
    };
  }

  #since(): { readonly changesSince: number; readonly logBytesSince: number } {
    const { changeCount, appendedBytes } = this.#parts.counts();
    return {
      changesSince: changeCount - this.#newest.changeCount,
      logBytesSince: Math.max(0, appendedBytes - this.#newest.appendedBytes),
    };
  }

  #look(): void {
    if (this.#isStopped || this.#attempt !== undefined) return;
    const { clock, logger } = this.#parts.world;
    let reason = this.#isScheduled ? "it was asked for" : undefined;
    if (reason === undefined && clock.monotonicMs() >= this.#retryAt) {
      const nowMs = clock.nowMs();
      const state = { nowMs, lastSavedAtMs: this.#newest.dueSinceMs, ...this.#since() };
      reason = dueReason(this.#rules(), state);
    }
    if (reason === undefined) return;
    this.#isScheduled = false;
    logger.info({ reason }, "a snapshot is due");
    this.begin()?.catch(() => undefined);
  }

  #rules(): SnapshotRules {
    const { configuration } = this.#parts;
    return {
      logBytes: configuration.number("snapshot-log-bytes"),
      ageMs: configuration.number("snapshot-age-seconds") * 1000,
      minutes: parseTimes(configuration.text("snapshot-schedule")) ?? [],
      savePoints: parseSavePoints(configuration.text("save")) ?? [],
    };
  }

  async #make(attempt: Attempt): Promise<void> {
    const { world } = this.#parts;
    try {
      // Not in the middle of the command that asks for it, whose effects are not appended yet.
      await new Promise<void>((resolve) => world.timers.soon(resolve));
      await this.#save(attempt);
      this.#lastFailure = undefined;
    } catch (failure) {
      this.#lastFailure = failure instanceof Error ? failure.message : String(failure);
      this.#retryAt = world.clock.monotonicMs() + RETRY_MS;
      if (!this.#isStopped) {
        const fields = { reason: this.#lastFailure };
        world.logger.error(fields, "no snapshot was made; the log keeps everything");
      }
      this.#abandon();
      await Promise.allSettled(attempt.parts.map(({ whenWritten }) => whenWritten));
      await this.#clean();
      throw failure;
    }
  }

  async #save(attempt: Attempt): Promise<void> {
    const { world, makers, endRecord, whenDurable, counts } = this.#parts;
    const { changeCount, appendedBytes } = counts();
    const { sequence, isWritten } = endRecord(makers.flatMap((maker) => maker.closingEffects()));
    if (sequence === this.#newest.sequence) {
      // Nothing was written since, so what there is, is of now.
      const savedAtMs = attempt.startedAtMs;
      this.#newest = { ...this.#newest, savedAtMs, dueSinceMs: savedAtMs };
      return;
    }
    if (isWritten) attempt.parts = makers.flatMap((maker) => this.#begun(maker, sequence));
    for (const { whenWritten } of attempt.parts) whenWritten.catch(() => undefined);
    await whenDurable(sequence);
    this.#checkGoingOn();
    if (isPlanted("planted.trim-before-verify")) await this.#parts.driver.trim(sequence);
    const made = await this.#follow(attempt, sequence);
    const parts = await this.#finished(attempt.parts);
    this.#checkGoingOn();
    await this.#name(sequence, parts);
    const { sizeBytes, keyCount, baseSequence, passCount, digest } = made.result;
    const savedAtMs = attempt.startedAtMs;
    const dueSinceMs = savedAtMs;
    this.#newest = { sequence, sizeBytes, savedAtMs, dueSinceMs, changeCount, appendedBytes };
    this.#savedCount += 1;
    this.#followerResidentBytes = made.residentBytesMax;
    const seconds = Math.round((world.clock.monotonicMs() - attempt.startedAt) / 100) / 10;
    world.logger.info(
      {
        snapshotSequence: sequence,
        keys: keyCount,
        bytes: sizeBytes,
        digest,
        parts: parts.length,
        passes: passCount,
        followerResidentBytes: made.residentBytesMax,
        seconds,
      },
      "a snapshot was made and read back",
    );
    await this.#tidy(baseSequence, sequence);
  }

  async #follow(attempt: Attempt, sequence: number): Promise<FollowerEnd> {
    const { world, folder, keyspace, configuration, handKeys, failpoints } = this.#parts;
    const run = new FollowerRun(
      world.followers,
      {
        folder,
        sequence,
        madeAtMs: attempt.startedAtMs,
        memoryBytes: configuration.number("snapshot-memory"),
        databaseCount: keyspace.databases.length,
        encodingLimits: { ...keyspace.encodingLimits },
        keys: handKeys(),
        failpoints,
      },
      (reason) => {
        const message = "A SNAPSHOT IS DAMAGED: the next is made from the one before it";
        world.logger.error({ reason }, message);
      },
    );
    attempt.run = run;
    return await run.ended;
  }

  /** No part is needed, so none keeps the snapshot from being made. */
  #begun(maker: SnapshotPartMaker, sequence: number): readonly SnapshotPart[] {
    try {
      return maker.begin(sequence);
    } catch (failure) {
      const fields = { reason: String(failure) };
      this.#parts.world.logger.warn(fields, "parts of the snapshot are left out");
      return [];
    }
  }

  /** Those that are whole; the others are made up for at the next start. */
  async #finished(parts: readonly SnapshotPart[]): Promise<SnapshotPart[]> {
    const outcomes = await Promise.allSettled(parts.map(({ whenWritten }) => whenWritten));
    return parts.filter((part, index) => {
      const outcome = outcomes[index];
      if (outcome.status === "fulfilled") return true;
      const reason = String(outcome.reason);
      const fields = { part: part.name, reason };
      this.#parts.world.logger.warn(fields, "a part of the snapshot is left out");
      return false;
    });
  }

  /** The keyspace's file gets its name last: where it stands, everything stands. */
  async #name(sequence: number, parts: readonly SnapshotPart[]): Promise<void> {
    const { world, folder } = this.#parts;
    failpoint("snapshot.written");
    for (const name of [...parts.map((part) => part.name), snapshotName(sequence)]) {
      await world.disk.rename(joinPath(folder, temporaryName(name)), joinPath(folder, name));
    }
    failpoint("snapshot.renamed");
    await world.disk.syncFolder(folder);
    failpoint("snapshot.directory-synced");
  }

  /** The snapshot stands whatever fails here: it is tried again behind the next one. */
  async #tidy(baseSequence: number, sequence: number): Promise<void> {
    const { world, folder, driver } = this.#parts;
    try {
      await this.#removeOld(baseSequence, sequence);
      await removeUnfinished(world.disk, folder);
      const segments = await driver.trim(baseSequence);
      if (segments > 0) {
        const trimmedSequence = driver.trimmedSequence;
        world.logger.info({ segments, trimmedSequence }, "the log was trimmed");
      }
    } catch (failure) {
      world.logger.warn({ reason: String(failure) }, "old snapshots or segments are still there");
    }
  }

  async #removeOld(baseSequence: number, sequence: number): Promise<void> {
    const { world, folder, keys, configuration } = this.#parts;
    const { disk, clock, logger } = world;
    const dated = [];
    for (const listed of await listSnapshots(disk, folder)) {
      // The follower found it damaged: it counts as none of those that are kept, and stays.
      if (listed.sequence > baseSequence && listed.sequence < sequence) continue;
      try {
        const reader = await SnapshotReader.open(disk, folder, listed.sequence, keys);
        dated.push({ ...listed, madeAtMs: reader.madeAtMs });
        await reader.close();
      } catch (failure) {
        const fields = { snapshotSequence: listed.sequence, reason: String(failure) };
        logger.error(fields, "A SNAPSHOT IS DAMAGED: it is left as it is");
      }
    }
    const days = configuration.number("snapshot-retention-days");
    for (const old of snapshotsToRemove(dated, clock.nowMs(), days)) {
      await removeSnapshot(disk, folder, old);
      logger.info({ snapshotSequence: old.sequence }, "an old snapshot was removed");
    }
  }

  async #clean(): Promise<void> {
    const { world, folder } = this.#parts;
    try {
      await removeUnfinished(world.disk, folder);
    } catch (failure) {
      const fields = { reason: String(failure) };
      world.logger.warn(fields, "what is left of the snapshot is still there");
    }
  }

  #checkGoingOn(): void {
    assert(this.#attempt !== undefined, "an attempt is under way");
    if (this.#isStopped) throw new Error("the server is stopping");
  }

  #abandon(): void {
    this.#attempt?.run?.kill();
    for (const part of this.#attempt?.parts ?? []) part.abandon();
  }
}
