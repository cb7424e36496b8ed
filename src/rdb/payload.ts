/**
 * What DUMP gives and RESTORE takes: type, value, u16 version, checksum of all before it.
 */
import { MalformedBytes } from "../base/byte-reader.ts";
import type { RestoredValue } from "../keyspace/effect.ts";
import { CRC64_BYTES, Crc64 } from "./crc64.ts";
import { decodeValue } from "./decode-value.ts";
import { encodeValue, formOf } from "./encode-value.ts";
import { RDB_VERSION_MAX } from "./format.ts";
import { RdbReader, ValueTooLarge } from "./reader.ts";
import { RdbWriter } from "./writer.ts";

const FOOTER_BYTES = 2 + CRC64_BYTES;

export function dumpPayload(value: RestoredValue): Buffer {
  const { type, version } = formOf(value);
  const writer = new RdbWriter();
  writer.u8(type);
  encodeValue(writer, value, type);
  writer.u16(version);
  const checksum = new Crc64();
  checksum.update(writer.written());
  const footer = Buffer.alloc(CRC64_BYTES);
  checksum.write(footer, 0);
  writer.raw(footer);
  return writer.written();
}

export type PayloadProblem = "footer" | "content" | "too large";

/** The value, or why there is none. `roomBytes` bounds what it may become. */
export function readPayload(payload: Buffer, roomBytes: number): RestoredValue | PayloadProblem {
  const contentBytes = payload.length - FOOTER_BYTES;
  if (contentBytes < 0) return "footer";
  const version = payload.readUInt16LE(contentBytes);
  const checksum = new Crc64();
  checksum.update(payload, 0, contentBytes + 2);
  if (version > RDB_VERSION_MAX || !checksum.equals(payload, contentBytes + 2)) return "footer";
  const reader = new RdbReader(payload.subarray(0, contentBytes), roomBytes);
  try {
    const value = decodeValue(reader.u8(), reader);
    return value === undefined || reader.remaining > 0 ? "content" : value;
  } catch (failure) {
    if (failure instanceof MalformedBytes) return "content";
    if (failure instanceof ValueTooLarge) return "too large";
    throw failure;
  }
}
