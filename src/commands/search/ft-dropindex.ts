/**
 * FT.DROPINDEX: forgets an index; with DD, deletes its documents too, each by an effect of its own.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, wrongArgumentCount } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { OK, type Reply } from "../../resp/frame.ts";
import type { SearchIndex } from "../../search/search-index.ts";
import { optional, string, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";
import { quoted } from "./argument-cursor.ts";

export const ftDropIndexCommand: Command = {
  name: "ft.dropindex",
  group: "search",
  summary: "Deletes an index, and with DD its documents.",
  since: "2.0.0",
  complexity: "O(1), or O(N) with DD, where N is the number of keys in the keyspace",
  arity: -2,
  flags: ["write", "fast", "no_multi"],
  arguments: [string("index"), optional(token("DD"))],
  readsWholeKeyspace: true,
  run: dropIndex,
};

function dropIndex(context: CommandContext, args: readonly Bytes[]): Reply {
  if (args.length > 3) return wrongArgumentCount("ft.dropindex");
  const name = toBinaryString(args[1]);
  const isDeletingDocuments = args.length === 3 && optionName(args[2]) === "DD";
  if (args.length === 3 && !isDeletingDocuments) {
    return new ErrorReply(`Unknown argument ${quoted(toBinaryString(args[2]))}`);
  }
  const index = context.search.find(name);
  if (index === undefined) return new ErrorReply("Unknown Index name");
  const keys = isDeletingDocuments ? documentKeys(context, index) : [];
  context.apply({ id: EffectId.indexDrop, name });
  for (const key of keys) {
    context.apply({ id: EffectId.keyDelete, database: 0, key, reason: "deleted" });
  }
  return OK;
}

/** From the keyspace, not from the index: existing keys may still be on their way into it. */
function documentKeys(context: CommandContext, index: SearchIndex): string[] {
  const keys: string[] = [];
  for (const key of context.keyspace.keys(0)) {
    if (!index.schema.prefixes.some((prefix) => key.startsWith(prefix))) continue;
    if (context.keyspace.peek(0, key)?.value.type === "hash") keys.push(key);
  }
  return keys;
}
