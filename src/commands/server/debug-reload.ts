/**
 * DEBUG RELOAD and LOADAOF: whether what was written down is what is in memory.
 *
 * Both mean here what LOADAOF means in Redis, since the log is the only thing that is kept.
 */
import { ErrorReply } from "../../base/errors.ts";
import { OK, type Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";

const indexesAreThere = new ErrorReply(
  "ERR DEBUG RELOAD reads keys back and not indexes: drop those first",
);

export function debugReload(context: CommandContext): Reply {
  if (context.keyspace.indexDefinitions.size > 0) return indexesAreThere;
  return context.defer(
    context.server.reload(),
    () => OK,
    (reason) => {
      const text = reason instanceof Error ? reason.message : String(reason);
      return new ErrorReply(
        `ERR the keyspace stays as it was: ${text.replaceAll(/[\r\n]+/g, " ")}`,
      );
    },
  );
}
