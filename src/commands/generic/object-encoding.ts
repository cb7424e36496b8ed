/**
 * OBJECT ENCODING: Redis's name for how it would hold such a value. Our structures have other
 * names; clients and suites know these.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { parseInt64 } from "../../base/int64.ts";
import type { EncodingLimits } from "../../keyspace/encoding-limits.ts";
import type { Value } from "../../keyspace/entry.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

const EMBEDDED_BYTES_MAX = 44;

export const objectEncodingCommand: Command = {
  name: "object|encoding",
  group: "generic",
  summary: "Returns the internal encoding of a Redis object.",
  since: "2.2.3",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly"],
  keys: [{ flags: ["RO"], first: 2, last: 2, step: 1 }],
  arguments: [key()],
  tips: ["nondeterministic_output"],
  run: (context, args) => {
    const name = toBinaryString(args[2]);
    const entry = context.lookup(name);
    const limits = context.keyspace.encodingLimits;
    return entry === undefined ? null : encodingOf(entry.value, limits);
  },
};

export function encodingOf(value: Value, limits: EncodingLimits): string {
  if (value.type !== "string") return value.encodingName(limits);
  if (value.isRaw) return "raw";
  if (parseInt64(value.borrowed) !== undefined) return "int";
  return value.length <= EMBEDDED_BYTES_MAX ? "embstr" : "raw";
}
