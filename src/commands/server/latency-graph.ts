/**
 * LATENCY GRAPH: an event's samples as four rows of characters, a column for each second, its age
 * written below from top to bottom.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { VerbatimReply } from "../../resp/frame.ts";
import { string } from "../argument.ts";
import type { Command } from "../command.ts";
import type { LatencyEvent } from "../server-control.ts";

const COLUMNS = 80;
const ROWS = 4;
/** From low to high within one row; what is higher fills the row. */
const MARKS = "_o#";
const FULL = "|";

export const latencyGraphCommand: Command = {
  name: "latency|graph",
  group: "server",
  summary: "Draws the latency of an event.",
  since: "2.8.13",
  complexity: "O(1)",
  arity: 3,
  flags: ["admin", "noscript", "loading", "stale"],
  arguments: [string("event")],
  tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
  run: (context, args) => {
    const name = toBinaryString(args[2]);
    const event = context.server.latencyEvents.find(name);
    if (event === undefined) {
      return new ErrorReply(`ERR No samples available for event '${name.slice(0, 128)}'`);
    }
    return new VerbatimReply("txt", graphOf(event, Math.floor(context.nowMs / 1000)));
  },
};

function graphOf({ name, samples, worstMs }: LatencyEvent, nowSeconds: number): string {
  const durations = samples.map(({ durationMs }) => durationMs);
  const high = Math.max(...durations);
  const low = Math.min(...durations);
  const labels = samples.map(({ atSeconds }) => ageText(nowSeconds - atSeconds));
  const heights = durations.map((durationMs) => heightOf(durationMs - low, high - low));
  const parts = [
    `${name} - high ${high} ms, low ${low} ms (all time high ${worstMs} ms)`,
    "-".repeat(COLUMNS),
  ];
  for (let at = 0; at < samples.length; at += COLUMNS) {
    if (at > 0) parts.push("");
    parts.push(
      ...rowsOf(heights.slice(at, at + COLUMNS)),
      " ".repeat(Math.min(COLUMNS, samples.length - at)),
    );
    parts.push(...columnsOf(labels.slice(at, at + COLUMNS)));
  }
  return `${parts.join("\n")}\n`;
}

/** 0 to `ROWS * MARKS.length - 1`. */
function heightOf(above: number, range: number): number {
  const steps = ROWS * MARKS.length;
  return Math.min(steps - 1, Math.floor((above * steps) / (range === 0 ? 1 : range)));
}

function rowsOf(heights: readonly number[]): string[] {
  return Array.from({ length: ROWS }, (_, row) => {
    const floor = (ROWS - row - 1) * MARKS.length;
    return heights
      .map((height) => (height < floor ? " " : (MARKS[height - floor] ?? FULL)))
      .join("");
  });
}

function columnsOf(labels: readonly string[]): string[] {
  const longest = Math.max(...labels.map((label) => label.length));
  return Array.from({ length: longest }, (_, row) =>
    labels.map((label) => label[row] ?? " ").join(""),
  );
}

function ageText(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
