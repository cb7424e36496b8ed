/**
 * OBJECT REFCOUNT: Returns the reference count of a value of a key.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";

export const objectRefcountCommand: Command = {
  name: "object|refcount",
  group: "generic",
  summary: "Returns the reference count of a value of a key.",
  since: "2.2.3",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly"],
  keys: [{ flags: ["RO"], first: 2, last: 2, step: 1 }],
  arguments: [key()],
  tips: ["nondeterministic_output"],
  run: (context, args) => (context.peek(toBinaryString(args[2])) === undefined ? null : 1),
};
