/**
 * GETBIT: one bit of a string.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { integer, key } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseBitOffset } from "./bit-offset.ts";
import { byteAt } from "./bitmap-bytes.ts";

export const getbitCommand: Command = {
  name: "getbit",
  group: "bitmap",
  summary: "Returns a bit value by offset.",
  since: "2.2.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("offset")],
  valueType: "string",
  run: (context, args) => {
    const offset = parseBitOffset(context, args[2]);
    if (offset instanceof ErrorReply) return offset;
    const value = context.borrowString(toBinaryString(args[1]));
    if (value instanceof ErrorReply) return value;
    const byte = byteAt(value, Math.floor(offset / 8));
    return (byte >> (7 - (offset % 8))) & 1;
  },
};
