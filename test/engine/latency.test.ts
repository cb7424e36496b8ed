/**
 * LATENCY: what took longer than the threshold, the worst of each second, as Redis tells it.
 */
import { describe, expect, it } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { LatencyMonitor } from "../../src/engine/latency-monitor.ts";
import { InProcessServer } from "../support/in-process-server.ts";

/** Commands take `stepMs`, since the clock moves when it is looked at. */
function slowServer(stepMs: number, thresholdMs: string): InProcessServer {
  const server = new InProcessServer();
  const { world } = server;
  const { monotonicMs } = world;
  const client = server.connect();
  client.command("CONFIG", "SET", "latency-monitor-threshold", thresholdMs);
  let passedMs = 0;
  world.monotonicMs = () => {
    passedMs += stepMs;
    return monotonicMs.call(world) + passedMs;
  };
  return server;
}

describe("LATENCY", () => {
  it("notes commands that took the threshold or longer, fast ones apart", () => {
    const server = slowServer(7.9, "7");
    const client = server.connect();
    const seconds = Math.floor(server.world.nowMs() / 1000);
    client.command("KEYS", "*");
    client.command("GET", "k");
    expect(client.command("LATENCY", "LATEST")).toEqual([
      ["command", seconds, 7, 7],
      ["fast-command", seconds, 7, 7],
    ]);
    expect(client.command("LATENCY", "HISTORY", "command")).toEqual([[seconds, 7]]);
    expect(client.command("LATENCY", "HISTORY", "other")).toEqual([]);
    expect(client.command("LATENCY", "RESET", "command", "other")).toBe(1);
    client.command("CONFIG", "SET", "latency-monitor-threshold", "0");
    expect(client.command("LATENCY", "RESET")).toBe(2);
    expect(client.command("LATENCY", "LATEST")).toEqual([]);
  });

  it("notes nothing below the threshold, and nothing while it is off", () => {
    for (const thresholdMs of ["9", "0"]) {
      const client = slowServer(8, thresholdMs).connect();
      client.command("KEYS", "*");
      expect(client.command("LATENCY", "LATEST")).toEqual([]);
    }
  });

  it("notes the expiry cycle", () => {
    const server = slowServer(20, "15");
    const client = server.connect();
    server.world.advance(100);
    const latest = client.command("LATENCY", "LATEST");
    expect(latest).toContainEqual([
      "expire-cycle",
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
    ]);
  });

  it("draws a graph, and describes what it saw", () => {
    const server = slowServer(10, "10");
    const client = server.connect();
    expect(client.error("LATENCY", "GRAPH", "command")).toBe(
      "ERR No samples available for event 'command'",
    );
    client.command("KEYS", "*");
    server.world.jump(61_000);
    client.command("KEYS", "*");
    const graph = String(client.command("LATENCY", "GRAPH", "command")).split("\n");
    expect(graph[0]).toBe("command - high 10 ms, low 10 ms (all time high 10 ms)");
    expect(graph.slice(2)).toEqual(["  ", "  ", "  ", "__", "  ", "10", "ms", ""]);
    const report = client.command("LATENCY", "DOCTOR");
    expect(report).toContain("command: 2 latency spikes (average 10ms, mean deviation 0ms, period");
    expect(report).toContain("SLOWLOG GET");
  });

  it("says that it is off, or that nothing was slow", () => {
    const client = new InProcessServer().connect();
    expect(client.command("LATENCY", "DOCTOR")).toMatch(/monitoring is disabled/);
    client.command("CONFIG", "SET", "latency-monitor-threshold", "1000");
    expect(client.command("LATENCY", "DOCTOR")).toMatch(/No latency spike/);
  });
});

describe("the latency monitor", () => {
  it("keeps the worst of each second, and latencySamplesMax seconds", () => {
    const monitor = new LatencyMonitor();
    monitor.thresholdMs = 5;
    const secondsCount = limits.latencySamplesMax + 10;
    for (let second = 0; second < secondsCount; second += 1) {
      for (const durationMs of [5, 9.9, 7]) {
        monitor.note("command", durationMs, second * 1000 + durationMs);
      }
    }
    monitor.note("command", 100, (secondsCount - 1) * 1000);
    const event = monitor.find("command");
    expect(event?.samples.length).toBe(limits.latencySamplesMax);
    expect(event?.samples[0]).toEqual({ atSeconds: 10, durationMs: 9 });
    expect(event?.samples.at(-1)).toEqual({ atSeconds: secondsCount - 1, durationMs: 100 });
    expect(event?.worstMs).toBe(100);
  });
});
