/**
 * BITPOS: the place of the first bit that is set, or clear.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { findBit } from "../../data/bits.ts";
import { block, integer, key, optional } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import {
  type BitRange,
  bitRange,
  endArgument,
  parseUnit,
  startArgument,
  unitArgument,
} from "./bit-range.ts";
import { bitmapOf } from "./bitmap-bytes.ts";

const notABit = new ErrorReply("ERR The bit argument must be 1 or 0.");

export const bitposCommand: Command = {
  name: "bitpos",
  group: "bitmap",
  summary: "Finds the first set (1) or clear (0) bit in a string.",
  since: "2.8.7",
  complexity: "O(N)",
  arity: -3,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    integer("bit"),
    optional(
      block("range", startArgument, optional(block("end-unit-block", endArgument, unitArgument))),
    ),
  ],
  history: [["7.0.0", "Added the `BYTE|BIT` option."]],
  valueType: "string",
  run: (context, args) => {
    const bit = parseClampedInteger(args[2]);
    if (bit === undefined) return errors.notAnInteger;
    if (bit !== 0 && bit !== 1) return notABit;
    const value = context.borrowString(toBinaryString(args[1]));
    if (value instanceof ErrorReply) return value;
    if (value === undefined) return bit === 1 ? -1 : 0;
    const range = parseRange(args, value.length);
    if (range instanceof ErrorReply) return range;
    if (range.first > range.last) return -1;
    const found = findBit(bitmapOf(value), bit, range.first, range.last);
    // Without an end, zeros follow the string.
    const goesOn = bit === 0 && args.length < 5;
    return found === -1 && goesOn ? value.length * 8 : found;
  },
};

function parseRange(args: readonly Bytes[], byteCount: number): BitRange | ErrorReply {
  if (args.length > 6) return errors.syntax;
  if (args.length === 3) return bitRange(byteCount, 0, -1, false);
  const start = parseClampedInteger(args[3]);
  if (start === undefined) return errors.notAnInteger;
  const isInBits = parseUnit(args[5]);
  if (isInBits instanceof ErrorReply) return isInBits;
  const end = args.length > 4 ? parseClampedInteger(args[4]) : -1;
  if (end === undefined) return errors.notAnInteger;
  return bitRange(byteCount, start, end, isInBits);
}
