/**
 * Values that were made of records (`packed-value.ts`), by location, while somebody has them.
 *
 * A command may look a value up, apply an effect, and read on: apply must change the very object
 * that the command has. So what a command looked up is kept until the next command begins, and
 * whatever was made last until another is, since a hot key is asked for again. The record always
 * says the same as its open value.
 */
import type { CollectionValue } from "./entry.ts";

export class OpenValues {
  /** 0 for none. */
  #location: number;
  #value: CollectionValue | undefined;
  #isKept: boolean;
  /** Kept besides the last; few commands look at two. */
  readonly #more: Map<number, CollectionValue>;

  constructor() {
    this.#location = 0;
    this.#value = undefined;
    this.#isKept = false;
    this.#more = new Map();
  }

  get(location: number): CollectionValue | undefined {
    if (location === this.#location) return this.#value;
    return this.#more.size === 0 ? undefined : this.#more.get(location);
  }

  /** It was not open. */
  add(location: number, value: CollectionValue): void {
    if (this.#isKept && this.#value !== undefined) this.#more.set(this.#location, this.#value);
    this.#location = location;
    this.#value = value;
    this.#isKept = false;
  }

  /** An open one stays open until `release`. */
  keep(location: number): void {
    if (location === this.#location) this.#isKept = true;
  }

  move(from: number, to: number): void {
    if (from === this.#location) this.#location = to;
    else if (this.#more.size > 0) {
      const value = this.#more.get(from);
      if (value === undefined) return;
      this.#more.delete(from);
      this.#more.set(to, value);
    }
  }

  /** Its record is gone, or holds something else. */
  delete(location: number): void {
    if (location === this.#location) {
      this.#location = 0;
      this.#value = undefined;
      this.#isKept = false;
    } else if (this.#more.size > 0) this.#more.delete(location);
  }

  release(): void {
    this.#isKept = false;
    if (this.#more.size > 0) this.#more.clear();
  }

  clear(): void {
    this.release();
    this.delete(this.#location);
  }
}
