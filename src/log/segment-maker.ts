/**
 * Makes segments: zeros first, ahead of need and in small synced steps, so that neither a full disk
 * nor a long sync is met in the middle of an append; header and name last, when it is needed.
 *
 * If the next one cannot be made, `shortage` says why (the engine then refuses writes) and it is
 * tried again every second: nothing is lost, because the present segment still has room.
 */

import type { Timers } from "../runtime/clock.ts";
import { type Disk, DiskError, type DiskFile, joinPath } from "../runtime/disk.ts";
import { failpoint } from "../runtime/failpoint.ts";
import type { Logger } from "../runtime/logger.ts";
import {
  encodeSegmentHeader,
  PREPARED_NAME,
  SEGMENT_HEADER_BYTES,
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

export class SegmentMaker {
  /** Why the next segment could not be made; undefined while all is well. */
  shortage: string | undefined;
  /** Anything but a full disk; the next append fails with it. */
  failure: unknown;
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #timers: Timers;
  readonly #logger: Logger;
  #preparedBytes = 0;
  #preparation: Promise<void> | undefined;
  #isClosed = false;

  constructor(disk: Disk, folder: string, timers: Timers, logger: Logger) {
    this.#disk = disk;
    this.#folder = folder;
    this.#timers = timers;
    this.#logger = logger;
  }

  /** Starts to make the next segment in the background, unless that is done or under way. */
  prepare(sizeBytes: number): void {
    if (this.#isClosed || this.#preparation !== undefined || this.#preparedBytes > 0) return;
    this.#preparation = this.#writeZeros(sizeBytes).then(
      () => {
        if (this.shortage !== undefined) this.#logger.info({}, "there is room on the disk again");
        this.shortage = undefined;
        this.#preparation = undefined;
      },
      (failure: unknown) => {
        this.#preparation = undefined;
        if (!isDiskFull(failure)) {
          this.failure = failure;
          return;
        }
        this.shortage = failure instanceof Error ? failure.message : String(failure);
        this.#logger.error({ reason: this.shortage }, "the log's next segment could not be made");
        this.#timers.after(RETRY_MS, () => this.prepare(sizeBytes));
      },
    );
  }

  /** The next segment, with at least `sizeBytes`, durable with its name. */
  async take(header: SegmentHeader, sizeBytes: number): Promise<Segment> {
    await this.#preparation;
    if (this.#preparedBytes < sizeBytes) await this.#writeZeros(sizeBytes);
    const size = this.#preparedBytes;
    this.#preparedBytes = 0;
    const prepared = joinPath(this.#folder, PREPARED_NAME);
    const name = segmentName(header.firstSequence);
    const path = joinPath(this.#folder, name);
    await this.#writeHeader(prepared, header);
    await this.#disk.rename(prepared, path);
    failpoint("segment.created");
    await this.#disk.syncFolder(this.#folder);
    failpoint("segment.directory-synced");
    return { name, file: await this.#disk.open(path, "durable"), sizeBytes: size };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#preparation;
  }

  async #writeHeader(path: string, header: SegmentHeader): Promise<void> {
    const file = await this.#disk.open(path, "write");
    try {
      await file.write(encodeSegmentHeader(header), 0);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #writeZeros(sizeBytes: number): Promise<void> {
    const path = joinPath(this.#folder, PREPARED_NAME);
    if (await this.#disk.exists(path)) await this.#disk.remove(path);
    const file = await this.#disk.open(path, "create");
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
    this.#preparedBytes = Math.max(sizeBytes, SEGMENT_HEADER_BYTES);
  }
}

function isDiskFull(failure: unknown): boolean {
  return failure instanceof DiskError && (failure.code === "ENOSPC" || failure.code === "EDQUOT");
}
