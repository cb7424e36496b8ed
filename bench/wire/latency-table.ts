/**
 * Prints what an open load measured beside the figure that is compared: medians of repetitions.
 */
import type { Figures } from "./load.ts";
import { median } from "./median.ts";
import type { OpenLoadFigures } from "./open-load.ts";
import type { LatencyScenario } from "./scenarios.ts";

/** `late p99` is from due to sent: how much of a latency is the load's own process waiting. */
const columns = [
  ["p50 ms", "p50Ms", 3],
  ["p99 ms", "p99Ms", 3],
  ["p99.9 ms", "p999Ms", 3],
  ["SETs/s", "setsPerSecond", 0],
  ["GETs/s", "getsPerSecond", 0],
  ["late p99", "latenessP99Ms", 3],
] as const;

export function printLatencies(
  scenario: LatencyScenario,
  servers: Readonly<Record<"ours" | "redis", readonly Figures[]>>,
): void {
  const { name, setsPerSecond, getsPerSecond, seconds, seed } = scenario;
  const load = `${setsPerSecond} SETs/s and ${getsPerSecond} GETs/s due in ${seconds} s`;
  console.log(`\n${name}: ${load}, Poisson, seed ${seed}; from when a GET was due\n`);
  console.log(`| server | ${columns.map(([title]) => title.padStart(8)).join(" | ")} |`);
  console.log(`| :----- | ${columns.map(() => "-------:").join(" | ")} |`);
  for (const server of ["ours", "redis"] as const) {
    const loads = servers[server].flatMap(({ openLoad }) => (openLoad ? [openLoad] : []));
    const cells = columns.map(([, figure, digits]) => cell(loads, figure, digits));
    console.log(`| ${server.padEnd(6)} | ${cells.join(" | ")} |`);
  }
}

function cell(
  loads: readonly OpenLoadFigures[],
  figure: keyof OpenLoadFigures,
  digits: number,
): string {
  return median(loads.map((load) => load[figure]))
    .toFixed(digits)
    .padStart(8);
}
