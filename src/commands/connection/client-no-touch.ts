/**
 * CLIENT NO-TOUCH: lets commands of this connection read without changing the time of access.
 */
import { errors } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import { oneOf, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";

export const clientNoTouchCommand: Command = {
  name: "client|no-touch",
  group: "connection",
  summary: "Lets commands of this connection read without changing the time of access.",
  since: "7.2.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["noscript", "loading", "stale"],
  arguments: [oneOf("enabled", token("ON"), token("OFF"))],
  run: (context, args) => {
    const mode = optionName(args[2]);
    if (mode !== "ON" && mode !== "OFF") return errors.syntax;
    context.session.isNoTouch = mode === "ON";
    return OK;
  },
};
