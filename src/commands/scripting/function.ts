/**
 * FUNCTION: there are no functions, so that listing and removing all of them are the subcommands
 * that have an answer. Suites and clients begin with FUNCTION FLUSH.
 */
import type { Command } from "../command.ts";
import { helpCommand, runContainer } from "../container.ts";
import { functionFlushCommand } from "./function-flush.ts";
import { functionListCommand } from "./function-list.ts";

export const functionCommand: Command = {
  name: "function",
  group: "scripting",
  summary: "A container for function commands.",
  since: "7.0.0",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  subcommands: [
    functionFlushCommand,
    { ...helpCommand("function", "scripting", "7.0.0"), categories: ["scripting"] },
    functionListCommand,
  ],
  run: runContainer,
};
