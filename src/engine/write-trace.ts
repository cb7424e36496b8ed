/**
 * The life of a write, behind the parameter `trace-writes`: when it was executed, appended, durable
 * and replied, one debug line for each write. Off, it costs one comparison a command.
 */
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";

interface TracedWrite {
  readonly sessionId: number;
  readonly command: string;
  readonly sequence: number;
  readonly startedMs: number;
  readonly executedMs: number;
  readonly appendedMs: number;
  durableMs: number;
}

const TRACED_WRITES_MAX = 100_000;

export class WriteTrace {
  isOn: boolean;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** In order of execution; a session's replies leave in the same order. */
  readonly #writes: TracedWrite[];

  constructor(clock: Clock, logger: Logger) {
    this.isOn = false;
    this.#clock = clock;
    this.#logger = logger;
    this.#writes = [];
  }

  appended(
    sessionId: number,
    command: string,
    sequence: number,
    startedMs: number,
    executedMs: number,
  ): void {
    if (this.#writes.length >= TRACED_WRITES_MAX) this.#writes.shift();
    const appendedMs = this.#clock.monotonicMs();
    this.#writes.push({
      sessionId,
      command,
      sequence,
      startedMs,
      executedMs,
      appendedMs,
      durableMs: 0,
    });
  }

  durable(sequence: number): void {
    const nowMs = this.#clock.monotonicMs();
    for (const write of this.#writes) {
      if (write.durableMs === 0 && write.sequence <= sequence) write.durableMs = nowMs;
    }
  }

  /** The session's reply that waited for this record leaves. */
  replied(sessionId: number, sequence: number): void {
    const index = this.#writes.findIndex(
      (write) => write.sessionId === sessionId && write.sequence === sequence,
    );
    if (index === -1) return;
    const [write] = this.#writes.splice(index, 1);
    const fields = {
      session: write.sessionId,
      command: write.command,
      sequence: write.sequence,
      executedMs: write.executedMs - write.startedMs,
      appendedMs: write.appendedMs - write.startedMs,
      durableMs: write.durableMs === 0 ? -1 : write.durableMs - write.startedMs,
      repliedMs: this.#clock.monotonicMs() - write.startedMs,
    };
    this.#logger.debug(fields, "write");
  }

  sessionClosed(sessionId: number): void {
    for (let index = this.#writes.length - 1; index >= 0; index -= 1) {
      if (this.#writes[index].sessionId === sessionId) this.#writes.splice(index, 1);
    }
  }
}
