/**
 * The log in files: a folder of preallocated segments, one O_DSYNC write for each record.
 *
 * One process holds the folder (a lock that dies with it). `open` reads and verifies everything,
 * and cuts a torn tail after it has kept a copy beside. Any failure of the disk is fatal: what it
 * left behind is judged by the next start, never by this process.
 */
import { assert } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import type { Timers } from "../runtime/clock.ts";
import {
  type Disk,
  type DiskFile,
  FolderHeld,
  type FolderLock,
  joinPath,
  replaceFile,
} from "../runtime/disk.ts";
import { isPlanted } from "../runtime/failpoint.ts";
import type { Logger } from "../runtime/logger.ts";
import {
  type LogDriver,
  LogHeld,
  type LogKeys,
  type LogTail,
  type TornTail,
  type Waits,
} from "./log-driver.ts";
import { previousHash, recordShard } from "./record-format.ts";
import { RecordReader } from "./record-reader.ts";
import { PREPARED_NAME, SEGMENT_HEADER_BYTES, segmentSequence } from "./segment-format.ts";
import { SegmentMaker } from "./segment-maker.ts";
import { type ScannedSegment, scanSegment } from "./segment-scan.ts";
import { keptStem, renewTail } from "./tail-renewal.ts";

export interface FileDriverOptions {
  readonly disk: Disk;
  readonly folder: string;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Who we are, for a second process: pid, start time, address. */
  readonly holder: string;
  readonly segmentBytes?: number;
  /** Absent: every record is plain. */
  readonly keys?: LogKeys;
  /** False: on a full disk an append fails instead of waiting for room (tools do that). */
  readonly waitsForRoom?: boolean;
}

type Visit = Parameters<LogDriver["open"]>[0];

export class FileDriver implements LogDriver {
  readonly name = "file";
  readonly #options: FileDriverOptions;
  readonly #segmentBytes: number;
  readonly #maker: SegmentMaker;
  #lock: FolderLock | undefined;
  #file: DiskFile | undefined;
  #offset = 0;
  #sizeBytes = 0;
  #segmentName = "";
  #segmentCount = 0;
  #totalBytes = 0;
  #isAppending = false;
  #isClosed = false;

  constructor(options: FileDriverOptions) {
    this.#options = options;
    this.#segmentBytes = options.segmentBytes ?? limits.segmentBytes;
    this.#maker = new SegmentMaker({ ...options, waitsForRoom: options.waitsForRoom ?? true });
  }

  /** Why writes should be refused from now on: the disk has no room for the next segment. */
  get shortage(): string | undefined {
    return this.#maker.shortage;
  }

  /** Of the next segment, which is made in the background. */
  onFailure(listener: (reason: unknown) => void): void {
    this.#maker.onFailure(listener);
  }

  /** Before a stop: what has no room fails, instead of holding the stop until there is some. */
  stopWaiting(): void {
    this.#maker.stopWaiting();
  }

