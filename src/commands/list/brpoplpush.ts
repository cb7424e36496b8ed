/**
 * BRPOPLPUSH: Pops an element from a list, pushes it to another list and returns it. Blocks until
 * an element is available otherwise.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { double, key } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseTimeoutSeconds } from "../timeout-argument.ts";
import { moveOrWait } from "./move.ts";

export const brpoplpushCommand: Command = {
  name: "brpoplpush",
  group: "list",
  summary:
    "Pops an element from a list, pushes it to another list and returns it. Block until an element is available otherwise. Deletes the list if the last element was popped.",
  since: "2.2.0",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "denyoom", "blocking"],
  keys: [
    { flags: ["RW", "access", "delete"], first: 1, last: 1, step: 1 },
    { flags: ["RW", "insert"], first: 2, last: 2, step: 1 },
  ],
  arguments: [key("source"), key("destination", 1), double("timeout")],
  history: [["6.0.0", "`timeout` is interpreted as a double instead of an integer."]],
  deprecatedSince: "6.2.0",
  replacedBy: "`BLMOVE` with the `RIGHT` and `LEFT` arguments",
  valueType: "list",
  run: (context, args) => {
    const timeoutMs = parseTimeoutSeconds(args[3], context.nowMs);
    const source = toBinaryString(args[1]);
    return moveOrWait(context, source, toBinaryString(args[2]), "RIGHT", "LEFT", timeoutMs);
  },
};
