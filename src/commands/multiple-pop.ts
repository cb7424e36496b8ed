/**
 * What LMPOP and ZMPOP share, and their blocking forms: several keys, which end, and how many.
 */
import { type Bytes, toBinaryString } from "../base/bytes.ts";
import { ErrorReply, errors } from "../base/errors.ts";
import { optionName } from "./context.ts";
import { parseClampedInteger } from "./integer-argument.ts";

const badKeyCount = new ErrorReply("ERR numkeys should be greater than 0");
const badCount = new ErrorReply("ERR count should be greater than 0");

export interface MultiplePop<End> {
  readonly keys: readonly string[];
  readonly end: End;
  readonly count: number;
}

/** `numkeys key… END [COUNT count]`; the number of keys is at `countAt`. */
export function parseMultiplePop<End>(
  args: readonly Bytes[],
  countAt: number,
  parseEnd: (argument: Bytes) => End | undefined,
): MultiplePop<End> | ErrorReply {
  const keyCount = parseClampedInteger(args[countAt]);
  if (keyCount === undefined || keyCount < 1) return badKeyCount;
  const endAt = countAt + 1 + keyCount;
  if (endAt >= args.length) return errors.syntax;
  const end = parseEnd(args[endAt]);
  if (end === undefined) return errors.syntax;
  const count = parseCount(args, endAt + 1);
  if (count instanceof ErrorReply) return count;
  return { keys: keysBetween(args, countAt + 1, endAt), end, count };
}

export function keysBetween(args: readonly Bytes[], start: number, end: number): string[] {
  const keys: string[] = [];
  for (let index = start; index < end; index += 1) keys.push(toBinaryString(args[index]));
  return keys;
}

/** In Redis's order: the count's value is looked at before what follows it. */
function parseCount(args: readonly Bytes[], firstAt: number): number | ErrorReply {
  if (args.length === firstAt) return 1;
  if (optionName(args[firstAt]) !== "COUNT" || args.length === firstAt + 1) return errors.syntax;
  const count = parseClampedInteger(args[firstAt + 1]);
  if (count === undefined || count < 1) return badCount;
  return args.length === firstAt + 2 ? count : errors.syntax;
}
