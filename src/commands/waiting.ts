/**
 * The blocking forms of pops and moves: try, and if nothing is there wait for one of the keys.
 */
import { ErrorReply } from "../base/errors.ts";
import { NULL_ARRAY, type Reply } from "../resp/frame.ts";
import type { BlockRequest, CommandContext } from "./context.ts";

/** `attempt` gives the reply or an error, or undefined where none of the keys holds the type. */
export function tryOrWait(
  context: CommandContext,
  valueType: BlockRequest["valueType"],
  keys: readonly string[],
  timeoutMs: number | ErrorReply,
  attempt: (context: CommandContext) => Reply | undefined,
  inTransaction: Reply = NULL_ARRAY,
): Reply {
  if (timeoutMs instanceof ErrorReply) return timeoutMs;
  const reply = attempt(context);
  if (reply !== undefined) return reply;
  return context.block({
    keys,
    timeoutMs,
    valueType,
    wakesOnRemoval: false,
    inTransaction,
    serve: attempt,
  });
}
