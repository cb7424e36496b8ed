/**
 * Records of a segment taken out and put back with their checksums and the chain made right, so
 * that what stands in them can be changed.
 */
import { crc32c } from "../../src/base/crc32c.ts";
import {
  CHAIN_START,
  RECORD_HEADER_BYTES,
  RECORD_TRAILER_BYTES,
  readHeader,
  recordBytes,
} from "../../src/log/record-format.ts";
import { SEGMENT_HEADER_BYTES } from "../../src/log/segment-format.ts";
import { sha256 } from "../../src/runtime/hashing.ts";

/** Where `log/record-format.ts` has them. */
export const PREVIOUS_AT = 56;
const HEADER_CRC_AT = 88;
const LENGTH_AT = 36;

export function recordsOf(segment: Buffer): Buffer[] {
  const records: Buffer[] = [];
  let at = SEGMENT_HEADER_BYTES;
  for (;;) {
    const header = readHeader(segment, at);
    if (typeof header === "string") return records;
    const end = at + recordBytes(header.payloadLength);
    records.push(Buffer.from(segment.subarray(at, end)));
    at = end;
  }
}

/** The first segment, of that length, with that header and these records, one after the other. */
export function segmentOf(header: Buffer, records: readonly Buffer[], sizeBytes: number): Buffer {
  const parts: Buffer[] = [header];
  let previous: Buffer = CHAIN_START;
  for (const record of records) {
    const sealed = resealed(record, previous);
    parts.push(sealed);
    previous = sha256(sealed);
  }
  const whole = Buffer.concat(parts);
  const content = Buffer.alloc(Math.max(sizeBytes, whole.length));
  whole.copy(content);
  return content;
}

function resealed(record: Buffer, previous: Buffer): Buffer {
  const sealed = Buffer.from(record);
  previous.copy(sealed, PREVIOUS_AT);
  sealed.writeUInt32LE(crc32c(sealed, 0, HEADER_CRC_AT), HEADER_CRC_AT);
  const trailer = sealed.length - RECORD_TRAILER_BYTES;
  sealed.writeUInt32LE(crc32c(sealed, 0, trailer), trailer);
  return sealed;
}

export function payloadOf(record: Buffer): Buffer {
  return record.subarray(RECORD_HEADER_BYTES, -RECORD_TRAILER_BYTES);
}

export function withPayload(record: Buffer, payload: Buffer): Buffer {
  const head = Buffer.from(record.subarray(0, RECORD_HEADER_BYTES));
  head.writeUInt32LE(payload.length, LENGTH_AT);
  return Buffer.concat([head, payload, record.subarray(-RECORD_TRAILER_BYTES)]);
}
