/**
 * GETRANGE: a part of a string, by indexes that may count from the end.
 */
import { type Bytes, canonicalBytes, SHORT_BYTES_MAX, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { parseInt64 } from "../../base/int64.ts";
import { integer, key } from "../argument.ts";
import type { Command } from "../command.ts";

export const getrangeCommand: Command = {
  name: "getrange",
  group: "string",
  summary: "Returns a substring of the string stored at a key.",
  since: "2.4.0",
  complexity: "O(N) where N is the length of the returned string",
  arity: 4,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("start"), integer("end")],
  valueType: "string",
  run: (context, args) => {
    const start = parseInt64(args[2]);
    const end = parseInt64(args[3]);
    if (start === undefined || end === undefined) return errors.notAnInteger;
    const value = context.borrowString(toBinaryString(args[1]));
    if (value instanceof ErrorReply) return value;
    return value === undefined ? "" : partOf(value, start, end);
  },
};

function partOf(bytes: Bytes, exactStart: bigint, exactEnd: bigint): Bytes {
  const byteCount = bytes.length;
  if (exactStart < 0 && exactEnd < 0 && exactStart > exactEnd) return "";
  const start = Number(exactStart);
  const end = Number(exactEnd);
  const from = Math.max(0, start < 0 ? byteCount + start : start);
  const to = Math.min(byteCount - 1, Math.max(0, end < 0 ? byteCount + end : end));
  if (from > to || byteCount === 0) return "";
  if (typeof bytes === "string") return bytes.slice(from, to + 1);
  const part = bytes.subarray(from, to + 1);
  return part.length > SHORT_BYTES_MAX ? Buffer.from(part) : canonicalBytes(part);
}
