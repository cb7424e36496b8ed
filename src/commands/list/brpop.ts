/**
 * BRPOP: Removes and returns the last element in a list. Blocks until an element is available
 * otherwise.
 */
import { double, key, multiple } from "../argument.ts";
import type { Command } from "../command.ts";
import { blockingPop } from "./blocking-pop.ts";

export const brpopCommand: Command = {
  name: "brpop",
  group: "list",
  summary:
    "Removes and returns the last element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.",
  since: "2.0.0",
  complexity: "O(N) where N is the number of provided keys",
  arity: -3,
  flags: ["write", "blocking"],
  keys: [{ flags: ["RW", "access", "delete"], first: 1, last: -2, step: 1 }],
  arguments: [multiple(key()), double("timeout")],
  history: [["6.0.0", "`timeout` is interpreted as a double instead of an integer."]],
  valueType: "list",
  run: (context, args) => blockingPop(context, args, "RIGHT"),
};
