/**
 * The limit of one record: a header that declares more is not believed, and none is written.
 */
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { crc32c } from "../../src/base/crc32c.ts";
import { limits } from "../../src/base/limits.ts";
import {
  RECORD_END_MARK,
  RECORD_HEADER_BYTES,
  RECORD_TRAILER_BYTES,
  RecordKind,
  readHeader,
  recordBytes,
  sealRecord,
} from "../../src/log/record-format.ts";
import { readSegment } from "../../src/log/segment-scan.ts";
import { findRecord } from "../../src/log/tail-check.ts";
import { systemDisk } from "../../src/runtime/system-disk.ts";

function emptyRecord(): Buffer {
  const record = Buffer.alloc(recordBytes(0));
  sealRecord(record, {
    kind: RecordKind.units,
    shard: 0,
    keyId: 0,
    epoch: 1,
    sequence: 1,
    unitCount: 0,
    payloadLength: 0,
    writer: Buffer.alloc(8),
    timeMs: 0,
    previous: Buffer.alloc(32),
  });
  return record;
}

/** The same record, declaring another length, with a header that is sound otherwise. */
function declaring(payloadLength: number): Buffer {
  const record = emptyRecord();
  record.writeUInt32LE(payloadLength, 36);
  record.writeUInt32LE(crc32c(record, 0, 88), 88);
  return record;
}

test("recordBytesMax", () => {
  expect(RECORD_HEADER_BYTES).toBe(96);
  expect(readHeader(declaring(limits.recordBytesMax), 0)).toMatchObject({
    payloadLength: limits.recordBytesMax,
  });
  expect(readHeader(declaring(limits.recordBytesMax + 1), 0)).toBe(
    "the payload's length is above the limit",
  );
});

test("segmentFileBytesMax: a file that declares more is refused before memory is made for it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lodestone-limits-"));
  const path = join(folder, "sparse");
  const file = openSync(path, "w");
  ftruncateSync(file, limits.segmentFileBytesMax + 1);
  closeSync(file);
  await expect(readSegment(systemDisk, path)).rejects.toThrow("no segment is as large as");
  rmSync(folder, { recursive: true });
});

test("recordSearchBytesMax: beyond it what looks like a record counts as one", () => {
  // Sound headers whose records all end in the same place, with a mark and a wrong checksum.
  const bytes = Buffer.alloc(RECORD_HEADER_BYTES * 20_000 + RECORD_TRAILER_BYTES);
  const end = bytes.length;
  bytes.writeUInt32LE(RECORD_END_MARK, end - 4);
  for (let at = 0; at + RECORD_HEADER_BYTES + RECORD_TRAILER_BYTES <= end; ) {
    const header = declaring(end - at - recordBytes(0));
    header.copy(bytes, at, 0, RECORD_HEADER_BYTES);
    at += RECORD_HEADER_BYTES;
  }
  const budget = { bytesLeft: limits.recordSearchBytesMax };
  const found = findRecord(bytes, 1, budget);
  expect(budget.bytesLeft).toBeLessThan(0);
  const tried = Math.ceil(limits.recordSearchBytesMax / end);
  expect(found / RECORD_HEADER_BYTES).toBeGreaterThan(tried);
  expect(found / RECORD_HEADER_BYTES).toBeLessThan(tried * 2);
  expect(findRecord(bytes.subarray(0, end - 1), 1)).toBe(-1);
});
