/**
 * LMPOP and BLMPOP: some values of the first of the keys that holds a list.
 */
import { ErrorReply } from "../../base/errors.ts";
import type { Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import type { MultiplePop } from "../multiple-pop.ts";
import type { ListEnd } from "./list-end.ts";
import { takeValues } from "./pop.ts";

/** Undefined where none of the keys holds a list. */
export function popSome(context: CommandContext, pop: MultiplePop<ListEnd>): Reply | undefined {
  for (const key of pop.keys) {
    const list = context.lookupList(key);
    if (list instanceof ErrorReply) return list;
    if (list !== undefined) return [key, takeValues(context, key, list, pop.end, pop.count)];
  }
  return undefined;
}
