/**
 * LPOP: Returns and removes the first elements of a list. Deletes the list if the last element was
 * popped.
 */
import { integer, key, optional, since } from "../argument.ts";
import type { Command } from "../command.ts";
import { pop } from "./pop.ts";

export const lpopCommand: Command = {
  name: "lpop",
  group: "list",
  summary:
    "Returns and removes the first elements of a list. Deletes the list if the last element was popped.",
  since: "1.0.0",
  complexity: "O(N) where N is the number of elements returned",
  arity: -2,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "access", "delete"], first: 1, last: 1, step: 1 }],
  arguments: [key(), since("6.2.0", optional(integer("count")))],
  history: [["6.2.0", "Added the `count` argument."]],
  valueType: "list",
  run: (context, args) => pop(context, args, "LEFT", "lpop"),
};
