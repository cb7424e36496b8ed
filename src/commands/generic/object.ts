/**
 * OBJECT: how a value is held, and when it was last used.
 */
import type { Command } from "../command.ts";
import { helpCommand, runContainer } from "../container.ts";
import { objectEncodingCommand } from "./object-encoding.ts";
import { objectFreqCommand } from "./object-freq.ts";
import { objectIdletimeCommand } from "./object-idletime.ts";
import { objectRefcountCommand } from "./object-refcount.ts";

export const objectCommand: Command = {
  name: "object",
  group: "generic",
  summary: "A container for object introspection commands.",
  since: "2.2.3",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  subcommands: [
    objectEncodingCommand,
    objectFreqCommand,
    objectIdletimeCommand,
    objectRefcountCommand,
    helpCommand("object", "generic", "6.2.0"),
  ],
  run: runContainer,
};
