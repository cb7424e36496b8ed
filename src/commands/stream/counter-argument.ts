/**
 * Counters that a client sets (entries added, entries read, deliveries). They go on counting from
 * there in plain numbers, so that what could leave these is refused.
 */
import type { Bytes } from "../../base/bytes.ts";
import { limits } from "../../base/limits.ts";
import { parseClampedInteger } from "../integer-argument.ts";

/** Undefined for what is no integer of 64 bits, or above `streamCounterMax`. */
export function parseCounter(argument: Bytes): number | undefined {
  const count = parseClampedInteger(argument);
  return count === undefined || count > limits.streamCounterMax ? undefined : count;
}
