/**
 * COMMAND LIST: the names of all commands and subcommands, or of those that a filter lets through.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { errors } from "../../base/errors.ts";
import { globMatches } from "../../base/glob.ts";
import { oneOf, optional, pattern, string, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import type { RegisteredCommand } from "../command-table.ts";
import { optionName } from "../context.ts";

export const commandListCommand: Command = {
  name: "command|list",
  group: "server",
  summary: "Lists the names of commands.",
  since: "7.0.0",
  complexity: "O(N) where N is the number of commands",
  arity: -2,
  flags: ["loading", "stale"],
  categories: ["connection"],
  arguments: [
    optional(
      withToken(
        "FILTERBY",
        oneOf(
          "filterby",
          withToken("MODULE", string("module-name")),
          withToken("ACLCAT", string("category")),
          withToken("PATTERN", pattern("pattern")),
        ),
      ),
    ),
  ],
  tips: ["nondeterministic_output_order"],
  run: (context, args) => {
    const all = context.server.commands.all;
    if (args.length === 2) return all.map((command) => command.name);
    if (args.length !== 5 || optionName(args[2]) !== "FILTERBY") return errors.syntax;
    const wanted = toBinaryString(args[4]).toLowerCase();
    let isListed: (command: RegisteredCommand) => boolean;
    switch (optionName(args[3])) {
      case "MODULE":
        isListed = (command) => wanted === "search" && command.declaration.group === "search";
        break;
      case "ACLCAT":
        isListed = (command) => command.categories.includes(wanted);
        break;
      case "PATTERN":
        isListed = (command) => globMatches(wanted, command.name);
        break;
      default:
        return errors.syntax;
    }
    return all.filter(isListed).map((command) => command.name);
  },
};
