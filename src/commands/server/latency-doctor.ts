/**
 * LATENCY DOCTOR: what was slow, in words, and what may help.
 */
import { VerbatimReply } from "../../resp/frame.ts";
import type { Command } from "../command.ts";
import type { CommandContext } from "../context.ts";
import type { LatencyEvent } from "../server-control.ts";

export const latencyDoctorCommand: Command = {
  name: "latency|doctor",
  group: "server",
  summary: "Reports on latency in words.",
  since: "2.8.13",
  complexity: "O(1)",
  arity: 2,
  flags: ["admin", "noscript", "loading", "stale"],
  tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
  run: (context) => new VerbatimReply("txt", `${reportOf(context).join("\n")}\n`),
};

const OFF =
  "Latency monitoring is disabled. CONFIG SET latency-monitor-threshold <milliseconds> enables it.";
const NOTHING = "No latency spike was observed.";

const advice: Readonly<Record<string, readonly string[]>> = {
  command: [
    "- SLOWLOG GET shows which commands took long, if slowlog-log-slower-than is low enough.",
    "- Commands that read or write whole collections take as long as those are large: SCAN and",
    "  its like, and smaller collections, leave others their turn.",
  ],
  "fast-command": [
    "- Even quick commands took long: the process may have waited for a processor, or for the",
    "  collector of garbage. Look at the load of the machine and at used_memory_heap in INFO.",
  ],
  "expire-cycle": [
    "- Very much expires at the same moment. Times that are spread out leave others their turn.",
  ],
};

function reportOf(context: CommandContext): string[] {
  const { latencyEvents } = context.server;
  const events = latencyEvents.all();
  if (events.length === 0) return [latencyEvents.thresholdMs === 0 ? OFF : NOTHING];
  const nowSeconds = Math.floor(context.nowMs / 1000);
  return [
    "Latency spikes were observed:",
    "",
    ...events.map((event, index) => `${index + 1}. ${describe(event, nowSeconds)}`),
    "",
    "What may help:",
    "",
    ...events.flatMap(({ name }) => advice[name] ?? []),
  ];
}

function describe({ name, samples, worstMs }: LatencyEvent, nowSeconds: number): string {
  const durations = samples.map(({ durationMs }) => durationMs);
  const mean = (numbers: readonly number[]) =>
    Math.floor(numbers.reduce((sum, number) => sum + number, 0) / numbers.length);
  const average = mean(durations);
  const deviation = mean(durations.map((duration) => Math.abs(duration - average)));
  const seconds = Math.max(1, nowSeconds - samples[0].atSeconds);
  return (
    `${name}: ${samples.length} latency spikes (average ${average}ms, mean deviation ` +
    `${deviation}ms, period ${(seconds / samples.length).toFixed(2)} sec). ` +
    `Worst all time event ${worstMs}ms.`
  );
}
