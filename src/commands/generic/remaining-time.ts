/**
 * TTL and its like: when a key expires, as a time or as what is left.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import type { CommandContext } from "../context.ts";

const NO_KEY = -2;
const NO_EXPIRY = -1;

/** The absolute expiry in milliseconds, or -1, or -2. */
export function expiryOf(context: CommandContext, keyArgument: Bytes): number {
  const entry = context.lookup(toBinaryString(keyArgument));
  if (entry === undefined) return NO_KEY;
  return entry.expiryMs === 0 ? NO_EXPIRY : entry.expiryMs;
}

/** Milliseconds left, or -1, or -2. */
export function millisecondsLeft(context: CommandContext, keyArgument: Bytes): number {
  const expiryMs = expiryOf(context, keyArgument);
  return expiryMs < 0 ? expiryMs : Math.max(0, expiryMs - context.nowMs);
}
