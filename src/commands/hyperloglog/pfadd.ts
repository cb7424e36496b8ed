/**
 * PFADD: adds elements to a HyperLogLog.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { placeOf, registerOf, runOf } from "../../data/element-hash.ts";
import { denseByte, denseValue } from "../../data/sketch-dense.ts";
import { DENSE_BYTES, isDenseSketch, STALE_BYTE } from "../../data/sketch-format.ts";
import type { Reply } from "../../resp/frame.ts";
import { key, multiple, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { borrowSketch, brokenSketch, scratch, storeSketch } from "./stored-sketch.ts";

export const pfaddCommand: Command = {
  name: "pfadd",
  group: "hyperloglog",
  summary: "Adds elements to a HyperLogLog key. Creates the key if it doesn't exist.",
  since: "2.8.9",
  complexity: "O(1) to add every element.",
  arity: -2,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "insert"], first: 1, last: 1, step: 1 }],
  arguments: [key(), optional(multiple(string("element")))],
  valueType: "string",
  run: (context, args) => {
    const before = borrowSketch(context, args[1]);
    if (before instanceof ErrorReply) return before;
    if (typeof before === "object" && isDenseSketch(before)) return addDense(context, args, before);
    if (before === undefined) scratch.clear();
    else scratch.load(before);
    const { hyperLogLogSparseBytes } = context.keyspace.encodingLimits;
    let isChanged = before === undefined;
    for (let index = 2; index < args.length; index += 1) {
      const place = placeOf(args[index]);
      const isRaised = scratch.raise(registerOf(place), runOf(place), hyperLogLogSparseBytes);
      if (isRaised === undefined) return brokenSketch;
      if (isRaised) isChanged = true;
    }
    if (!isChanged) return 0;
    scratch.becomeStale();
    return storeSketch(context, toBinaryString(args[1]), before, scratch) ?? 1;
  },
};

/** Most elements raise nothing: the bytes are copied only once one does. */
function addDense(context: CommandContext, args: readonly Bytes[], before: Buffer): Reply {
  let start = DENSE_BYTES;
  let end = 0;
  for (let index = 2; index < args.length; index += 1) {
    const place = placeOf(args[index]);
    const register = registerOf(place);
    if (runOf(place) <= denseValue(before, register)) continue;
    if (end === 0) scratch.load(before);
    scratch.raise(register, runOf(place), 0);
    const at = denseByte(register);
    start = Math.min(start, at);
    end = Math.max(end, at + 2);
  }
  if (end === 0) return 0;
  if (scratch.bytes[STALE_BYTE] < 0x80) {
    scratch.becomeStale();
    start = STALE_BYTE;
  }
  end = Math.min(end, DENSE_BYTES);
  return storeSketch(context, toBinaryString(args[1]), before, scratch, start, end) ?? 1;
}
