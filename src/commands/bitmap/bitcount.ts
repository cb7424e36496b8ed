/**
 * BITCOUNT: how many bits of a string, or of a part of it, are set.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { parseInt64 } from "../../base/int64.ts";
import { countBits } from "../../data/bits.ts";
import { block, key, optional } from "../argument.ts";
import type { Command } from "../command.ts";
import {
  type BitRange,
  bitRange,
  EMPTY_RANGE,
  endArgument,
  parseUnit,
  startArgument,
  unitArgument,
} from "./bit-range.ts";
import { bitmapOf } from "./bitmap-bytes.ts";

export const bitcountCommand: Command = {
  name: "bitcount",
  group: "bitmap",
  summary: "Counts the number of set bits (population counting) in a string.",
  since: "2.6.0",
  complexity: "O(N)",
  arity: -2,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), optional(block("range", startArgument, endArgument, unitArgument))],
  history: [["7.0.0", "Added the `BYTE|BIT` option."]],
  valueType: "string",
  run: (context, args) => {
    const value = context.borrowString(toBinaryString(args[1]));
    if (value instanceof ErrorReply) return value;
    // A missing key is answered before the other arguments are looked at, as in Redis.
    if (value === undefined) return 0;
    const range = parseRange(args, value.length);
    return range instanceof ErrorReply ? range : countInRange(bitmapOf(value), range);
  },
};

function parseRange(args: readonly Bytes[], byteCount: number): BitRange | ErrorReply {
  if (args.length === 2) return bitRange(byteCount, 0, -1, false);
  if (args.length !== 4 && args.length !== 5) return errors.syntax;
  const start = parseInt64(args[2]);
  const end = parseInt64(args[3]);
  if (start === undefined || end === undefined) return errors.notAnInteger;
  if (start < 0 && end < 0 && start > end) return EMPTY_RANGE;
  const isInBits = parseUnit(args[4]);
  if (isInBits instanceof ErrorReply) return isInBits;
  return bitRange(byteCount, Number(start), Number(end), isInBits);
}

function countInRange(bitmap: Buffer, { first, last }: BitRange): number {
  if (first > last) return 0;
  const firstByte = Math.floor(first / 8);
  const lastByte = Math.floor(last / 8);
  const edges = Buffer.of(
    bitmap[firstByte] & ~(0xff >>> (first % 8)),
    bitmap[lastByte] & (0xff >>> ((last % 8) + 1)),
  );
  return countBits(bitmap, firstByte, lastByte + 1) - countBits(edges, 0, 2);
}
