/**
 * LPOP and RPOP: values from one end; with a count, an array.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors, wrongArgumentCount } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { ListValue } from "../../keyspace/list-value.ts";
import { NULL_ARRAY, type Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import type { ListEnd } from "./list-end.ts";

export function pop(
  context: CommandContext,
  args: readonly Bytes[],
  end: ListEnd,
  commandName: string,
): Reply {
  if (args.length > 3) return wrongArgumentCount(commandName);
  let count: number | undefined;
  if (args.length === 3) {
    count = parseClampedInteger(args[2]);
    if (count === undefined || count < 0) return errors.mustBePositive;
  }
  const key = toBinaryString(args[1]);
  const list = context.lookupList(key);
  if (list instanceof ErrorReply) return list;
  if (list === undefined) return count === undefined ? null : NULL_ARRAY;
  if (count === 0) return [];
  const values = takeValues(context, key, list, end, count ?? 1);
  return count === undefined ? values[0] : values;
}

/** Removes at most `count` values; they come in the order of popping. */
export function takeValues(
  context: CommandContext,
  key: string,
  list: ListValue,
  end: ListEnd,
  count: number,
): Bytes[] {
  const { database } = context;
  const { length } = list;
  const taken = Math.min(count, length);
  const start = end === "LEFT" ? 0 : length - taken;
  const values = list.slice(start, taken);
  if (end === "RIGHT") values.reverse();
  const id = end === "LEFT" ? EffectId.listPopLeft : EffectId.listPopRight;
  context.apply({ id, database, key, count: taken });
  return values;
}
