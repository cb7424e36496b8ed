/**
 * PING: whether the server is there; gives back the message, if there is one.
 */
import { wrongArgumentCount } from "../../base/errors.ts";
import { PONG } from "../../resp/frame.ts";
import { optional, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const pingCommand: Command = {
  name: "ping",
  group: "connection",
  summary: "Answers PONG, or the message that was sent.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: -1,
  flags: ["fast"],
  arguments: [optional(string("message"))],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  run: (_context, args) => {
    if (args.length > 2) return wrongArgumentCount("ping");
    return args.length === 1 ? PONG : args[1];
  },
};
