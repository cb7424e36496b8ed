/**
 * OBJECT REFCOUNT: Returns the reference count of a value of a key.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseInteger } from "../integer-argument.ts";

/** Redis holds small integers once; their count says that they are never freed. */
const SHARED_INTEGERS = 10_000;
const SHARED_COUNT = 2 ** 31 - 1;

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
  run: (context, args) => {
    const entry = context.peek(toBinaryString(args[2]));
    if (entry === undefined) return null;
    const { value } = entry;
    if (value.type !== "string" || value.isRaw) return 1;
    const integer = parseInteger(value.borrowed);
    return integer !== undefined && integer >= 0 && integer < SHARED_INTEGERS ? SHARED_COUNT : 1;
  },
};
