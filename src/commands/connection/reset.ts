/**
 * RESET: gives the connection the state of a new one, and leaves it open.
 */
import { SimpleString } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

const RESET = new SimpleString("RESET");

export const resetCommand: Command = {
  name: "reset",
  group: "connection",
  summary: "Resets the state of the connection.",
  since: "6.2.0",
  complexity: "O(1)",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  runsInsideMulti: true,
  run: (context) => {
    context.session.reset();
    return RESET;
  },
};
