/**
 * Joins the replies of one turn of the event loop: every connection that has some is written once.
 *
 * - When a record becomes durable, hundreds of writers are answered in the same turn. A send takes
 *   microseconds, and more where it wakes somebody, so only some are written at once; the others
 *   take turns with reading, so that a reader does not wait for all of them.
 * - Encoders are lent to connections until they are written and come back, so that thousands of
 *   idle connections hold no output buffer at all.
 */
import { ReplyEncoder } from "../resp/encoder.ts";

const SPARE_ENCODERS_MAX = 1024;
/** Connections that are written before the event loop looks at others. */
const TOGETHER_MAX = 16;

export interface Flushable {
  flush(): void;
}

export class FlushQueue {
  readonly #soon: (run: () => void) => void;
  #waiting: Flushable[];
  #isScheduled: boolean;
  /** Of earlier turns, oldest first, from `#lateFrom`. */
  #late: Flushable[];
  #lateFrom: number;
  readonly #spare: ReplyEncoder[];

  constructor(soon: (run: () => void) => void) {
    this.#soon = soon;
    this.#waiting = [];
    this.#isScheduled = false;
    this.#late = [];
    this.#lateFrom = 0;
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
    const countNow = Math.min(waiting.length, TOGETHER_MAX);
    for (let index = 0; index < countNow; index += 1) waiting[index].flush();
    if (countNow === waiting.length) return;
    if (this.#late.length === 0) this.#soon(this.#flushLate);
    for (let index = countNow; index < waiting.length; index += 1) this.#late.push(waiting[index]);
  };

  readonly #flushLate = (): void => {
    const end = Math.min(this.#late.length, this.#lateFrom + TOGETHER_MAX);
    for (; this.#lateFrom < end; this.#lateFrom += 1) this.#late[this.#lateFrom].flush();
    if (this.#lateFrom < this.#late.length) {
      this.#soon(this.#flushLate);
      return;
    }
    this.#late = [];
    this.#lateFrom = 0;
  };
}
