/**
 * BZMPOP: Removes and returns a member by score from one or more sorted sets. Blocks until a
 * member is available otherwise. Deletes the sorted set if the last element was popped.
 */
import { ErrorReply } from "../../base/errors.ts";
import { double, integer, key, multiple, oneOf, optional, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseMultiplePop } from "../multiple-pop.ts";
import { parseTimeoutSeconds } from "../timeout-argument.ts";
import { tryOrWait } from "../waiting.ts";
import { parseSortedSetEnd, popSome } from "./popping.ts";

export const bzmpopCommand: Command = {
  name: "bzmpop",
  group: "sorted_set",
  summary:
    "Removes and returns a member by score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.",
  since: "7.0.0",
  complexity:
    "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.",
  arity: -5,
  flags: ["write", "blocking", "movablekeys"],
  keys: [{ flags: ["RW", "access", "delete"], countAt: 2 }],
  arguments: [
    double("timeout"),
    integer("numkeys"),
    multiple(key()),
    oneOf("where", token("MIN"), token("MAX")),
    optional(withToken("COUNT", integer("count"))),
  ],
  run: (context, args) => {
    const request = parseMultiplePop(args, 2, parseSortedSetEnd);
    if (request instanceof ErrorReply) return request;
    const timeoutMs = parseTimeoutSeconds(args[1], context.nowMs);
    return tryOrWait(context, "zset", request.keys, timeoutMs, (now) => popSome(now, request));
  },
};
