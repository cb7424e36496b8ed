/**
 * PFMERGE: stores the union of HyperLogLogs, the destination's own included.
 */
import { toBinaryString, toBuffer } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { REGISTER_COUNT } from "../../data/element-hash.ts";
import { mergeInto } from "../../data/sketch.ts";
import { isDenseSketch } from "../../data/sketch-format.ts";
import { OK } from "../../resp/frame.ts";
import { key, multiple, optional } from "../argument.ts";
import type { Command } from "../command.ts";
import { borrowSketch, brokenSketch, scratch, storeSketch } from "./stored-sketch.ts";

const registers = new Uint8Array(REGISTER_COUNT);

export const pfmergeCommand: Command = {
  name: "pfmerge",
  group: "hyperloglog",
  summary: "Merges one or more HyperLogLog values into a single key.",
  since: "2.8.9",
  complexity: "O(N) to merge N HyperLogLogs, but with high constant times.",
  arity: -2,
  flags: ["write", "denyoom"],
  keys: [
    { flags: ["RW", "access", "insert"], first: 1, last: 1, step: 1 },
    { flags: ["RO", "access"], first: 2, last: -1, step: 1 },
  ],
  arguments: [key("destkey"), optional(multiple(key("sourcekey", 1)))],
  valueType: "string",
  run: (context, args) => {
    registers.fill(0);
    let isDense = false;
    for (let index = 1; index < args.length; index += 1) {
      const value = borrowSketch(context, args[index]);
      if (value === undefined) continue;
      if (value instanceof ErrorReply) return value;
      if (isDenseSketch(value)) isDense = true;
      if (!mergeInto(registers, toBuffer(value))) return brokenSketch;
    }
    const before = borrowSketch(context, args[1]);
    if (before instanceof ErrorReply) return before;
    if (before === undefined) scratch.clear();
    else scratch.load(before);
    if (isDense && !scratch.becomeDense()) return brokenSketch;
    const { hyperLogLogSparseBytes } = context.keyspace.encodingLimits;
    scratch.raiseAll(registers, hyperLogLogSparseBytes);
    scratch.becomeStale();
    return storeSketch(context, toBinaryString(args[1]), before, scratch) ?? OK;
  },
};
