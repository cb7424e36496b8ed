/**
 * COMMAND GETKEYS and GETKEYSANDFLAGS: the keys that a whole call would touch, from the declarations.
 */
import type { Bytes } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { SetReply, SimpleString } from "../../resp/frame.ts";
import { multiple, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { extractKeys, type KeyUse } from "../key-extraction.ts";

const invalidCommand = new ErrorReply("ERR Invalid command specified");
const noKeys = new ErrorReply("ERR The command has no key arguments");
const invalidCount = new ErrorReply("ERR Invalid number of arguments specified for command");
const invalidArguments = new ErrorReply("ERR Invalid arguments specified for command");

export const commandGetkeysCommand: Command = {
  name: "command|getkeys",
  group: "server",
  summary: "Extracts the keys of a call.",
  since: "2.8.13",
  complexity: "O(N) where N is the number of arguments",
  arity: -3,
  flags: ["loading", "stale"],
  categories: ["connection"],
  arguments: [string("command"), optional(multiple(string("arg")))],
  run: (context, args) => {
    const uses = keysOf(context, args);
    return uses instanceof ErrorReply ? uses : uses.map((use) => use.key);
  },
};

export const commandGetkeysandflagsCommand: Command = {
  name: "command|getkeysandflags",
  group: "server",
  summary: "Extracts the keys of a call, with what it does to them.",
  since: "7.0.0",
  complexity: "O(N) where N is the number of arguments",
  arity: -3,
  flags: ["loading", "stale"],
  categories: ["connection"],
  arguments: [string("command"), optional(multiple(string("arg")))],
  run: (context, args) => {
    const uses = keysOf(context, args);
    if (uses instanceof ErrorReply) return uses;
    return uses.map((use) => [
      use.key,
      new SetReply(use.flags.map((flag) => new SimpleString(flag))),
    ]);
  },
};

function keysOf(context: CommandContext, args: readonly Bytes[]): readonly KeyUse[] | ErrorReply {
  const call = args.slice(2);
  const command = context.server.commands.resolve(call);
  if (command === undefined) return invalidCommand;
  if ((command.declaration.keys ?? []).length === 0) return noKeys;
  if (!command.acceptsCount(call.length)) return invalidCount;
  const uses = extractKeys(command.declaration, call);
  return uses === undefined || uses.length === 0 ? invalidArguments : uses;
}
