/**
 * SLOWLOG GET: the newest entries, ten unless told otherwise, -1 for all.
 */
import { ErrorReply } from "../../base/errors.ts";
import { integer, optional } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseInteger } from "../integer-argument.ts";

const badCount = new ErrorReply("ERR count should be greater than or equal to -1");
const tooManyArguments =
  "ERR unknown subcommand or wrong number of arguments for 'get'. Try SLOWLOG HELP.";

export const slowlogGetCommand: Command = {
  name: "slowlog|get",
  group: "server",
  summary: "Lists entries of the slow log.",
  since: "2.2.12",
  complexity: "O(N) where N is the number of entries returned",
  arity: -2,
  flags: ["admin", "loading", "stale"],
  arguments: [optional(integer("count"))],
  history: [["4.0.0", "An entry tells the address and name of the client."]],
  tips: ["request_policy:all_nodes", "nondeterministic_output"],
  run: (context, args) => {
    if (args.length > 3) return new ErrorReply(tooManyArguments);
    let count = 10;
    if (args.length === 3) {
      const given = parseInteger(args[2]);
      if (given === undefined || given < -1) return badCount;
      count = given;
    }
    return context.server.slowLog
      .entries(count)
      .map((entry) => [
        entry.id,
        entry.atSeconds,
        entry.durationMicroseconds,
        entry.arguments,
        entry.address,
        entry.clientName,
      ]);
  },
};
