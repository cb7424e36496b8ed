/**
 * FT._DEBUG: the container of what tests, and people who compare nodes, look at inside an index;
 * refused unless `debug-commands` is `yes`, as DEBUG is.
 */
import type { Command } from "../command.ts";
import { helpCommand, runContainer } from "../container.ts";
import { ftDebugFlushCommand } from "./ft-debug-flush.ts";
import { ftDebugGraphCommand } from "./ft-debug-graph.ts";

export const ftDebugCommand: Command = {
  name: "ft._debug",
  group: "search",
  summary: "A container for commands that look inside an index.",
  since: "1.0.0",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  subcommands: [
    ftDebugFlushCommand,
    ftDebugGraphCommand,
    helpCommand("ft._debug", "search", "1.0.0"),
  ],
  run: runContainer,
};
