/**
 * BLPOP and BRPOP: one value of the first of the keys that holds a list.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { NULL_ARRAY, type Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import { parseTimeoutSeconds } from "../timeout-argument.ts";
import type { ListEnd } from "./list-end.ts";
import { takeValues } from "./pop.ts";
import { waitForList } from "./waiting.ts";

/** The timeout is the last argument, all between are keys. */
export function blockingPop(context: CommandContext, args: readonly Bytes[], end: ListEnd): Reply {
  const timeoutAt = args.length - 1;
  const timeoutMs = parseTimeoutSeconds(args[timeoutAt], context.nowMs);
  const keys: string[] = [];
  for (let index = 1; index < timeoutAt; index += 1) keys.push(toBinaryString(args[index]));
  return waitForList(context, keys, timeoutMs, NULL_ARRAY, (now) => popFirst(now, keys, end));
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
