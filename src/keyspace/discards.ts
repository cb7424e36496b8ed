/**
 * What was taken out of the keyspace and takes its time to be let go of, because every vector in it
 * counts who needs it: a large hash, all that a flushed database held. The keyspace is done with
 * it; whoever watches lets go of it in slices (`engine/discard-cycle.ts`). While nobody watches it
 * goes at once.
 */

export interface Discarded {
  /** Looks at no more than so many; whether that was all. */
  releaseSome(countMax: number): boolean;
}

export class Discards {
  readonly #waiting: Discarded[];
  #watcher: (() => void) | undefined;

  constructor() {
    this.#waiting = [];
    this.#watcher = undefined;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Called when there is something to let go of, which it then does by `releaseSome`. */
  watch(watcher: () => void): void {
    this.#watcher = watcher;
  }

  add(discarded: Discarded): void {
    if (this.#watcher === undefined) {
      discarded.releaseSome(Number.MAX_SAFE_INTEGER);
      return;
    }
    this.#waiting.push(discarded);
    this.#watcher();
  }

  releaseSome(countMax: number): void {
    const last = this.#waiting.at(-1);
    if (last?.releaseSome(countMax) === true) this.#waiting.pop();
  }
}
