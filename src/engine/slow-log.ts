/**
 * SLOWLOG: the newest commands that took longer than `slowlog-log-slower-than` microseconds.
 *
 * Arguments are cut as in Redis, in number and in length, so that an entry stays small.
 */
import { type Bytes, toBinaryString } from "../base/bytes.ts";
import { limits } from "../base/limits.ts";
import type { SlowLog, SlowLogEntry } from "../commands/server-control.ts";
import type { SessionState } from "../commands/session-state.ts";

export class SlowLogRing implements SlowLog {
  /** Negative: off. 0: every command. */
  thresholdMicroseconds: number;
  entriesMax: number;
  /** Oldest first. */
  readonly #entries: SlowLogEntry[];
  #nextId: number;

  constructor() {
    this.thresholdMicroseconds = 10_000;
    this.entriesMax = limits.slowLogEntriesMax;
    this.#entries = [];
    this.#nextId = 0;
  }

  add(args: readonly Bytes[], session: SessionState, atMs: number, durationMs: number): void {
    this.#entries.push({
      id: this.#nextId,
      atSeconds: Math.floor(atMs / 1000),
      durationMicroseconds: Math.round(durationMs * 1000),
      arguments: shortened(args),
      address: session.address,
      clientName: session.name,
    });
    this.#nextId += 1;
    this.trim();
  }

  trim(): void {
    const excess = this.#entries.length - this.entriesMax;
    if (excess > 0) this.#entries.splice(0, excess);
  }

  /** Newest first; -1 for all. */
  entries(count: number): readonly SlowLogEntry[] {
    const newest = this.#entries.slice().reverse();
    return count < 0 ? newest : newest.slice(0, count);
  }

  count(): number {
    return this.#entries.length;
  }

  reset(): void {
    this.#entries.length = 0;
  }
}

/** Passwords never enter the slow log: AUTH, HELLO and CONFIG SET declare `carriesSecret`. */
function shortened(args: readonly Bytes[]): string[] {
  const isCut = args.length > limits.slowLogArgumentsMax;
  const shown = isCut ? limits.slowLogArgumentsMax - 1 : args.length;
  const texts: string[] = [];
  for (let index = 0; index < shown; index += 1) {
    const argument = args[index];
    const excess = argument.length - limits.slowLogArgumentBytesMax;
    if (excess <= 0) texts.push(toBinaryString(argument));
    else {
      const start =
        typeof argument === "string"
          ? argument.slice(0, limits.slowLogArgumentBytesMax)
          : argument.latin1Slice(0, limits.slowLogArgumentBytesMax);
      texts.push(`${start}... (${excess} more bytes)`);
    }
  }
  if (isCut) texts.push(`... (${args.length - shown} more arguments)`);
  return texts;
}
