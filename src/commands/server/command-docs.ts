/**
 * COMMAND DOCS: what redis-cli shows as hints, and documentation tools read.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { MapReply, type Reply, SetReply, SimpleString } from "../../resp/frame.ts";
import { multiple, optional, string } from "../argument.ts";
import type { ArgumentDeclaration, Command } from "../command.ts";
import type { RegisteredCommand } from "../command-table.ts";

export const commandDocsCommand: Command = {
  name: "command|docs",
  group: "server",
  summary: "Documents one, several or all commands.",
  since: "7.0.0",
  complexity: "O(N) where N is the number of commands to look up",
  arity: -2,
  flags: ["loading", "stale"],
  categories: ["connection"],
  arguments: [optional(multiple(string("command-name")))],
  tips: ["nondeterministic_output_order"],
  run: (context, args) => {
    const commands = context.server.commands;
    const entries: Reply[] = [];
    if (args.length === 2) {
      for (const command of commands.topLevel()) entries.push(command.name, documentation(command));
    } else {
      for (const name of args.slice(2)) {
        const command = commands.find(toBinaryString(name));
        if (command !== undefined) entries.push(command.name, documentation(command));
      }
    }
    return new MapReply(entries);
  },
};

function documentation(command: RegisteredCommand): MapReply {
  const declaration = command.declaration;
  const entries: Reply[] = [
    "summary",
    declaration.summary,
    "since",
    declaration.since,
    "group",
    declaration.group.replace("_", "-"),
    "complexity",
    declaration.complexity,
  ];
  if (declaration.group === "search") entries.push("module", "search");
  if (declaration.deprecatedSince !== undefined) {
    entries.push("doc_flags", new SetReply([new SimpleString("deprecated")]));
    entries.push("deprecated_since", declaration.deprecatedSince);
  }
  if (declaration.replacedBy !== undefined) entries.push("replaced_by", declaration.replacedBy);
  if (declaration.history !== undefined) {
    entries.push("history", new SetReply(declaration.history.map((change) => [...change])));
  }
  if (declaration.arguments !== undefined) {
    entries.push("arguments", declaration.arguments.map(argumentDocumentation));
  }
  if (command.subcommands !== null) {
    const subcommands: Reply[] = [];
    for (const sub of command.subcommands.values()) {
      subcommands.push(sub.name, documentation(sub));
    }
    entries.push("subcommands", new MapReply(subcommands));
  }
  return new MapReply(entries);
}

function argumentDocumentation(argument: ArgumentDeclaration): MapReply {
  const entries: Reply[] = ["name", argument.name, "type", argument.type];
  if (argument.type !== "oneof" && argument.type !== "block") {
    entries.push("display_text", argument.displayText ?? argument.name);
  }
  if (argument.keySpecificationIndex !== undefined) {
    entries.push("key_spec_index", argument.keySpecificationIndex);
  }
  if (argument.token !== undefined) entries.push("token", argument.token);
  if (argument.since !== undefined) entries.push("since", argument.since);
  if (argument.deprecatedSince !== undefined) {
    entries.push("deprecated_since", argument.deprecatedSince);
  }
  const flags: SimpleString[] = [];
  if (argument.isOptional === true) flags.push(new SimpleString("optional"));
  if (argument.isMultiple === true) flags.push(new SimpleString("multiple"));
  if (argument.isMultipleToken === true) flags.push(new SimpleString("multiple_token"));
  if (flags.length > 0) entries.push("flags", new SetReply(flags));
  if (argument.arguments !== undefined) {
    entries.push("arguments", argument.arguments.map(argumentDocumentation));
  }
  return new MapReply(entries);
}
