/**
 * What commands may ask of the server around the keyspace: configuration, clients, statistics,
 * logs and life cycle. Implemented by `engine/server-control.ts`; a fake one serves the unit tests.
 */
import type { Bytes } from "../base/bytes.ts";
import type { ErrorReply } from "../base/errors.ts";
import type { CommandTable } from "./command-table.ts";
import type { SessionState } from "./session-state.ts";

export interface ConfigurationAccess {
  /** Name and value of every parameter whose name matches one of the glob patterns. */
  get(patterns: readonly string[]): readonly (readonly [string, string])[];
  /** Why `set` would refuse them; undefined when it would not. */
  check(pairs: readonly (readonly [string, string])[]): ErrorReply | undefined;
  /** All or nothing; undefined when it was set. */
  set(pairs: readonly (readonly [string, string])[]): ErrorReply | undefined;
  /** CONFIG REWRITE. */
  rewrite(): ErrorReply | undefined;
  number(name: string): number;
  text(name: string): string;
}

export interface ClientFilter {
  readonly ids?: readonly number[];
  readonly address?: string;
  readonly localAddress?: string;
  readonly type?: string;
  readonly user?: string;
  readonly skipSession?: SessionState;
  readonly maxAgeSeconds?: number;
}

export interface ClientRegistry {
  /** In the order of their ids. */
  all(): readonly SessionState[];
  /** The line of CLIENT LIST for one session. */
  describe(session: SessionState): string;
  /** Closes what matches; the count of closed. The caller's own session closes after its reply. */
  kill(filter: ClientFilter, caller: SessionState): number;
  /** CLIENT UNBLOCK: ends its blocking command; false when it has none. */
  unblock(id: number, reason: "timeout" | "error"): boolean;
  pause(untilMs: number, mode: "all" | "write"): void;
  unpause(): void;
}

export interface SlowLogEntry {
  readonly id: number;
  readonly atSeconds: number;
  readonly durationMicroseconds: number;
  readonly arguments: readonly string[];
  readonly address: string;
  readonly clientName: string;
}

export interface SlowLog {
  entries(count: number): readonly SlowLogEntry[];
  count(): number;
  reset(): void;
}

export interface LatencyEvent {
  readonly name: string;
  readonly worstMs: number;
  /** Oldest first; of each second the worst. */
  readonly samples: readonly { readonly atSeconds: number; readonly durationMs: number }[];
}

/** What took longer than the threshold, by event. */
export interface LatencyEvents {
  /** 0: nothing is noted. */
  readonly thresholdMs: number;
  all(): readonly LatencyEvent[];
  find(name: string): LatencyEvent | undefined;
  /** Whether there was anything to forget. */
  reset(name: string): boolean;
}

export interface CommandLatency {
  readonly name: string;
  readonly callCount: number;
  /** Flat: 2^n microseconds, how many calls took at most that. */
  readonly histogram: readonly number[];
}

export interface MemoryFigures {
  readonly usedBytes: number;
  readonly peakBytes: number;
  readonly datasetBytes: number;
  readonly searchBytes: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly keyCount: number;
}

/** Snapshots: on demand, and what there is to know of them. */
export interface SnapshotControl {
  /**
   * Begins one, of everything that was executed so far, beside the event loop. Resolves once it was
   * read back and has its name; rejects with why it failed. Undefined: one is under way.
   */
  begin(): Promise<void> | undefined;
  /** Begins one as soon as none is under way. */
  schedule(): void;
  figures(): SnapshotFigures;
}

export interface SnapshotFigures {
  /** When the present one began, by Unix time; undefined if none is under way. */
  readonly startedAtMs: number | undefined;
  /** Of the present one: 0 to 1, and what it does. */
  readonly progress: number;
  readonly step: string;
  /** When the newest was made; at a start without one, that of the start. */
  readonly lastSavedAtMs: number;
  /** Undefined until one has ended. */
  readonly lastFailure: string | undefined;
  /** -1: none has ended. */
  readonly lastDurationMs: number;
  /** Since the start. */
  readonly savedCount: number;
  /** Commands that changed something since the newest was begun. */
  readonly changeCount: number;
  /** 0: there is none. */
  readonly sequence: number;
  readonly sizeBytes: number;
  /** Of the newest that this process made; 0 before. */
  readonly followerResidentBytes: number;
  /** What recovery took from it. */
  readonly loadedKeyCount: number;
  /** Records up to this one are in the log no more. */
  readonly trimmedSequence: number;
  /** What the log has behind the newest. */
  readonly logBytesSince: number;
}

export interface ServerControl {
  readonly configuration: ConfigurationAccess;
  /**
   * CONFIG SET: all or nothing; undefined when it was set. A promise, which never rejects, where
   * that takes a while: another master key is read, and the key ring is written.
   */
  configure(
    pairs: readonly (readonly [string, string])[],
  ): ErrorReply | undefined | Promise<ErrorReply | undefined>;
  readonly commands: CommandTable;
  readonly clients: ClientRegistry;
  readonly slowLog: SlowLog;
  readonly latencyEvents: LatencyEvents;
  /** Text of INFO for these sections (lower case; `default`, `all`, `everything` among them). */
  info(sections: readonly string[]): string;
  /** Commands that were called since the statistics began anew, sorted by name. */
  latencies(): readonly CommandLatency[];
  memory(): MemoryFigures;
  /** MEMORY PURGE. */
  giveBackMemory(): void;
  /** Undefined where there is no log to make one of. */
  readonly snapshots: SnapshotControl | undefined;
  /** Microseconds of Unix time; TIME. */
  nowMicroseconds(): number;
  /** For durations; never goes back. */
  monotonicMs(): number;
  /** 0 <= x < 1. */
  random(): number;
  resetStatistics(): void;
  isDebugEnabled(): boolean;
  /** DEBUG SET-ACTIVE-EXPIRE. */
  setActiveExpire(isOn: boolean): void;
  /** DEBUG LOG: a line of the server's own log. */
  writeLogLine(text: string): void;
  /**
   * DEBUG RELOAD: gives up what is in memory for what the log holds, or where that keeps nothing,
   * for what the values' flat forms say. All other commands get LOADING until then. Rejects, and
   * then nothing has changed.
   */
  reload(): Promise<void>;
  /** Whether name and password are right, in constant time. */
  authenticate(userName: string, password: Bytes): boolean;
  hasUser(userName: string): boolean;
  /** A server without a password takes anybody. */
  isPasswordRequired(): boolean;
  /** SHUTDOWN: begins it after this command; undefined, or why not. */
  shutdown(options: {
    readonly isForced: boolean;
    readonly isNow: boolean;
  }): ErrorReply | undefined;
  abortShutdown(): ErrorReply | undefined;
  /** The newest record that is durable, and the newest to which effects were added. */
  readonly durableSequence: number;
  readonly appliedSequence: number;
  /** The server's version, for HELLO and LOLWUT. */
  readonly version: string;
}
