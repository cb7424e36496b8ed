/**
 * PFCOUNT: how many distinct elements a HyperLogLog, or the union of several, has seen.
 *
 * The sketch of a single key holds its cardinality until it changes; who computes it writes it down
 * there. That is an effect, and the one that Redis sends to its replicas and its log.
 */
import { type Bytes, toBinaryString, toBuffer } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { REGISTER_COUNT } from "../../data/element-hash.ts";
import { mergeInto } from "../../data/sketch.ts";
import { estimate, estimateOfRegisters } from "../../data/sketch-estimate.ts";
import { CARDINALITY_BYTE, heldCardinality } from "../../data/sketch-format.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { Reply } from "../../resp/frame.ts";
import { key, multiple } from "../argument.ts";
import type { Command } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { borrowSketch, brokenSketch } from "./stored-sketch.ts";

const registers = new Uint8Array(REGISTER_COUNT);

export const pfcountCommand: Command = {
  name: "pfcount",
  group: "hyperloglog",
  summary: "Returns the approximated cardinality of the set(s) observed by the HyperLogLog key(s).",
  since: "2.8.9",
  complexity:
    "O(1) with a very small average constant time when called with a single key. O(N) with N being the number of keys, and much bigger constant times, when called with multiple keys.",
  arity: -2,
  flags: ["readonly", "may_replicate"],
  keys: [{ flags: ["RW", "access"], first: 1, last: -1, step: 1 }],
  arguments: [multiple(key())],
  valueType: "string",
  run: (context, args) => {
    if (args.length > 2) return countUnion(context, args);
    const value = borrowSketch(context, args[1]);
    if (value === undefined || value instanceof ErrorReply) return value ?? 0;
    const held = heldCardinality(value);
    if (held !== undefined) return held;
    const cardinality = estimate(toBuffer(value));
    if (cardinality === undefined) return brokenSketch;
    if (context.mayCache) keep(context, toBinaryString(args[1]), cardinality);
    return cardinality;
  },
};

function countUnion(context: CommandContext, args: readonly Bytes[]): Reply {
  registers.fill(0);
  for (let index = 1; index < args.length; index += 1) {
    const value = borrowSketch(context, args[index]);
    if (value instanceof ErrorReply) return value;
    if (value !== undefined && !mergeInto(registers, toBuffer(value))) return brokenSketch;
  }
  return estimateOfRegisters(registers);
}

function keep(context: CommandContext, name: string, cardinality: number | bigint): void {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(cardinality));
  context.apply({
    id: EffectId.stringSetRange,
    database: context.database,
    key: name,
    offset: CARDINALITY_BYTE,
    value: toBinaryString(bytes),
  });
}
