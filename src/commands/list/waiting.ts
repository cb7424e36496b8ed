/**
 * The blocking forms of a list command: try, and if no list is there wait for one of the keys.
 */
import { ErrorReply } from "../../base/errors.ts";
import type { Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";

/** `attempt` gives the reply or an error, or undefined where none of the keys holds a list. */
export function waitForList(
  context: CommandContext,
  keys: readonly string[],
  timeoutMs: number | ErrorReply,
  inTransaction: Reply,
  attempt: (context: CommandContext) => Reply | undefined,
): Reply {
  if (timeoutMs instanceof ErrorReply) return timeoutMs;
  const reply = attempt(context);
  if (reply !== undefined) return reply;
  return context.block({
    keys,
    timeoutMs,
    valueType: "list",
    wakesOnRemoval: false,
    inTransaction,
    serve: attempt,
  });
}
