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
import { failpoint, isPlanted } from "../runtime/failpoint.ts";
import type { Logger } from "../runtime/logger.ts";
import {
  type LogDriver,
  LogHeld,
  type LogKeys,
  type LogTail,
  LogUnfit,
  type TornTail,
  type Waits,
} from "./log-driver.ts";
import { previousHash, recordShard } from "./record-format.ts";
import { incomplete, RecordReader } from "./record-reader.ts";
import {
  PREPARED_NAME,
  SEGMENT_HEADER_BYTES,
  segmentSequence,
  UNFINISHED_NAME,
} from "./segment-format.ts";
import { SegmentMaker } from "./segment-maker.ts";
import {
  beginAtSegment,
  type ScannedSegment,
  scanSegment,
  segmentsBehind,
} from "./segment-scan.ts";
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
  #trimmedSequence = 0;
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

  /** Of the first segment; 1 where there is none. */
  async firstSequence(): Promise<number> {
    const [first] = await this.#segmentNames();
    return segmentSequence(first ?? "") ?? 1;
  }

  /** Of the segments that `open` reads behind that record. */
  async sizeBehind(sequence: number): Promise<number> {
    return await this.#measure(segmentsBehind(await this.#segmentNames(), sequence));
  }

  /** Records up to this one are in the log no more. */
  get trimmedSequence(): number {
    return this.#trimmedSequence;
  }

  /**
   * Removes the segments of which every record is at `sequence` or before it, the oldest first, and
   * never the last one; how many. To be asked once a snapshot has them, durable and verified. What
   * an interruption leaves of them is in nobody's way: `open` begins behind them.
   */
  async trim(sequence: number): Promise<number> {
    const { disk, folder } = this.#options;
    const names = await this.#segmentNames();
    let count = 0;
    while (count + 1 < names.length) {
      if ((segmentSequence(names[count + 1]) ?? 0) > sequence + 1) break;
      failpoint(count === 0 ? "trim.begun" : "trim.between");
      const path = joinPath(folder, names[count]);
      const sizeBytes = await this.#measure([names[count]]);
      await disk.remove(path);
      count += 1;
      this.#segmentCount -= 1;
      this.#totalBytes -= sizeBytes;
      this.#trimmedSequence = (segmentSequence(names[count]) ?? 1) - 1;
    }
    if (count > 0) await disk.syncFolder(folder);
    return count;
  }

  /** Tells a refused second process more, once it is known (the address). */
  async describeHolder(holder: string): Promise<void> {
    await this.#lock?.describe(holder);
  }

  /** Takes the folder for this process, for whoever must look into it before `open`. */
  async hold(): Promise<void> {
    if (this.#lock !== undefined) return;
    const { disk, folder, keys } = this.#options;
    await disk.makeFolder(folder);
    this.#lock = await this.#takeLock();
    await keys?.open();
  }

  async open(visit: Visit, from?: LogTail): ReturnType<LogDriver["open"]> {
    const { disk, folder } = this.#options;
    await this.hold();
    const names = await this.#segmentNames();
    if (await disk.exists(joinPath(folder, PREPARED_NAME))) {
      await disk.remove(joinPath(folder, PREPARED_NAME));
    }
    await disk.syncFolder(folder);
    const reader = new RecordReader(this.#options.keys);
    const last = await this.#readAll(names, reader, visit, from);
    const torn = last === undefined ? undefined : await this.#cut(last, reader.sequence);
    if (last !== undefined) await renewTail(disk, folder, last, reader.sequence);
    await this.#resume(last);
    const tail: LogTail = { sequence: reader.sequence, chain: reader.chain, epoch: reader.epoch };
    return { tail, torn };
  }

  /** Every record once more, verified, while nothing is appended; changes nothing. */
  async readAgain(visit: Visit, from?: LogTail): Promise<LogTail> {
    const names = await this.#segmentNames();
    const reader = new RecordReader(this.#options.keys);
    await this.#readAll(names, reader, visit, from);
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
    let lock: FolderLock;
    try {
      lock = await disk.lock(folder, holder);
    } catch (failure) {
      if (failure instanceof FolderHeld) {
        throw new LogHeld(`${failure.message}; stop that one, or choose another folder`);
      }
      throw failure;
    }
    if (!(await disk.exists(joinPath(folder, UNFINISHED_NAME)))) return lock;
    await lock.release();
    throw new LogUnfit(
      `a restore into ${folder} was interrupted, so not all of it is there: restore again into the ` +
        "same folder, or remove it",
    );
  }

  async #readAll(
    allNames: readonly string[],
    reader: RecordReader,
    visit: Visit,
    from: LogTail | undefined,
  ): Promise<(ScannedSegment & { readonly name: string }) | undefined> {
    const { disk, folder } = this.#options;
    this.#noteSegments(allNames, await this.#measure(allNames));
    const names = segmentsBehind(allNames, from?.sequence ?? 0);
    const bytesTotal = await this.#measure(names);
    if (from !== undefined && names.length > 0) {
      await beginAtSegment(disk, joinPath(folder, names[0]), reader, from);
    }
    const known = from?.sequence ?? 0;
    let bytesBefore = 0;
    let last: (ScannedSegment & { readonly name: string }) | undefined;
    for (const [index, name] of names.entries()) {
      const isLast = index === names.length - 1;
      const scanned = await scanSegment(disk, folder, name, isLast, reader, (record, end) => {
        if (record.sequence <= known) return undefined;
        const bytesDone = bytesBefore + end;
        return visit(record, { bytesDone, bytesTotal, recordsDone: record.sequence });
      });
      bytesBefore += scanned.sizeBytes;
      last = { ...scanned, name };
    }
    if (reader.sequence < known) throw incomplete(folder, endsBefore(reader.sequence, known));
    return last;
  }

  #noteSegments(names: readonly string[], sizeBytes: number): void {
    this.#segmentCount = names.length;
    this.#totalBytes = sizeBytes;
    this.#trimmedSequence = Math.max(0, (segmentSequence(names[0] ?? "") ?? 1) - 1);
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

function endsBefore(sequence: number, known: number): string {
  return `it ends with record ${sequence}, and a snapshot has the log up to record ${known}`;
}
