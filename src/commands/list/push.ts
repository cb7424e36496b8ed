/**
 * LPUSH, RPUSH and their X forms: values onto one end.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import type { ListEnd } from "./list-end.ts";

/** The list's new length. `isExistingOnly`: nothing happens where there is no list. */
export function pushValues(
  context: CommandContext,
  args: readonly Bytes[],
  end: ListEnd,
  isExistingOnly: boolean,
): Reply {
  const { database } = context;
  const key = toBinaryString(args[1]);
  const list = context.lookupList(key);
  if (list instanceof ErrorReply) return list;
  if (list === undefined && isExistingOnly) return 0;
  const before = list?.length ?? 0;
  const id = end === "LEFT" ? EffectId.listPushLeft : EffectId.listPushRight;
  context.apply({ id, database, key, values: args.slice(2) });
  return before + args.length - 2;
}
