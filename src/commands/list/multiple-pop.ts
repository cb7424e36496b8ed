/**
 * LMPOP and BLMPOP: some values of the first of the keys that holds a list.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import type { Reply } from "../../resp/frame.ts";
import { type CommandContext, optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { type ListEnd, parseListEnd } from "./list-end.ts";
import { takeValues } from "./pop.ts";

const badKeyCount = new ErrorReply("ERR numkeys should be greater than 0");
const badCount = new ErrorReply("ERR count should be greater than 0");

export interface MultiplePop {
  readonly keys: readonly string[];
  readonly end: ListEnd;
  readonly count: number;
}

/** `numkeys key… LEFT|RIGHT [COUNT count]`; the number of keys is at `countAt`. */
export function parseMultiplePop(
  args: readonly Bytes[],
  countAt: number,
): MultiplePop | ErrorReply {
  const keyCount = parseClampedInteger(args[countAt]);
  if (keyCount === undefined || keyCount < 1) return badKeyCount;
  const endAt = countAt + 1 + keyCount;
  if (endAt >= args.length) return errors.syntax;
  const end = parseListEnd(args[endAt]);
  if (end === undefined) return errors.syntax;
  const count = parseCount(args, endAt + 1);
  if (count instanceof ErrorReply) return count;
  const keys: string[] = [];
  for (let index = countAt + 1; index < endAt; index += 1) keys.push(toBinaryString(args[index]));
  return { keys, end, count };
}

/** Undefined where none of the keys holds a list. */
export function popSome(context: CommandContext, pop: MultiplePop): Reply | undefined {
  for (const key of pop.keys) {
    const list = context.lookupList(key);
    if (list instanceof ErrorReply) return list;
    if (list !== undefined) return [key, takeValues(context, key, list, pop.end, pop.count)];
  }
  return undefined;
}

/** In Redis's order: the count's value is looked at before what follows it. */
function parseCount(args: readonly Bytes[], firstAt: number): number | ErrorReply {
  if (args.length === firstAt) return 1;
  if (optionName(args[firstAt]) !== "COUNT" || args.length === firstAt + 1) return errors.syntax;
  const count = parseClampedInteger(args[firstAt + 1]);
  if (count === undefined || count < 1) return badCount;
  return args.length === firstAt + 2 ? count : errors.syntax;
}