  /**
   * Whether a record of that size can be appended without waiting for room; resolves once it can.
   * False if the log is closed first.
   */
  async whenRoom(recordBytes: number): Promise<boolean> {
    if (this.#offset + recordBytes <= this.#sizeBytes) return true;
    return this.#maker.whenPrepared(this.#segmentBytes);
  }

  /** Resolves when there is no room for the next segment. */
  whenShort(): Promise<void> {
    return this.#maker.whenShort();
  }

  /** For INFO. */
  describe(): { segmentCount: number; segmentName: string; sizeBytes: number } {
    return {
      segmentCount: this.#segmentCount,
      segmentName: this.#segmentName,
      sizeBytes: this.#totalBytes,
    };
  }

  /** Tells a refused second process more, once it is known (the address). */
  async describeHolder(holder: string): Promise<void> {
    await this.#lock?.describe(holder);
  }

  async open(visit: Visit): ReturnType<LogDriver["open"]> {
    const { disk, folder } = this.#options;
    await disk.makeFolder(folder);
    this.#lock = await this.#takeLock();
    await this.#options.keys?.open();
    const names = await this.#segmentNames();
    if (await disk.exists(joinPath(folder, PREPARED_NAME))) {
      await disk.remove(joinPath(folder, PREPARED_NAME));
    }
    await disk.syncFolder(folder);
    const reader = new RecordReader(this.#options.keys);
    const last = await this.#readAll(names, reader, visit);
    const torn = last === undefined ? undefined : await this.#cut(last, reader.sequence);
    if (last !== undefined) await renewTail(disk, folder, last, reader.sequence);
    await this.#resume(last);
    const tail: LogTail = { sequence: reader.sequence, chain: reader.chain, epoch: reader.epoch };
    return { tail, torn };
  }

  /** Every record once more, verified, while nothing is appended; changes nothing. */
  async readAgain(visit: Visit): Promise<LogTail> {
    const names = await this.#segmentNames();
    const reader = new RecordReader(this.#options.keys);
    await this.#readAll(names, reader, visit);
    return { sequence: reader.sequence, chain: reader.chain, epoch: reader.epoch };
  }

  async append(sequence: number, record: Buffer, waits: Waits = "aside"): Promise<void> {
    assert(!this.#isAppending, "one append in flight");
    assert(!this.#isClosed, "nothing is appended to a closed log");
    this.#isAppending = true;
    if (this.#file === undefined || this.#offset + record.length > this.#sizeBytes) {
      await this.#roll(sequence, record);
    }
    if (this.#file === undefined) throw new Error("the log has no segment");
    const offset = this.#offset;
    this.#offset += record.length;
    try {
      if (waits === "on the loop") this.#file.writeOnLoop(record, offset);
      else await this.#file.write(record, offset);
    } catch (failure) {
      if (!isPlanted("planted.ignore-failed-write")) throw failure;
    }
    this.#isAppending = false;
    if (this.#offset > this.#sizeBytes / 2) this.#maker.prepare(this.#segmentBytes);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#maker.close();
    await this.#file?.close();
    this.#file = undefined;
    await this.#lock?.release();
    this.#lock = undefined;
  }

  async #segmentNames(): Promise<string[]> {
    const names = await this.#options.disk.list(this.#options.folder);
    return names.filter((name) => segmentSequence(name) !== undefined);
  }

  async #takeLock(): Promise<FolderLock> {
    const { disk, folder, holder } = this.#options;
    try {
      return await disk.lock(folder, holder);
    } catch (failure) {
      if (failure instanceof FolderHeld) {
        throw new LogHeld(`${failure.message}; stop that one, or choose another folder`);
      }
      throw failure;
    }
  }

  async #readAll(
    names: readonly string[],
    reader: RecordReader,
    visit: Visit,
  ): Promise<(ScannedSegment & { readonly name: string }) | undefined> {
    const { disk, folder } = this.#options;
    const bytesTotal = await this.#measure(names);
    let bytesBefore = 0;
    let last: (ScannedSegment & { readonly name: string }) | undefined;
    for (const [index, name] of names.entries()) {
      const isLast = index === names.length - 1;
      const scanned = await scanSegment(disk, folder, name, isLast, reader, (record, end) =>
        visit(record, { bytesDone: bytesBefore + end, bytesTotal, recordsDone: record.sequence }),
      );
      bytesBefore += scanned.sizeBytes;
      last = { ...scanned, name };
    }
    this.#segmentCount = names.length;
    this.#totalBytes = bytesTotal;
    return last;
  }

  async #measure(names: readonly string[]): Promise<number> {
    let bytes = 0;
    for (const name of names) {
      const file = await this.#options.disk.open(joinPath(this.#options.folder, name), "read");
      bytes += await file.sizeBytes();
      await file.close();
    }
    return bytes;
  }

  /** Keeps a copy of a torn tail, then puts zeros in its place; safe to be interrupted anywhere. */
  async #cut(
    last: ScannedSegment & { readonly name: string },
    sequence: number,
  ): Promise<TornTail | undefined> {
    const { tornBytes, end, name } = last;
    if (tornBytes === undefined) return undefined;
    const { disk, folder } = this.#options;
    const keptName = await this.#freeName(keptStem(sequence));
    await replaceFile(disk, folder, keptName, tornBytes);
    const path = joinPath(folder, name);
    const file = await disk.open(path, "write");
    try {
      await file.write(Buffer.alloc(tornBytes.length), end);
      await file.sync();
    } finally {
      await file.close();
    }
    return {
      file: path,
      offset: end,
      bytesCut: tornBytes.length,
      keptAs: joinPath(folder, keptName),
    };
  }

  async #freeName(stem: string): Promise<string> {
    for (let number = 1; ; number += 1) {
      const name = `${stem}-${number}.bin`;
      if (!(await this.#options.disk.exists(joinPath(this.#options.folder, name)))) return name;
    }
  }

  /** Goes on in the last segment, if there is one. */
  async #resume(last: (ScannedSegment & { readonly name: string }) | undefined): Promise<void> {
    if (last === undefined) return;
    const path = joinPath(this.#options.folder, last.name);
    this.#file = await this.#options.disk.open(path, "durable");
    this.#offset = last.end;
    this.#sizeBytes = last.sizeBytes;
    this.#segmentName = last.name;
  }

  async #roll(sequence: number, record: Buffer): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    const header = {
      shard: recordShard(record),
      firstSequence: sequence,
      previous: previousHash(record),
    };
    const needed = Math.max(this.#segmentBytes, SEGMENT_HEADER_BYTES + record.length);
    const segment = await this.#maker.take(header, needed);
    this.#file = segment.file;
    this.#offset = SEGMENT_HEADER_BYTES;
    this.#sizeBytes = segment.sizeBytes;
    this.#segmentName = segment.name;
    this.#segmentCount += 1;
    this.#totalBytes += segment.sizeBytes;
  }
}
