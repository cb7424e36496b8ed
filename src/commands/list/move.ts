/**
 * LMOVE, RPOPLPUSH and their blocking forms: one value from an end of a list to an end of another,
 * or of the same one.
 */
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import { tryOrWait } from "../waiting.ts";
import type { ListEnd } from "./list-end.ts";
import { takeValues } from "./pop.ts";

/** The value moved, null where there is none. */
export function moveValue(
  context: CommandContext,
  source: string,
  destination: string,
  from: ListEnd,
  to: ListEnd,
): Reply {
  const { database } = context;
  const list = context.lookupList(source);
  if (list instanceof ErrorReply) return list;
  if (list === undefined) return null;
  const target = context.lookupList(destination);
  if (target instanceof ErrorReply) return target;
  if (source === destination && list.length === 1) {
    // Nothing moves; taking the only value would take the key's expiry with it.
    const value = list.get(0) ?? "";
    context.apply({ id: EffectId.listSet, database, key: source, index: 0, value });
    return value;
  }
  const values = takeValues(context, source, list, from, 1);
  const id = to === "LEFT" ? EffectId.listPushLeft : EffectId.listPushRight;
  context.apply({ id, database, key: destination, values });
  return values[0];
}

/** The same, waiting for a list to take from. */
export function moveOrWait(
  context: CommandContext,
  source: string,
  destination: string,
  from: ListEnd,
  to: ListEnd,
  timeoutMs: number | ErrorReply,
): Reply {
  const attempt = (now: CommandContext) =>
    moveValue(now, source, destination, from, to) ?? undefined;
  return tryOrWait(context, "list", [source], timeoutMs, attempt, null);
}
