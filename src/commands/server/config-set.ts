/**
 * CONFIG SET: changes parameters, all of them or none.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import { block, multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const configSetCommand: Command = {
  name: "config|set",
  group: "server",
  summary: "Changes parameters while the server runs.",
  since: "2.0.0",
  complexity: "O(N) when N is the number of parameters",
  arity: -4,
  flags: ["admin", "noscript", "loading", "stale"],
  arguments: [multiple(block("data", string("parameter"), string("value")))],
  history: [["7.0.0", "Several parameters in one call."]],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  carriesSecret: true,
  run: (context, args) => {
    if (args.length % 2 !== 0) return errors.syntax;
    const pairs: [string, string][] = [];
    for (let index = 2; index < args.length; index += 2) {
      pairs.push([toBinaryString(args[index]).toLowerCase(), toBinaryString(args[index + 1])]);
    }
    const set = context.server.configure(pairs);
    if (set === undefined || set instanceof ErrorReply) return set ?? OK;
    return context.defer(
      set,
      (_, failure) => failure ?? OK,
      (reason) => new ErrorReply(`ERR CONFIG SET failed: ${String(reason)}`),
    );
  },
};
