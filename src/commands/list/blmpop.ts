/**
 * BLMPOP: Pops elements from the first of several lists. Blocks until an element is available
 * otherwise.
 */
import { ErrorReply } from "../../base/errors.ts";
import { double, integer, key, multiple, oneOf, optional, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseMultiplePop } from "../multiple-pop.ts";
import { parseTimeoutSeconds } from "../timeout-argument.ts";
import { tryOrWait } from "../waiting.ts";
import { parseListEnd } from "./list-end.ts";
import { popSome } from "./multiple-pop.ts";

export const blmpopCommand: Command = {
  name: "blmpop",
  group: "list",
  summary:
    "Pops the first element from one of multiple lists. Blocks until an element is available otherwise. Deletes the list if the last element was popped.",
  since: "7.0.0",
  complexity:
    "O(N+M) where N is the number of provided keys and M is the number of elements returned",
  arity: -5,
  flags: ["write", "blocking", "movablekeys"],
  keys: [{ flags: ["RW", "access", "delete"], countAt: 2 }],
  arguments: [
    double("timeout"),
    integer("numkeys"),
    multiple(key()),
    oneOf("where", token("LEFT"), token("RIGHT")),
    optional(withToken("COUNT", integer("count"))),
  ],
  run: (context, args) => {
    const pop = parseMultiplePop(args, 2, parseListEnd);
    if (pop instanceof ErrorReply) return pop;
    const timeoutMs = parseTimeoutSeconds(args[1], context.nowMs);
    return tryOrWait(context, "list", pop.keys, timeoutMs, (now) => popSome(now, pop));
  },
};
