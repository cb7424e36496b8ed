/**
 * Where the search has been: pairs of a set of operations and a state. Sets are found by a hash that
 * changes with one exclusive or per member, and compared bit by bit, so that no chance collision can
 * hide a linearization.
 */
import { seededRandom } from "../../src/runtime/fake-world.ts";

/** A set of the numbers below `size`. */
export class NumberSet {
  readonly words: Int32Array;
  hash = 0;
  readonly #marks: Int32Array;

  constructor(size: number) {
    this.words = new Int32Array((size + 31) >>> 5);
    const random = seededRandom(size);
    this.#marks = Int32Array.from({ length: size }, () => (random.fraction() * 2 ** 32) | 0);
  }

  /** Adds what is not in it, removes what is. */
  flip(number: number): void {
    this.words[number >>> 5] ^= 1 << (number & 31);
    this.hash ^= this.#marks[number];
  }
}

function isSame(left: Int32Array, right: Int32Array): boolean {
  for (let index = 0; index < left.length; index += 1) {
    if (left[index] !== right[index]) return false;
  }
  return true;
}

export class Visited {
  readonly #byState = new Map<string, Map<number, Int32Array[]>>();

  /** False if the pair was there already. */
  add(done: NumberSet, state: string): boolean {
    let byHash = this.#byState.get(state);
    if (byHash === undefined) {
      byHash = new Map();
      this.#byState.set(state, byHash);
    }
    const bucket = byHash.get(done.hash);
    if (bucket === undefined) byHash.set(done.hash, [done.words.slice()]);
    else if (bucket.some((words) => isSame(words, done.words))) return false;
    else bucket.push(done.words.slice());
    return true;
  }
}
