/**
 * Joins the replies of one turn of the event loop: every connection that has some is written once.
 *
 * Encoders are lent to connections for the length of a turn and come back, so that thousands of
 * idle connections hold no output buffer at all.
 */
import { ReplyEncoder } from "../resp/encoder.ts";

const SPARE_ENCODERS_MAX = 1024;

export interface Flushable {
  flush(): void;
}

export class FlushQueue {
  #waiting: Flushable[];
  #isScheduled: boolean;
  readonly #spare: ReplyEncoder[];

  constructor() {
    this.#waiting = [];
    this.#isScheduled = false;
    this.#spare = [];
  }

  add(connection: Flushable): void {
    this.#waiting.push(connection);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(this.#flushAll);
  }

  takeEncoder(): ReplyEncoder {
    return this.#spare.pop() ?? new ReplyEncoder();
  }

  giveBack(encoder: ReplyEncoder): void {
    if (this.#spare.length >= SPARE_ENCODERS_MAX) return;
    encoder.clear();
    this.#spare.push(encoder);
  }

  readonly #flushAll = (): void => {
    this.#isScheduled = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let index = 0; index < waiting.length; index += 1) waiting[index].flush();
  };
}
