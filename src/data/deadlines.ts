/**
 * Names with a time each, the earliest found at once: a binary heap, and beyond a few names a table
 * that knows where in the heap each stands, so that any can be changed or taken out.
 *
 * Rejected: a heap that keeps outdated entries until their time comes, since names whose time is
 * put off again and again (sessions) would fill it.
 */
import { Chunks } from "./chunks.ts";
import { type KeyMatcher, KeyTable } from "./key-table.ts";
import { type HashKey, hashOf } from "./keyed-hash.ts";

/** Looking through so many is quicker than a table, and takes a hundredth of its memory. */
const SEARCHED_MAX = 32;

export class Deadlines implements KeyMatcher {
  readonly #hashKey: HashKey;
  /** By place in the heap: both children of `place` are at `2 * place + 1` and behind it. */
  readonly #names: Chunks<string>;
  readonly #times: Chunks<number>;
  /** 1 + the name's place. */
  #table: KeyTable | undefined;
  /** No time is later; it may be the time of a name that is gone. */
  #latest: number;

  constructor(hashKey: HashKey) {
    this.#hashKey = hashKey;
    this.#names = new Chunks();
    this.#times = new Chunks();
    this.#table = undefined;
    this.#latest = Number.NEGATIVE_INFINITY;
  }

  get size(): number {
    return this.#names.length;
  }

  /** Infinity if there is none. */
  get earliest(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.#times.get(0);
  }

  /** There must be one. */
  get earliestName(): string {
    return this.#names.get(0);
  }

  hasKey(location: number, key: string): boolean {
    return this.#names.get(location - 1) === key;
  }

  /** Undefined if it has none. */
  timeOf(name: string): number | undefined {
    const place = this.#placeOf(name);
    return place < 0 ? undefined : this.#times.get(place);
  }

  set(name: string, time: number): void {
    if (time > this.#latest) this.#latest = time;
    const place = this.#placeOf(name);
    if (place >= 0) {
      const kept = this.#names.get(place);
      this.#table?.remove(hashOf(kept, this.#hashKey), place + 1);
      this.#settle(place, kept, time);
      return;
    }
    this.#names.push(name);
    this.#times.push(time);
    if (this.#table === undefined && this.size > SEARCHED_MAX) this.#makeTable();
    this.#settle(this.size - 1, name, time);
  }

  delete(name: string): void {
    const place = this.#placeOf(name);
    if (place < 0) return;
    const table = this.#table;
    table?.remove(hashOf(name, this.#hashKey), place + 1);
    const lastPlace = this.size - 1;
    const last = this.#names.pop();
    const lastTime = this.#times.pop();
    if (this.size === 0) this.#latest = Number.NEGATIVE_INFINITY;
    if (place === lastPlace) return;
    table?.remove(hashOf(last, this.#hashKey), lastPlace + 1);
    this.#settle(place, last, lastTime);
  }

  /** Visits those before `time`, at most so many, in no order; how many there were. */
  visitBefore(time: number, countMax: number, visit: (name: string) => void): number {
    let count = 0;
    const places = [0];
    while (places.length > 0 && count < countMax) {
      const place = places.pop() ?? 0;
      if (place >= this.size || this.#times.get(place) >= time) continue;
      count += 1;
      visit(this.#names.get(place));
      places.push(2 * place + 1, 2 * place + 2);
    }
    return count;
  }

  /** Whether there is a time that is not before this one. */
  hasFrom(time: number): boolean {
    if (this.#latest < time) return false;
    const places = [0];
    while (places.length > 0) {
      const place = places.pop() ?? 0;
      if (place >= this.size) continue;
      if (this.#times.get(place) >= time) return true;
      places.push(2 * place + 1, 2 * place + 2);
    }
    return false;
  }

  /** Puts one whose place is not in the table where the heap wants it, from a free place on. */
  #settle(from: number, name: string, time: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if (this.#times.get(parent) <= time) break;
      this.#move(parent, place);
      place = parent;
    }
    for (let child = this.#smallerChild(place); child !== 0; child = this.#smallerChild(place)) {
      if (this.#times.get(child) >= time) break;
      this.#move(child, place);
      place = child;
    }
    this.#names.set(place, name);
    this.#times.set(place, time);
    this.#table?.add(hashOf(name, this.#hashKey), place + 1);
  }

  /** 0 if there is none. */
  #smallerChild(place: number): number {
    const left = 2 * place + 1;
    if (left >= this.size) return 0;
    const right = left + 1;
    return right < this.size && this.#times.get(right) < this.#times.get(left) ? right : left;
  }

  #move(from: number, to: number): void {
    const name = this.#names.get(from);
    this.#names.set(to, name);
    this.#times.set(to, this.#times.get(from));
    this.#table?.move(hashOf(name, this.#hashKey), from + 1, to + 1);
  }

  #placeOf(name: string): number {
    const table = this.#table;
    if (table !== undefined) return table.find(hashOf(name, this.#hashKey), name) - 1;
    for (let place = 0; place < this.size; place += 1) {
      if (this.#names.get(place) === name) return place;
    }
    return -1;
  }

  /** Of all but the last, which has no place yet. */
  #makeTable(): void {
    this.#table = new KeyTable(this);
    for (let place = 0; place < this.size - 1; place += 1) {
      this.#table.add(hashOf(this.#names.get(place), this.#hashKey), place + 1);
    }
  }
}
