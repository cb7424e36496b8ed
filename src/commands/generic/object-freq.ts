/**
 * OBJECT FREQ: how often a key is used. Nothing counts that, since nothing is evicted by it.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

const notCounted = new ErrorReply(
  "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that " +
    "when switching between policies at runtime LRU and LFU data will take some time to adjust.",
);

export const objectFreqCommand: Command = {
  name: "object|freq",
  group: "generic",
  summary: "Returns the logarithmic access frequency counter of a Redis object.",
  since: "4.0.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly"],
  keys: [{ flags: ["RO"], first: 2, last: 2, step: 1 }],
  arguments: [key()],
  tips: ["nondeterministic_output"],
  run: (context, args) => (context.peek(toBinaryString(args[2])) === undefined ? null : notCounted),
};
