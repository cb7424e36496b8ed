/**
 * What the server counts: per command (calls, time, refusals, failures, latency), per error code,
 * and for the whole server. CONFIG RESETSTAT begins anew; INFO and LATENCY read.
 */
import type { RegisteredCommand } from "../commands/command-table.ts";
import { LatencyHistogram } from "./latency-histogram.ts";

export class CommandStatistics {
  readonly name: string;
  callCount: number;
  durationMs: number;
  /** Refused before execution, for example because of arity. */
  rejectedCount: number;
  /** Answered an error from within. */
  failedCount: number;
  histogram: LatencyHistogram | undefined;

  constructor(name: string) {
    this.name = name;
    this.callCount = 0;
    this.durationMs = 0;
    this.rejectedCount = 0;
    this.failedCount = 0;
    this.histogram = undefined;
  }

  reset(): void {
    this.callCount = 0;
    this.durationMs = 0;
    this.rejectedCount = 0;
    this.failedCount = 0;
    this.histogram = undefined;
  }
}

/** As Redis: a flood of different error codes is not kept. */
const ERROR_CODES_MAX = 128;

export class ServerStatistics {
  /** By `RegisteredCommand.index`. */
  readonly commands: readonly CommandStatistics[];
  readonly errorCounts: Map<string, number>;
  isLatencyTracked: boolean;
  connectionCount: number;
  commandCount: number;
  errorReplyCount: number;
  keyspaceHits: number;
  keyspaceMisses: number;
  /** Units that clients' commands wrote, since the start; nothing resets it. */
  changeCount: number;
  expiredKeys: number;
  /** Of hashes. */
  expiredFields: number;
  /** Times the active expiry used up its slice. */
  expiryTimeLimitCount: number;
  /** Share of expired keys at the last look, in percent. */
  staleExpiredPercent: number;
  /** Commands in the last second, sampled. */
  commandsPerSecond: number;
  #sampledCommandCount: number;
  #sampledAtMs: number;

  constructor(commands: readonly RegisteredCommand[]) {
    this.commands = commands.map((command) => new CommandStatistics(command.name));
    this.errorCounts = new Map();
    this.isLatencyTracked = true;
    this.connectionCount = 0;
    this.commandCount = 0;
    this.errorReplyCount = 0;
    this.keyspaceHits = 0;
    this.keyspaceMisses = 0;
    this.changeCount = 0;
    this.expiredKeys = 0;
    this.expiredFields = 0;
    this.expiryTimeLimitCount = 0;
    this.staleExpiredPercent = 0;
    this.commandsPerSecond = 0;
    this.#sampledCommandCount = 0;
    this.#sampledAtMs = 0;
  }

  called(command: RegisteredCommand, durationMs: number, isFailed: boolean): void {
    const statistics = this.commands[command.index];
    this.commandCount += 1;
    statistics.callCount += 1;
    statistics.durationMs += durationMs;
    if (isFailed) statistics.failedCount += 1;
    if (!this.isLatencyTracked) return;
    statistics.histogram ??= new LatencyHistogram();
    statistics.histogram.record(durationMs * 1e6);
  }

  /** An error goes out; its first word is the code. */
  errorReplied(text: string): void {
    this.errorReplyCount += 1;
    const space = text.indexOf(" ");
    const code = space === -1 ? text : text.slice(0, space);
    const count = this.errorCounts.get(code);
    if (count !== undefined) this.errorCounts.set(code, count + 1);
    else if (this.errorCounts.size < ERROR_CODES_MAX) this.errorCounts.set(code, 1);
  }

  /** Called about once a second. */
  sample(nowMs: number): void {
    const elapsedMs = nowMs - this.#sampledAtMs;
    if (this.#sampledAtMs !== 0 && elapsedMs > 0) {
      const commands = this.commandCount - this.#sampledCommandCount;
      this.commandsPerSecond = Math.round((commands * 1000) / elapsedMs);
    }
    this.#sampledAtMs = nowMs;
    this.#sampledCommandCount = this.commandCount;
  }

  reset(): void {
    for (const command of this.commands) command.reset();
    this.errorCounts.clear();
    this.connectionCount = 0;
    this.commandCount = 0;
    this.errorReplyCount = 0;
    this.keyspaceHits = 0;
    this.keyspaceMisses = 0;
    this.expiredKeys = 0;
    this.expiredFields = 0;
    this.expiryTimeLimitCount = 0;
    this.commandsPerSecond = 0;
    this.#sampledCommandCount = 0;
  }
}
