/**
 * What a command answers, before it is bytes. RESP2 and RESP3 differ only in the encoder.
 *
 *   JavaScript value        RESP2                    RESP3
 *   string, Buffer          bulk string              bulk string
 *   number (integer), bigint  integer                integer
 *   null                    null bulk `$-1`          null `_`
 *   boolean                 integer 0/1              boolean
 *   array                   array                    array
 * and the classes below. Plain values come first because most replies are one.
 */
import type { ErrorReply } from "../base/errors.ts";

export class SimpleString {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * RESP3 double; in RESP2 a bulk string of the same digits (shortest form, `inf`, `-inf`, `nan`).
 */
export class DoubleReply {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** The same with digits of its own. */
export class DoubleText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** RESP3 big number; in RESP2 a bulk string. */
export class BigNumberReply {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** RESP3 verbatim string with a three-letter format (`txt`); in RESP2 a bulk string. */
export class VerbatimReply {
  readonly format: string;
  readonly text: string | Buffer;
  constructor(format: string, text: string | Buffer) {
    this.format = format;
    this.text = text;
  }
}

/** `entries` is flat: key, value, key, value. RESP2: a flat array. */
export class MapReply {
  readonly entries: readonly Reply[];
  constructor(entries: readonly Reply[]) {
    this.entries = entries;
  }
}

/** RESP2: an array. */
export class SetReply {
  readonly members: readonly Reply[];
  constructor(members: readonly Reply[]) {
    this.members = members;
  }
}

/** Out-of-band data; RESP2 clients get an array (only pub/sub and invalidation do this). */
export class PushReply {
  readonly items: readonly Reply[];
  constructor(items: readonly Reply[]) {
    this.items = items;
  }
}

/** RESP2 `*-1` (an aborted EXEC, a blocking pop that timed out); RESP3 null. */
export class NullArray {}

/** The command answers nothing at all (`CLIENT REPLY OFF`, SHUTDOWN). */
export class NoReply {}

/**
 * An answer that is not known yet: the command ran, its work goes on elsewhere (a search on the
 * vector engine's threads). The reply gate keeps its place in the connection's order. It is settled
 * once, with the reply and the record that the reply depends on (0: none).
 */
export class PendingReply {
  #settled: { reply: Reply; waitSequence: number } | undefined;
  #listener: ((reply: Reply, waitSequence: number) => void) | undefined;

  settle(reply: Reply, waitSequence: number): void {
    if (this.#settled !== undefined) return;
    this.#settled = { reply, waitSequence };
    this.#listener?.(reply, waitSequence);
  }

  /** Calls back at once if it is settled already. There is one listener: the gate, or an EXEC. */
  onSettled(listener: (reply: Reply, waitSequence: number) => void): void {
    if (this.#settled === undefined) this.#listener = listener;
    else listener(this.#settled.reply, this.#settled.waitSequence);
  }
}

export type Reply =
  | null
  | string
  | Buffer
  | number
  | bigint
  | boolean
  | readonly Reply[]
  | SimpleString
  | ErrorReply
  | DoubleReply
  | DoubleText
  | BigNumberReply
  | VerbatimReply
  | MapReply
  | SetReply
  | PushReply
  | NullArray
  | NoReply
  | PendingReply;

export type Protocol = 2 | 3;

export const OK = new SimpleString("OK");
export const QUEUED = new SimpleString("QUEUED");
export const PONG = new SimpleString("PONG");
export const NULL_ARRAY = new NullArray();
export const NO_REPLY = new NoReply();
