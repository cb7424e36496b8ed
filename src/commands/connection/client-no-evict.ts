/**
 * CLIENT NO-EVICT: keeps the connection from being evicted, or not.
 */
import { errors } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import { oneOf, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";

export const clientNoEvictCommand: Command = {
  name: "client|no-evict",
  group: "connection",
  summary: "Keeps the connection from being evicted, or not.",
  since: "7.0.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["admin", "noscript", "loading", "stale"],
  arguments: [oneOf("enabled", token("ON"), token("OFF"))],
  run: (context, args) => {
    const mode = optionName(args[2]);
    if (mode !== "ON" && mode !== "OFF") return errors.syntax;
    context.session.isNoEvict = mode === "ON";
    return OK;
  },
};
