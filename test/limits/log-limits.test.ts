/**
 * The limit of one record: a header that declares more is not believed, and none is written.
 */
import { expect, test } from "vitest";
import { crc32c } from "../../src/base/crc32c.ts";
import { limits } from "../../src/base/limits.ts";
import {
  RECORD_HEADER_BYTES,
  RecordKind,
  readHeader,
  recordBytes,
  sealRecord,
} from "../../src/log/record-format.ts";

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
