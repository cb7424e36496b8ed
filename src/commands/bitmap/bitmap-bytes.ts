/**
 * Strings as bitmaps: a key that is not there is an endless row of zeros.
 */
import { type Bytes, toBuffer } from "../../base/bytes.ts";

const NO_BYTES = Buffer.alloc(0);

/** 0 beyond the end. */
export function byteAt(value: Bytes | undefined, at: number): number {
  if (value === undefined || at >= value.length) return 0;
  return typeof value === "string" ? value.charCodeAt(at) : value[at];
}

export function bitmapOf(value: Bytes | undefined): Buffer {
  return value === undefined ? NO_BYTES : toBuffer(value);
}
