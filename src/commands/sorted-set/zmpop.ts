/**
 * ZMPOP: Returns the highest- or lowest-scoring members from one or more sorted sets after
 * removing them. Deletes the sorted set if the last member was popped.
 */
import { ErrorReply } from "../../base/errors.ts";
import { NULL_ARRAY } from "../../resp/frame.ts";
import { integer, key, multiple, oneOf, optional, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseMultiplePop } from "../multiple-pop.ts";
import { parseSortedSetEnd, popSome } from "./popping.ts";

export const zmpopCommand: Command = {
  name: "zmpop",
  group: "sorted_set",
  summary:
    "Returns the highest- or lowest-scoring members from one or more sorted sets after removing them. Deletes the sorted set if the last member was popped.",
  since: "7.0.0",
  complexity:
    "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.",
  arity: -4,
  flags: ["write", "movablekeys"],
  keys: [{ flags: ["RW", "access", "delete"], countAt: 1 }],
  arguments: [
    integer("numkeys"),
    multiple(key()),
    oneOf("where", token("MIN"), token("MAX")),
    optional(withToken("COUNT", integer("count"))),
  ],
  run: (context, args) => {
    const request = parseMultiplePop(args, 1, parseSortedSetEnd);
    if (request instanceof ErrorReply) return request;
    return popSome(context, request) ?? NULL_ARRAY;
  },
};
