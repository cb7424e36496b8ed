/**
 * MEMORY: the container of what can be asked about memory.
 */
import type { Command } from "../command.ts";
import { helpCommand, runContainer } from "../container.ts";
import { memoryDoctorCommand } from "./memory-doctor.ts";
import { memoryMallocStatsCommand } from "./memory-malloc-stats.ts";
import { memoryPurgeCommand } from "./memory-purge.ts";
import { memoryStatsCommand } from "./memory-stats.ts";
import { memoryUsageCommand } from "./memory-usage.ts";

export const memoryCommand: Command = {
  name: "memory",
  group: "server",
  summary: "A container for memory diagnostics.",
  since: "4.0.0",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  subcommands: [
    memoryDoctorCommand,
    helpCommand("memory", "server", "4.0.0"),
    memoryMallocStatsCommand,
    memoryPurgeCommand,
    memoryStatsCommand,
    memoryUsageCommand,
  ],
  run: runContainer,
};
