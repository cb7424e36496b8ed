/**
 * Makes segments: zeros first, ahead of need and in small synced steps, so that neither a full disk
 * nor a long sync is met in the middle of an append; header and name last, when it is needed.
 *
 * Where the disk has no room, `shortage` says so (the engine then refuses writes) and it is tried
 * again every second, ahead of need and by an append alike: what was executed waits for room rather
 * than ending the process. Any other failure is told at once, and is fatal.
 */

import type { Timers } from "../runtime/clock.ts";
import { type Disk, DiskError, type DiskFile, isDiskFull, joinPath } from "../runtime/disk.ts";
import { failpoint, isPlanted } from "../runtime/failpoint.ts";
import type { Logger } from "../runtime/logger.ts";
import {
  encodeSegmentHeader,
  PREPARED_NAME,
  type SegmentHeader,
  segmentName,
} from "./segment-format.ts";

const STEP_BYTES = 512 * 1024;
const RETRY_MS = 1000;

export interface Segment {
  readonly name: string;
  readonly file: DiskFile;
  readonly sizeBytes: number;
}

export interface SegmentMakerOptions {
  readonly disk: Disk;
  readonly folder: string;
  readonly timers: Pick<Timers, "after">;
  readonly logger: Logger;
  /** False: who needs a segment that there is no room for gets an error (tools do). */
  readonly waitsForRoom: boolean;
}

export class SegmentMaker {
  /** Why the next segment could not be made; undefined while all is well. */
  shortage: string | undefined;
  readonly #options: SegmentMakerOptions;
  readonly #failureListeners: ((reason: unknown) => void)[] = [];
  readonly #shortListeners: (() => void)[] = [];
  #failure: unknown;
  #preparedBytes = 0;
  #wantedBytes = 0;
  #making: Promise<void> | undefined;
  /** Ends the wait between two attempts. */
  #wake: (() => void) | undefined;
  #waitsForRoom: boolean;
  #isClosed = false;

  constructor(options: SegmentMakerOptions) {
    this.#options = options;
    this.#waitsForRoom = options.waitsForRoom;
  }

  /** Anything but a full disk that happened away from an append. */
  onFailure(listener: (reason: unknown) => void): void {
    this.#failureListeners.push(listener);
  }

