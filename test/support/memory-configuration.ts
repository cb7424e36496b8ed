/**
 * A ConfigurationAccess that holds texts in a Map: the parameters that the engine reads, and
 * whatever a test adds.
 */
import { ErrorReply } from "../../src/base/errors.ts";
import type { ConfigurationAccess } from "../../src/commands/server-control.ts";

const defaults: readonly (readonly [string, string])[] = [
  ["maxmemory", "0"],
  ["maxmemory-policy", "noeviction"],
  ["maxclients", "10000"],
  ["slowlog-log-slower-than", "10000"],
  ["slowlog-max-len", "128"],
  ["latency-monitor-threshold", "0"],
  ["latency-tracking", "yes"],
  ["latency-tracking-info-percentiles", "50 99 99.9"],
  ["trace-writes", "no"],
  ["debug-commands", "yes"],
  ["requirepass", ""],
  ["master-key-file", ""],
  ["master-key-command", ""],
  ["proto-max-bulk-len", "536870912"],
  ["hash-max-listpack-entries", "512"],
  ["hash-max-listpack-value", "64"],
  ["list-max-listpack-size", "-2"],
  ["set-max-intset-entries", "512"],
  ["set-max-listpack-entries", "128"],
  ["set-max-listpack-value", "64"],
  ["zset-max-listpack-entries", "128"],
  ["zset-max-listpack-value", "64"],
  ["stream-node-max-entries", "100"],
  ["stream-node-max-bytes", "4096"],
  ["hll-sparse-max-bytes", "3000"],
  ["save", ""],
  ["snapshot-log-bytes", "0"],
  ["snapshot-age-seconds", "0"],
  ["snapshot-schedule", ""],
  ["snapshot-retention-days", "7"],
  ["snapshot-memory", "268435456"],
];

export class MemoryConfiguration implements ConfigurationAccess {
  readonly #texts: Map<string, string>;

  constructor(overrides: readonly (readonly [string, string])[] = []) {
    this.#texts = new Map([...defaults, ...overrides]);
  }

  /** Patterns are a name or `*` here; the real configuration takes globs. */
  get(patterns: readonly string[]): readonly (readonly [string, string])[] {
    return [...this.#texts].filter(([name]) => patterns.includes(name) || patterns.includes("*"));
  }

  check(pairs: readonly (readonly [string, string])[]): ErrorReply | undefined {
    for (const [name] of pairs) {
      if (this.#texts.has(name)) continue;
      return new ErrorReply(`ERR Unknown option or number of arguments for CONFIG SET - '${name}'`);
    }
    return undefined;
  }

  set(pairs: readonly (readonly [string, string])[]): ErrorReply | undefined {
    const failure = this.check(pairs);
    if (failure !== undefined) return failure;
    for (const [name, text] of pairs) this.#texts.set(name, text);
    return undefined;
  }

  rewrite(): ErrorReply | undefined {
    return new ErrorReply("ERR The server is running without a config file");
  }

  number(name: string): number {
    return Number(this.text(name));
  }

  text(name: string): string {
    return this.#texts.get(name) ?? "";
  }
}
