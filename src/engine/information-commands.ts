/**
 * INFO's sections about commands: calls and time, latency percentiles, errors by code.
 */
import type { EngineServerControl } from "./server-control.ts";

export function commandStatisticsLines(server: EngineServerControl): readonly string[] {
  const lines: string[] = [];
  for (const command of server.parts.statistics.commands) {
    if (command.callCount === 0 && command.rejectedCount === 0) continue;
    const totalMicroseconds = command.durationMs * 1000;
    const perCall = command.callCount === 0 ? 0 : totalMicroseconds / command.callCount;
    lines.push(
      `cmdstat_${command.name}:calls=${command.callCount},usec=${Math.round(totalMicroseconds)},` +
        `usec_per_call=${perCall.toFixed(2)},rejected_calls=${command.rejectedCount},` +
        `failed_calls=${command.failedCount}`,
    );
  }
  return lines;
}

export function latencyLines(server: EngineServerControl): readonly string[] {
  const percentiles = server.parts.engine.configuration
    .text("latency-tracking-info-percentiles")
    .split(" ")
    .filter((text) => text !== "");
  const lines: string[] = [];
  for (const command of server.parts.statistics.commands) {
    const histogram = command.histogram;
    if (histogram === undefined) continue;
    const parts = percentiles.map((text) => {
      const microseconds = histogram.percentileNanoseconds(Number(text)) / 1000;
      return `p${Number(text)}=${microseconds.toFixed(3)}`;
    });
    lines.push(`latency_percentiles_usec_${command.name}:${parts.join(",")}`);
  }
  return lines;
}

export function errorLines(server: EngineServerControl): readonly string[] {
  const counts = [...server.parts.statistics.errorCounts];
  return counts.map(([code, count]) => `errorstat_${code}:count=${count}`);
}
