/**
 * XRANGE and XREVRANGE: entries between two ids.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { NULL_ARRAY, type Reply } from "../../resp/frame.ts";
import { type CommandContext, optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { rangeReply } from "./entry-reply.ts";
import { parseRangeEnd, parseRangeStart } from "./id-argument.ts";

/** `args` is the whole call; XREVRANGE names the end first. */
export function range(
  context: CommandContext,
  args: readonly Bytes[],
  isBackwards: boolean,
): Reply {
  const start = parseRangeStart(args[isBackwards ? 3 : 2]);
  if (start instanceof ErrorReply) return start;
  const end = parseRangeEnd(args[isBackwards ? 2 : 3]);
  if (end instanceof ErrorReply) return end;
  const count = parseCount(args);
  if (count instanceof ErrorReply) return count;
  const stream = context.lookupStream(toBinaryString(args[1]));
  if (stream instanceof ErrorReply) return stream;
  if (stream === undefined) return [];
  if (count === 0) return NULL_ARRAY;
  return rangeReply(stream, start, end, count ?? 0, isBackwards);
}

/** Undefined if there is none. */
function parseCount(args: readonly Bytes[]): number | undefined | ErrorReply {
  let count: number | undefined;
  for (let index = 4; index < args.length; index += 2) {
    if (optionName(args[index]) !== "COUNT" || index + 1 === args.length) return errors.syntax;
    const given = parseClampedInteger(args[index + 1]);
    if (given === undefined) return errors.notAnInteger;
    count = Math.max(0, given);
  }
  return count;
}
