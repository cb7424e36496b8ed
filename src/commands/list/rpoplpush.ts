/**
 * RPOPLPUSH: Returns the last element of a list after removing and pushing it to another list.
 * Deletes the list if the last element was popped.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { moveValue } from "./move.ts";

export const rpoplpushCommand: Command = {
  name: "rpoplpush",
  group: "list",
  summary:
    "Returns the last element of a list after removing and pushing it to another list. Deletes the list if the last element was popped.",
  since: "1.2.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["write", "denyoom"],
  keys: [
    { flags: ["RW", "access", "delete"], first: 1, last: 1, step: 1 },
    { flags: ["RW", "insert"], first: 2, last: 2, step: 1 },
  ],
  arguments: [key("source"), key("destination", 1)],
  deprecatedSince: "6.2.0",
  replacedBy: "`LMOVE` with the `RIGHT` and `LEFT` arguments",
  valueType: "list",
  run: (context, args) =>
    moveValue(context, toBinaryString(args[1]), toBinaryString(args[2]), "RIGHT", "LEFT"),
};
