/**
 * What the subcommands of FT._DEBUG share.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import type { SearchIndex } from "../../search/search-index.ts";
import type { CommandContext } from "../context.ts";

const disabled = new ErrorReply(
  "ERR FT._DEBUG command not allowed. Start the server with --debug-commands yes to allow it.",
);

export function debuggedIndex(context: CommandContext, name: Bytes): SearchIndex | ErrorReply {
  if (!context.server.isDebugEnabled()) return disabled;
  const index = context.search.find(toBinaryString(name));
  if (index !== undefined) return index;
  context.waitForEverything();
  return new ErrorReply("Unknown index name");
}

export function debugFailed(reason: unknown): ErrorReply {
  return new ErrorReply(`ERR ${reason instanceof Error ? reason.message : String(reason)}`);
}
