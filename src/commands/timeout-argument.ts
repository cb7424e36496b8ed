/**
 * Timeouts in milliseconds, as WAIT and WAITAOF take them. Both answer at once here, so that only
 * Redis's errors are left of the value.
 */
import type { Bytes } from "../base/bytes.ts";
import { ErrorReply } from "../base/errors.ts";
import { INT64_MAX, parseInt64 } from "../base/int64.ts";

const notAnInteger = new ErrorReply("ERR timeout is not an integer or out of range");
const negative = new ErrorReply("ERR timeout is negative");
const outOfRange = new ErrorReply("ERR timeout is out of range");

/** What is wrong with the timeout, undefined if nothing is. */
export function checkTimeout(argument: Bytes, nowMs: number): ErrorReply | undefined {
  const timeoutMs = parseInt64(argument);
  if (timeoutMs === undefined) return notAnInteger;
  if (timeoutMs < 0n) return negative;
  return timeoutMs > INT64_MAX - BigInt(nowMs) ? outOfRange : undefined;
}
