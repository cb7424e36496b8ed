/**
 * Expiry times in arguments: `EX seconds`, `PX`, `EXAT`, `PXAT`, and the EXPIRE family.
 *
 * All become an absolute Unix time in milliseconds; what does not fit 64 bits is Redis's "invalid
 * expire time" with the command's name.
 */
import type { Bytes } from "../base/bytes.ts";
import { type ErrorReply, errors, invalidExpireTime } from "../base/errors.ts";
import { INT64_MAX, parseInt64 } from "../base/int64.ts";
import { integer, oneOf, optional, token, unixTime, withToken } from "./argument.ts";
import type { ArgumentDeclaration } from "./command.ts";

export type ExpiryUnit = "EX" | "PX" | "EXAT" | "PXAT";

export function isExpiryUnit(name: string): name is ExpiryUnit {
  return name === "EX" || name === "PX" || name === "EXAT" || name === "PXAT";
}

/** For COMMAND DOCS; `other` is the word that stands instead of a time. */
export function expirationArgument(other: "PERSIST" | "KEEPTTL"): ArgumentDeclaration {
  return optional(
    oneOf(
      "expiration",
      withToken("EX", integer("seconds")),
      withToken("PX", integer("milliseconds")),
      withToken("EXAT", unixTime("unix-time-seconds")),
      withToken("PXAT", unixTime("unix-time-milliseconds")),
      token(other),
    ),
  );
}

/** For SET and its like: must be positive. */
export function parseExpiry(
  argument: Bytes,
  unit: ExpiryUnit,
  nowMs: number,
  commandName: string,
): number | ErrorReply {
  const value = parseInt64(argument);
  if (value === undefined) return errors.notAnInteger;
  if (value <= 0n) return invalidExpireTime(commandName);
  return absoluteExpiry(value, unit, nowMs, commandName);
}

/** Any integer: a time in the past deletes the key (EXPIRE with a negative time). */
export function absoluteExpiry(
  value: bigint,
  unit: ExpiryUnit,
  nowMs: number,
  commandName: string,
): number | ErrorReply {
  const isSeconds = unit === "EX" || unit === "EXAT";
  if (isSeconds && (value > INT64_MAX / 1000n || value < -INT64_MAX / 1000n)) {
    return invalidExpireTime(commandName);
  }
  let milliseconds = isSeconds ? value * 1000n : value;
  if (unit === "EX" || unit === "PX") {
    if (milliseconds > INT64_MAX - BigInt(nowMs)) return invalidExpireTime(commandName);
    milliseconds += BigInt(nowMs);
  }
  // Beyond 2^53 milliseconds (the year 287396) a time is as good as that one.
  const bounded = Number(milliseconds);
  return Math.max(-1, Math.min(Number.MAX_SAFE_INTEGER, bounded));
}
