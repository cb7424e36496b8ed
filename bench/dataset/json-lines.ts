/**
 * JSON lines: one object a line, read as a stream in order, written one at a time.
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs";

export type JsonRecord = Readonly<Record<string, unknown>>;

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 10;

/** At most `limit` records; empty lines are skipped. A bad line is an error that names it. */
export function* readJsonLines(path: string, limit = Number.POSITIVE_INFINITY) {
  let lineNumber = 0;
  let recordCount = 0;
  for (const line of readLines(path)) {
    lineNumber += 1;
    if (recordCount >= limit) return;
    const text = line.trim();
    if (text === "") continue;
    yield parseRecord(text, path, lineNumber);
    recordCount += 1;
  }
}

export function writeJsonLines(path: string, records: Iterable<JsonRecord>): void {
  const descriptor = openSync(path, "w");
  try {
    for (const record of records) writeSync(descriptor, `${JSON.stringify(record)}\n`);
  } finally {
    closeSync(descriptor);
  }
}

/** A field as text, for a hash or a filter; missing is the empty string. */
export function textOf(record: JsonRecord, field: string): string {
  const value = record[field];
  return value === undefined || value === null ? "" : String(value);
}

function parseRecord(text: string, path: string, lineNumber: number): JsonRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (failure) {
    throw new Error(`${path}, line ${lineNumber}: ${String(failure)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${path}, line ${lineNumber}: not an object`);
  }
  return value as JsonRecord;
}

function* readLines(path: string): Generator<string> {
  const descriptor = openSync(path, "r");
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const count = readSync(descriptor, chunk, 0, CHUNK_BYTES, null);
      if (count === 0) break;
      const bytes = Buffer.concat([rest, chunk.subarray(0, count)]);
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        yield bytes.toString("utf8", start, end);
        start = end + 1;
      }
      rest = bytes.subarray(start);
    }
    if (rest.length > 0) yield rest.toString("utf8");
  } finally {
    closeSync(descriptor);
  }
}
