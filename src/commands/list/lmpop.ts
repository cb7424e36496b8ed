/**
 * LMPOP: Returns multiple elements from a list after removing them. Deletes the list if the last
 * element was popped.
 */
import { ErrorReply } from "../../base/errors.ts";
import { NULL_ARRAY } from "../../resp/frame.ts";
import { integer, key, multiple, oneOf, optional, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseMultiplePop } from "../multiple-pop.ts";
import { parseListEnd } from "./list-end.ts";
import { popSome } from "./multiple-pop.ts";

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
    const pop = parseMultiplePop(args, 1, parseListEnd);
    if (pop instanceof ErrorReply) return pop;
    return popSome(context, pop) ?? NULL_ARRAY;
  },
};
