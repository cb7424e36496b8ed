/**
 * LMPOP: Returns multiple elements from a list after removing them. Deletes the list if the last
 * element was popped.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { NULL_ARRAY } from "../../resp/frame.ts";
import { integer, key, multiple, oneOf, optional, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { parseListEnd } from "./list-end.ts";
import { takeValues } from "./pop.ts";

const badKeyCount = new ErrorReply("ERR numkeys should be greater than 0");
const badCount = new ErrorReply("ERR count should be greater than 0");

export const lmpopCommand: Command = {
  name: "lmpop",
  group: "list",
  summary:
    "Returns multiple elements from a list after removing them. Deletes the list if the last element was popped.",
  since: "7.0.0",
  complexity:
    "O(N+M) where N is the number of provided keys and M is the number of elements returned",
  arity: -4,
  flags: ["write", "movablekeys"],
  keys: [{ flags: ["RW", "access", "delete"], countAt: 1 }],
  arguments: [
    integer("numkeys"),
    multiple(key()),
    oneOf("where", token("LEFT"), token("RIGHT")),
    optional(withToken("COUNT", integer("count"))),
  ],
  run: (context, args) => {
    const keyCount = parseClampedInteger(args[1]);
    if (keyCount === undefined || keyCount < 1) return badKeyCount;
    const endAt = 2 + keyCount;
    if (endAt >= args.length) return errors.syntax;
    const end = parseListEnd(args[endAt]);
    if (end === undefined) return errors.syntax;
    const count = parseCount(args, endAt + 1);
    if (count instanceof ErrorReply) return count;
    for (let index = 2; index < endAt; index += 1) {
      const name = toBinaryString(args[index]);
      const list = context.lookupList(name);
      if (list instanceof ErrorReply) return list;
      if (list !== undefined) return [name, takeValues(context, name, list, end, count)];
    }
    return NULL_ARRAY;
  },
};

/** In Redis's order: the count's value is looked at before what follows it. */
function parseCount(args: readonly Bytes[], firstAt: number): number | ErrorReply {
  if (args.length === firstAt) return 1;
  if (optionName(args[firstAt]) !== "COUNT" || args.length === firstAt + 1) return errors.syntax;
  const count = parseClampedInteger(args[firstAt + 1]);
  if (count === undefined || count < 1) return badCount;
  return args.length === firstAt + 2 ? count : errors.syntax;
}
