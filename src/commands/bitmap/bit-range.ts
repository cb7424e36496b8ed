/**
 * The range of BITCOUNT and BITPOS: two indexes, of bytes or of bits, that may count from the end.
 */
import type { Bytes } from "../../base/bytes.ts";
import { type ErrorReply, errors } from "../../base/errors.ts";
import { integer, oneOf, optional, since, token } from "../argument.ts";
import { optionName } from "../context.ts";

/** In bits, both inclusive; empty if the last is before the first. */
export interface BitRange {
  readonly first: number;
  readonly last: number;
}

export const EMPTY_RANGE: BitRange = { first: 0, last: -1 };

export const unitArgument = since("7.0.0", optional(oneOf("unit", token("BYTE"), token("BIT"))));
export const startArgument = integer("start");
export const endArgument = integer("end");

/** Whether the indexes are of bits. */
export function parseUnit(argument: Bytes | undefined): boolean | ErrorReply {
  if (argument === undefined) return false;
  const unit = optionName(argument);
  if (unit !== "BIT" && unit !== "BYTE") return errors.syntax;
  return unit === "BIT";
}

/** Cut to what the string has. */
export function bitRange(
  byteCount: number,
  start: number,
  end: number,
  isInBits: boolean,
): BitRange {
  const count = isInBits ? byteCount * 8 : byteCount;
  const from = Math.max(0, start < 0 ? count + start : start);
  const to = Math.min(count - 1, Math.max(0, end < 0 ? count + end : end));
  if (from > to) return EMPTY_RANGE;
  return isInBits ? { first: from, last: to } : { first: from * 8, last: to * 8 + 7 };
}
