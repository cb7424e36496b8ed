/**
 * RENAME: Renames a key and overwrites the destination.
 */
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { rename } from "./renaming.ts";

export const renameCommand: Command = {
  name: "rename",
  group: "generic",
  summary: "Renames a key and overwrites the destination.",
  since: "1.0.0",
  complexity: "O(N) where N is the size of the value: it is written to the log again",
  arity: 3,
  flags: ["write"],
  keys: [
    { flags: ["RW", "access", "delete"], first: 1, last: 1, step: 1 },
    { flags: ["OW", "update"], first: 2, last: 2, step: 1 },
  ],
  arguments: [key(), key("newkey", 1)],
  run: (context, args) => rename(context, args, false),
};
