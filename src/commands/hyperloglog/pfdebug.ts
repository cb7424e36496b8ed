/**
 * PFDEBUG: looks into a HyperLogLog, or makes it dense.
 */
import { type Bytes, toBinaryString, toBuffer } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { REGISTER_COUNT } from "../../data/element-hash.ts";
import { denseValue } from "../../data/sketch-dense.ts";
import { isDenseSketch } from "../../data/sketch-format.ts";
import { sparseText } from "../../data/sketch-sparse.ts";
import { type Reply, SimpleString } from "../../resp/frame.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";
import { borrowSketch, brokenSketch, scratch, storeSketch } from "./stored-sketch.ts";

const noKey = new ErrorReply("ERR The specified key does not exist");
const notSparse = new ErrorReply("ERR HLL encoding is not sparse");

export const pfdebugCommand: Command = {
  name: "pfdebug",
  group: "hyperloglog",
  summary: "Internal commands for debugging HyperLogLog values.",
  since: "2.8.9",
  complexity: "N/A",
  arity: 3,
  flags: ["write", "denyoom", "admin"],
  keys: [{ flags: ["RW", "access"], first: 2, last: 2, step: 1 }],
  arguments: [string("subcommand"), key()],
  run: (context, args) => {
    const value = borrowSketch(context, args[2]);
    if (value === undefined) return noKey;
    if (value instanceof ErrorReply) return value;
    switch (optionName(args[1])) {
      case "GETREG":
        return registersOf(context, toBinaryString(args[2]), value);
      case "DECODE":
        return isDenseSketch(value) ? notSparse : sparseText(toBuffer(value));
      case "ENCODING":
        return new SimpleString(isDenseSketch(value) ? "dense" : "sparse");
      case "TODENSE":
        return makeDense(context, toBinaryString(args[2]), value);
      default:
        return new ErrorReply(`ERR Unknown PFDEBUG subcommand '${toBinaryString(args[1])}'`);
    }
  },
};

function registersOf(context: CommandContext, name: string, value: Bytes): Reply {
  const made = makeDense(context, name, value);
  if (made instanceof ErrorReply) return made;
  const values: number[] = [];
  for (let register = 0; register < REGISTER_COUNT; register += 1) {
    values.push(denseValue(scratch.bytes, register));
  }
  return values;
}

/** 1 if it was not dense before; the sketch is in `scratch` then. */
function makeDense(context: CommandContext, name: string, value: Bytes): 0 | 1 | ErrorReply {
  scratch.load(value);
  if (scratch.isDense) return 0;
  if (!scratch.becomeDense()) return brokenSketch;
  return storeSketch(context, name, value, scratch) ?? 1;
}