  /** Resolves when there is no room, now or the next time. */
  whenShort(): Promise<void> {
    if (this.shortage !== undefined) return Promise.resolve();
    return new Promise((resolve) => this.#shortListeners.push(resolve));
  }

  /** Starts to make the next segment in the background, unless that is done or under way. */
  prepare(sizeBytes: number): void {
    if (this.#isClosed || this.#failure !== undefined) return;
    this.#wantedBytes = Math.max(this.#wantedBytes, sizeBytes);
    if (this.#preparedBytes >= this.#wantedBytes) return;
    this.#making ??= this.#make();
  }

  /** Whether there is a segment of that size, as soon as there is room; false if we close first. */
  async whenPrepared(sizeBytes: number): Promise<boolean> {
    this.prepare(sizeBytes);
    await this.#making;
    return this.#preparedBytes >= sizeBytes;
  }

  /** The next segment, with at least `sizeBytes`, durable with its name. */
  async take(header: SegmentHeader, sizeBytes: number): Promise<Segment> {
    const { disk, folder } = this.#options;
    const name = segmentName(header.firstSequence);
    const path = joinPath(folder, name);
    while (!(await this.#isNamed(header, path, sizeBytes))) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#waitsForRoom && !this.#isClosed) continue;
      throw new DiskError(`make ${path}: ${this.shortage ?? "the log is closed"}`, "ENOSPC");
    }
    const size = this.#preparedBytes;
    this.#preparedBytes = 0;
    this.#wantedBytes = 0;
    failpoint("segment.created");
    if (!isPlanted("planted.skip-folder-sync")) await disk.syncFolder(folder);
    failpoint("segment.directory-synced");
    return { name, file: await disk.open(path, "durable"), sizeBytes: size };
  }

  /** Nobody waits for room any more: an append that has none fails. */
  stopWaiting(): void {
    this.#waitsForRoom = false;
    this.#wake?.();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake?.();
    await this.#making;
  }

  /** False where there is no room: then it must be made again. */
  async #isNamed(header: SegmentHeader, path: string, sizeBytes: number): Promise<boolean> {
    if (!(await this.whenPrepared(sizeBytes))) return false;
    const { disk, folder } = this.#options;
    const prepared = joinPath(folder, PREPARED_NAME);
    try {
      await this.#writeHeader(prepared, header);
      await disk.rename(prepared, path);
      return true;
    } catch (failure) {
      // Where blocks are copied when they are written, even what has its place may find no room.
      if (!isDiskFull(failure)) throw failure;
      await this.#giveBack(failure);
      await this.#pause();
      return false;
    }
  }

  async #make(): Promise<void> {
    try {
      while (this.#preparedBytes < this.#wantedBytes && !this.#isClosed) {
        const sizeBytes = this.#wantedBytes;
        if (await this.#hasWritten(sizeBytes)) this.#preparedBytes = sizeBytes;
        else if (this.#waitsForRoom) await this.#pause();
        else return;
      }
      if (this.#isClosed || this.shortage === undefined) return;
      this.shortage = undefined;
      this.#options.logger.info({}, "there is room on the disk again: writes are taken");
    } catch (failure) {
      this.#failure = failure;
      for (const listener of this.#failureListeners) listener(failure);
    } finally {
      this.#making = undefined;
    }
  }

  async #hasWritten(sizeBytes: number): Promise<boolean> {
    const { disk, folder } = this.#options;
    try {
      if (this.shortage !== undefined && (await disk.freeBytes(folder)) < sizeBytes) return false;
      await this.#writeZeros(sizeBytes);
      return !this.#isClosed;
    } catch (failure) {
      if (!isDiskFull(failure)) throw failure;
      await this.#giveBack(failure);
      return false;
    }
  }

  /** What a segment took that there is no room for is left to others. */
  async #giveBack(cause: DiskError): Promise<void> {
    const { disk, folder, logger } = this.#options;
    const isNew = this.shortage === undefined;
    const why = cause.code === "EDQUOT" ? "Disk quota exceeded" : "No space left on device";
    const sizeBytes = this.#wantedBytes;
    this.shortage = `${why} (the log's next segment takes ${sizeBytes} bytes)`;
    this.#preparedBytes = 0;
    await this.#discard();
    for (const tell of this.#shortListeners.splice(0)) tell();
    if (!isNew) return;
    logger.error(
      { folder, segmentBytes: sizeBytes, freeBytes: await disk.freeBytes(folder) },
      `the log's next segment has no room (${cause.message}): writes are refused and reads go on; ` +
        "it is tried again every second, so free some space",
    );
  }

  async #pause(): Promise<void> {
    if (this.#isClosed || !this.#waitsForRoom) return;
    await new Promise<void>((resolve) => {
      const timer = this.#options.timers.after(RETRY_MS, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  async #writeHeader(path: string, header: SegmentHeader): Promise<void> {
    const file = await this.#options.disk.open(path, "write");
    try {
      await file.write(encodeSegmentHeader(header), 0);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #writeZeros(sizeBytes: number): Promise<void> {
    await this.#discard();
    const file = await this.#options.disk.open(this.#preparedPath, "create");
    try {
      const zeros = Buffer.alloc(Math.min(STEP_BYTES, sizeBytes));
      for (let offset = 0; offset < sizeBytes && !this.#isClosed; offset += zeros.length) {
        const count = Math.min(zeros.length, sizeBytes - offset);
        await file.write(zeros.subarray(0, count), offset);
        await file.sync();
      }
    } finally {
      await file.close();
    }
  }

  async #discard(): Promise<void> {
    const { disk } = this.#options;
    if (await disk.exists(this.#preparedPath)) await disk.remove(this.#preparedPath);
  }

  get #preparedPath(): string {
    return joinPath(this.#options.folder, PREPARED_NAME);
  }
}
