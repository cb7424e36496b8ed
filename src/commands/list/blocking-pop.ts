/**
 * BLPOP and BRPOP: one value of the first of the keys that holds a list.
 */
import type { Bytes } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import type { Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import { keysBetween } from "../multiple-pop.ts";
import { parseTimeoutSeconds } from "../timeout-argument.ts";
import { tryOrWait } from "../waiting.ts";
import type { ListEnd } from "./list-end.ts";
import { takeValues } from "./pop.ts";

/** The timeout is the last argument, all between are keys. */
export function blockingPop(context: CommandContext, args: readonly Bytes[], end: ListEnd): Reply {
  const timeoutAt = args.length - 1;
  const timeoutMs = parseTimeoutSeconds(args[timeoutAt], context.nowMs);
  const keys = keysBetween(args, 1, timeoutAt);
  return tryOrWait(context, "list", keys, timeoutMs, (now) => popFirst(now, keys, end));
}

function popFirst(
  context: CommandContext,
  keys: readonly string[],
  end: ListEnd,
): Reply | undefined {
  for (const key of keys) {
    const list = context.lookupList(key);
    if (list instanceof ErrorReply) return list;
    if (list !== undefined) return [key, takeValues(context, key, list, end, 1)[0]];
  }
  return undefined;
}
