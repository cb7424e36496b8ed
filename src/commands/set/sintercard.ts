/**
 * SINTERCARD: how many members an intersection has, or that they are as many as a limit.
 */
import type { Bytes } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { integer, key, multiple, optional, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { lookupSets, visitIntersection } from "./algebra.ts";

const badKeyCount = new ErrorReply("ERR numkeys should be greater than 0");
const tooManyKeys = new ErrorReply("ERR Number of keys can't be greater than number of args");
const badLimit = new ErrorReply("ERR LIMIT can't be negative");

export const sintercardCommand: Command = {
  name: "sintercard",
  group: "set",
  summary: "Returns the number of members of the intersect of multiple sets.",
  since: "7.0.0",
  complexity:
    "O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.",
  arity: -3,
  flags: ["readonly", "movablekeys"],
  keys: [{ flags: ["RO", "access"], countAt: 1 }],
  arguments: [integer("numkeys"), multiple(key()), optional(withToken("LIMIT", integer("limit")))],
  run: (context, args) => {
    const keyCount = parseClampedInteger(args[1]);
    if (keyCount === undefined || keyCount < 1) return badKeyCount;
    if (keyCount > args.length - 2) return tooManyKeys;
    const limit = parseLimit(args, 2 + keyCount);
    if (limit instanceof ErrorReply) return limit;
    const sources = lookupSets(context, args, 2, 2 + keyCount);
    if (sources instanceof ErrorReply) return sources;
    let count = 0;
    visitIntersection(sources, () => {
      count += 1;
      return count !== limit;
    });
    return count;
  },
};

/** 0 for none; the last one counts. */
function parseLimit(args: readonly Bytes[], firstAt: number): number | ErrorReply {
  let limit = 0;
  for (let index = firstAt; index < args.length; index += 2) {
    if (optionName(args[index]) !== "LIMIT" || index + 1 >= args.length) return errors.syntax;
    const parsed = parseClampedInteger(args[index + 1]);
    if (parsed === undefined || parsed < 0) return badLimit;
    limit = parsed;
  }
  return limit;
}
