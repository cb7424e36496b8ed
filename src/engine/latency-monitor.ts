/**
 * LATENCY: what took at least `latency-monitor-threshold` milliseconds, by event: `command`,
 * `fast-command`, `expire-cycle`. Of each second the worst is kept, and of each event the newest
 * seconds, as in Redis.
 */
import { limits } from "../base/limits.ts";
import type { LatencyEvent, LatencyEvents } from "../commands/server-control.ts";

export type LatencyEventName = "command" | "fast-command" | "expire-cycle";

interface Series {
  readonly name: string;
  worstMs: number;
  /** Oldest first, one for each second. */
  readonly samples: { readonly atSeconds: number; durationMs: number }[];
}

export class LatencyMonitor implements LatencyEvents {
  /** 0: off. */
  thresholdMs: number;
  readonly #events: Map<string, Series>;

  constructor() {
    this.thresholdMs = 0;
    this.#events = new Map();
  }

  /** `durationMs` may have a fraction; the samples have none. */
  note(event: LatencyEventName, durationMs: number, nowMs: number): void {
    if (this.thresholdMs === 0 || durationMs < this.thresholdMs) return;
    let series = this.#events.get(event);
    if (series === undefined) {
      series = { name: event, worstMs: 0, samples: [] };
      this.#events.set(event, series);
    }
    const wholeMs = Math.floor(durationMs);
    series.worstMs = Math.max(series.worstMs, wholeMs);
    const atSeconds = Math.floor(nowMs / 1000);
    const { samples } = series;
    const last = samples.at(-1);
    if (last?.atSeconds === atSeconds) last.durationMs = Math.max(last.durationMs, wholeMs);
    else {
      samples.push({ atSeconds, durationMs: wholeMs });
      if (samples.length > limits.latencySamplesMax) samples.shift();
    }
  }

  all(): readonly LatencyEvent[] {
    return [...this.#events.values()];
  }

  find(name: string): LatencyEvent | undefined {
    return this.#events.get(name);
  }

  reset(name: string): boolean {
    return this.#events.delete(name);
  }
}
