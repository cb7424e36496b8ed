/**
 * Timeouts as commands take them: seconds with a fraction (BLPOP), or whole milliseconds (WAIT,
 * XREAD). The limits are Redis's, which adds them to the time of day as 64-bit milliseconds.
 */
import { type Bytes, toBinaryString } from "../base/bytes.ts";
import { ErrorReply } from "../base/errors.ts";
import { parseExtended } from "../base/extended-float.ts";
import { INT64_MAX, parseInt64 } from "../base/int64.ts";

const notAnInteger = new ErrorReply("ERR timeout is not an integer or out of range");
const notAFloat = new ErrorReply("ERR timeout is not a float or out of range");
const negative = new ErrorReply("ERR timeout is negative");
const outOfRange = new ErrorReply("ERR timeout is out of range");
const INT64_MAX_NUMBER = Number(INT64_MAX);
/** Redis reads floats by strtold, which takes these too. */
const HEXADECIMAL = /^[+-]?0x[0-9a-f]{1,16}$/i;

/** What is wrong with the timeout, undefined if nothing is. */
export function checkTimeout(argument: Bytes, nowMs: number): ErrorReply | undefined {
  const timeoutMs = parseTimeoutMs(argument, nowMs);
  return timeoutMs instanceof ErrorReply ? timeoutMs : undefined;
}

/** Milliseconds; 0 is for ever. */
export function parseTimeoutMs(argument: Bytes, nowMs: number): number | ErrorReply {
  const timeoutMs = parseInt64(argument);
  if (timeoutMs === undefined) return notAnInteger;
  if (timeoutMs < 0n) return negative;
  return timeoutMs > INT64_MAX - BigInt(nowMs) ? outOfRange : Number(timeoutMs);
}

/** Seconds, possibly with a fraction, as milliseconds rounded up; 0 is for ever. */
export function parseTimeoutSeconds(argument: Bytes, nowMs: number): number | ErrorReply {
  const text = toBinaryString(argument);
  const seconds = secondsOf(text);
  if (seconds === undefined) return notAFloat;
  const timeoutMs = Math.ceil(seconds * 1000);
  if (timeoutMs < 0) return negative;
  return timeoutMs > INT64_MAX_NUMBER - nowMs ? outOfRange : timeoutMs;
}

function secondsOf(text: string): number | undefined {
  if (HEXADECIMAL.test(text)) {
    const magnitude = Number(text.replace(/^[+-]/, ""));
    return text.startsWith("-") ? -magnitude : magnitude;
  }
  const value = parseExtended(text);
  if (value === undefined) return undefined;
  if (value !== "infinite") return Number(text);
  return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
