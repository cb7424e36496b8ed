/**
 * Makes durable what the process before us may only have left in the page cache. A process that was
 * killed, or whose write failed, leaves bytes and names that a reader sees and a power loss still
 * takes away; after a failed sync the system even calls them clean. Who serves them, or appends
 * behind them, acknowledges on hope.
 *
 * One append is in flight at a time, so all that can be in doubt is the last record, the zeros over
 * a torn tail, and the names in the folder. A second sync would not write pages that are called
 * clean: the bytes are written again.
 */
import { type Disk, type DiskFile, joinPath } from "../runtime/disk.ts";

const ZEROS_BYTES = 256 * 1024;

/** The end of the log: the last segment and its last valid record, if it has any. */
export interface LogEnd {
  readonly name: string;
  readonly lastRecord: Buffer | undefined;
  /** Behind that record; all is zeros from here to `sizeBytes`. */
  readonly end: number;
  readonly sizeBytes: number;
}

/** What a copy of the torn tail behind that record is called, but for its number. */
export function keptStem(sequence: number): string {
  return `cut-after-${sequence}`;
}

/** `sequence` is the last record's. */
export async function renewTail(
  disk: Disk,
  folder: string,
  last: LogEnd,
  sequence: number,
): Promise<void> {
  const { lastRecord, end } = last;
  const zerosEnd = Math.min(last.sizeBytes, end + (await keptBytes(disk, folder, sequence)));
  if (lastRecord === undefined && zerosEnd === end) return;
  const file = await disk.open(joinPath(folder, last.name), "durable");
  try {
    if (lastRecord !== undefined) await file.write(lastRecord, end - lastRecord.length);
    await writeZeros(file, end, zerosEnd);
  } finally {
    await file.close();
  }
}

/** How far a tail reached that was cut behind this record: its copy, made first, says so. */
async function keptBytes(disk: Disk, folder: string, sequence: number): Promise<number> {
  let sizeBytes = 0;
  for (const name of await disk.list(folder)) {
    if (!name.startsWith(`${keptStem(sequence)}-`) || !name.endsWith(".bin")) continue;
    const file = await disk.open(joinPath(folder, name), "read");
    try {
      sizeBytes = Math.max(sizeBytes, await file.sizeBytes());
    } finally {
      await file.close();
    }
  }
  return sizeBytes;
}

async function writeZeros(file: DiskFile, start: number, end: number): Promise<void> {
  const zeros = Buffer.alloc(Math.min(ZEROS_BYTES, end - start));
  for (let at = start; at < end; at += zeros.length) {
    await file.write(zeros.subarray(0, Math.min(zeros.length, end - at)), at);
  }
}
