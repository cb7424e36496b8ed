/**
 * LATENCY: the container of what can be asked about durations. HISTOGRAM is kept for every command,
 * samples of what took long only above `latency-monitor-threshold` (`engine/latency-monitor.ts`).
 */
import type { Command } from "../command.ts";
import { helpCommand, runContainer } from "../container.ts";
import { latencyDoctorCommand } from "./latency-doctor.ts";
import { latencyGraphCommand } from "./latency-graph.ts";
import { latencyHistogramCommand } from "./latency-histogram.ts";
import { latencyHistoryCommand } from "./latency-history.ts";
import { latencyLatestCommand } from "./latency-latest.ts";
import { latencyResetCommand } from "./latency-reset.ts";

export const latencyCommand: Command = {
  name: "latency",
  group: "server",
  summary: "A container for latency diagnostics.",
  since: "2.8.13",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  subcommands: [
    latencyDoctorCommand,
    latencyGraphCommand,
    helpCommand("latency", "server", "2.8.13"),
    latencyHistogramCommand,
    latencyHistoryCommand,
    latencyLatestCommand,
    latencyResetCommand,
  ],
  run: runContainer,
};
