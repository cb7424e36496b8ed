/**
 * The keys of a call that COMMAND GETKEYS or GETKEYSANDFLAGS was given, or why it has none.
 */
import type { Bytes } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import type { KeyUse } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { extractKeys } from "../key-extraction.ts";

const invalidCommand = new ErrorReply("ERR Invalid command specified");
const noKeys = new ErrorReply("ERR The command has no key arguments");
const invalidCount = new ErrorReply("ERR Invalid number of arguments specified for command");
const invalidArguments = new ErrorReply("ERR Invalid arguments specified for command");

export function keysOf(
  context: CommandContext,
  args: readonly Bytes[],
): readonly KeyUse[] | ErrorReply {
  const call = args.slice(2);
  const command = context.server.commands.resolve(call);
  if (command === undefined) return invalidCommand;
  if ((command.declaration.keys ?? []).length === 0) return noKeys;
  if (!command.acceptsCount(call.length)) return invalidCount;
  const uses = extractKeys(command.declaration, call);
  return uses === undefined || uses.length === 0 ? invalidArguments : uses;
}
