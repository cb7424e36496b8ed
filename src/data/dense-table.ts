/**
 * A large set of binary strings that numbers its members from 0 without gaps, so that whoever keeps
 * a value for each keeps it in an array beside. Found by a hash table that grows without a pause.
 *
 * Removing moves the last member into the hole, which is what makes a random member and a scan
 * without state cheap (`dense-places.ts` has the proof; its cursor is the same). Members stand in
 * chunks: one array would be copied whole when it grows, and V8's Map holds 2^24 entries at most,
 * stops the loop to rehash them, and takes twice the memory.
 */
import { Chunks } from "./chunks.ts";
import { type KeyMatcher, KeyTable } from "./key-table.ts";
import { type HashKey, hashOf } from "./keyed-hash.ts";

export class DenseTable implements KeyMatcher {
  readonly #hashKey: HashKey;
  readonly #members: Chunks<string>;
  readonly #table: KeyTable;

  constructor(hashKey: HashKey) {
    this.#hashKey = hashKey;
    this.#members = new Chunks();
    this.#table = new KeyTable(this);
  }

  get size(): number {
    return this.#members.length;
  }

  /** Of the table and the references; the strings come on top. */
  get heldBytes(): number {
    return this.#table.heldBytes + this.#members.length * 8;
  }

  hasKey(location: number, key: string): boolean {
    return this.#members.get(location - 1) === key;
  }

  at(index: number): string {
    return this.#members.get(index);
  }

  has(member: string): boolean {
    return this.find(member) >= 0;
  }

  /** -1 if it is not there. */
  find(member: string): number {
    return this.#table.find(hashOf(member, this.#hashKey), member) - 1;
  }

  /** The member's index, which is the last; -1, and nothing done, if it is there already. */
  add(member: string): number {
    const hash = hashOf(member, this.#hashKey);
    if (this.#table.find(hash, member) !== 0) return -1;
    this.#members.push(member);
    this.#table.add(hash, this.#members.length);
    return this.#members.length - 1;
  }

  /** The last member, if it is another, has this index now: so must what is kept beside. */
  removeAt(index: number): void {
    const member = this.#members.get(index);
    const lastIndex = this.#members.length - 1;
    this.#table.remove(hashOf(member, this.#hashKey), index + 1);
    const last = this.#members.pop();
    if (index === lastIndex) return;
    this.#table.move(hashOf(last, this.#hashKey), lastIndex + 1, index + 1);
    this.#members.set(index, last);
  }

  /** Visits at most `count`; the next cursor, 0 when the scan is done. 0 begins one. */
  scan(cursor: number, count: number, visit: (member: string, index: number) => void): number {
    const size = this.#members.length;
    let left = cursor === 0 ? size : Math.min(cursor, size);
    for (let visited = 0; left > 0 && visited < count; visited += 1) {
      left -= 1;
      visit(this.#members.get(left), left);
    }
    return left;
  }

  *[Symbol.iterator](): IterableIterator<string> {
    for (let index = 0; index < this.#members.length; index += 1) yield this.#members.get(index);
  }
}
