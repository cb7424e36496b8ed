/**
 * Where the search has been: the answered operations that were placed, the open ones, and the
 * state. Sets are found by a hash that changes with one exclusive or per member, and compared bit
 * by bit, so that no chance collision can hide a linearization.
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

function isSubset(part: Int32Array, whole: Int32Array): boolean {
  for (let index = 0; index < part.length; index += 1) {
    if ((part[index] & ~whole[index]) !== 0) return false;
  }
  return true;
}

interface Place {
  readonly answered: Int32Array;
  readonly open: Int32Array;
}

export class Visited {
  readonly #byState = new Map<string, Map<number, Place[]>>();

  /**
   * False if it was there already, or where all is the same and fewer open ones were used up: what
   * can be reached from here can be reached from there.
   */
  add(answered: NumberSet, open: NumberSet, state: string): boolean {
    let byHash = this.#byState.get(state);
    if (byHash === undefined) {
      byHash = new Map();
      this.#byState.set(state, byHash);
    }
    const place = { answered: answered.words.slice(), open: open.words.slice() };
    const bucket = byHash.get(answered.hash);
    if (bucket === undefined) {
      byHash.set(answered.hash, [place]);
      return true;
    }
    for (const other of bucket) {
      if (isSame(other.answered, place.answered) && isSubset(other.open, place.open)) return false;
    }
    bucket.push(place);
    return true;
  }
}
