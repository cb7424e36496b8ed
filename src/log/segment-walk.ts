/**
 * Reads the log beside the process that writes it, without the folder's lock: only up to a record
 * that is durable, and by windows, so that no segment has to be in memory as a whole. Nothing is
 * cut or changed; what is wrong before that record is damage. The writer removes no segment while a
 * follower reads (`node/snapshot-keeper.ts` trims when it has ended).
 */
import { type Disk, type DiskFile, joinPath } from "../runtime/disk.ts";
import type { LogTail, RecordKeys, StoredRecord } from "./log-driver.ts";
import { RECORD_HEADER_BYTES, readHeader, recordBytes } from "./record-format.ts";
import { damaged, incomplete, noRecord, RecordReader } from "./record-reader.ts";
import { SEGMENT_HEADER_BYTES, segmentSequence } from "./segment-format.ts";
import { beginAtSegment, segmentsBehind } from "./segment-scan.ts";
import { isZero } from "./zeros.ts";

const WINDOW_BYTES = 2 * 1024 * 1024;

export interface WalkedLog {
  readonly disk: Disk;
  readonly folder: string;
  readonly keys: RecordKeys | undefined;
}

/** A place in the log, and when the record there was sealed. */
export interface LogPlace extends LogTail {
  readonly timeMs: number;
}

/** Visits the records behind `from` up to `until`, which must be there; where that is. */
export async function walkRecords(
  log: WalkedLog,
  from: LogPlace,
  until: number,
  visit: (record: StoredRecord) => void | Promise<void>,
): Promise<LogPlace> {
  const { disk, folder, keys } = log;
  const reader = new RecordReader(keys);
  const listed = (await disk.list(folder)).filter((name) => segmentSequence(name) !== undefined);
  const names = segmentsBehind(listed, from.sequence);
  let { timeMs } = from;
  if (names.length > 0) await beginAtSegment(disk, joinPath(folder, names[0]), reader, from);
  for (const name of names) {
    if (reader.sequence >= until) break;
    const file = await disk.open(joinPath(folder, name), "read");
    try {
      const window = new SegmentWindow(file, await file.sizeBytes());
      while (reader.sequence < until) {
        const record = await window.next(reader);
        if (record === undefined) break;
        timeMs = record.timeMs;
        if (record.sequence <= from.sequence) continue;
        const visited = visit(record);
        if (visited !== undefined) await visited;
      }
    } finally {
      await file.close();
    }
  }
  const { sequence, chain, epoch } = reader;
  if (sequence < until) throw incomplete(folder, `it ends with record ${sequence}, not ${until}`);
  return { sequence, chain, epoch, timeMs };
}

/** A segment's records, through a window that grows with the largest of them. */
class SegmentWindow {
  readonly #file: DiskFile;
  readonly #sizeBytes: number;
  #bytes = Buffer.alloc(0);
  /** Of the window's first byte in the file. */
  #start = SEGMENT_HEADER_BYTES;
  #at = SEGMENT_HEADER_BYTES;

  constructor(file: DiskFile, sizeBytes: number) {
    this.#file = file;
    this.#sizeBytes = sizeBytes;
  }

  /** Undefined where the segment holds no more, which is where its zeros begin. */
  async next(reader: RecordReader): Promise<StoredRecord | undefined> {
    const at = this.#at;
    if (!(await this.#fill(RECORD_HEADER_BYTES))) return undefined;
    const header = readHeader(this.#bytes, at - this.#start);
    if (typeof header === "string") {
      const place = at - this.#start;
      if (isZero(this.#bytes, place, place + RECORD_HEADER_BYTES)) return undefined;
      throw noRecord(this.#bytes, place, this.#file.path, at, header);
    }
    const byteCount = recordBytes(header.payloadLength);
    if (!(await this.#fill(byteCount))) {
      throw damaged(this.#file.path, at, "the record goes on behind its segment");
    }
    const place = at - this.#start;
    const bytes = this.#bytes.subarray(place, place + byteCount);
    this.#at += byteCount;
    return reader.accept(bytes, this.#file.path, at);
  }

  /** So many bytes from the present place on are in the window; false if the file has them not. */
  async #fill(byteCount: number): Promise<boolean> {
    const at = this.#at;
    if (at + byteCount <= this.#start + this.#bytes.length) return true;
    if (at + byteCount > this.#sizeBytes) return false;
    const count = Math.min(Math.max(WINDOW_BYTES, byteCount), this.#sizeBytes - at);
    // A record that was visited may be held no longer than its visit.
    const hasRoom = this.#bytes.buffer.byteLength >= count;
    const room = hasRoom ? Buffer.from(this.#bytes.buffer) : Buffer.allocUnsafeSlow(count);
    const read = await this.#file.read(room.subarray(0, count), at);
    this.#bytes = room.subarray(0, read);
    this.#start = at;
    return read >= byteCount;
  }
}
