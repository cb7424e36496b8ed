/**
 * Pairs of number and document id, sorted by both, in a list of short typed arrays.
 *
 * Insert and remove find their list by binary search and move part of it; ranges are counted from
 * the lists' lengths.
 */
const CHUNK_PAIRS = 512;
const CHUNK_BYTES = CHUNK_PAIRS * 12 + 256;

class Chunk {
  readonly values: Float64Array;
  readonly ids: Uint32Array;
  count: number;

  constructor() {
    this.values = new Float64Array(CHUNK_PAIRS);
    this.ids = new Uint32Array(CHUNK_PAIRS);
    this.count = 0;
  }
}

/** From a place in one list up to, without it, a place in the same or a later one. */
interface Span {
  readonly first: number;
  readonly start: number;
  readonly last: number;
  readonly end: number;
}

const nothing: Span = { first: 0, start: 0, last: 0, end: 0 };

export class SortedNumbers {
  readonly #chunks: Chunk[];

  constructor() {
    this.#chunks = [new Chunk()];
  }

  get usedBytes(): number {
    return this.#chunks.length * CHUNK_BYTES;
  }

  add(value: number, id: number): void {
    let chunkIndex = this.#chunkFor(value, id);
    if (chunkIndex === this.#chunks.length) {
      chunkIndex -= 1;
      // Values that only rise fill one list after the other instead of splitting halves.
      if (this.#chunks[chunkIndex].count === CHUNK_PAIRS) {
        this.#chunks.push(new Chunk());
        chunkIndex += 1;
      }
    }
    let chunk = this.#chunks[chunkIndex];
    if (chunk.count === CHUNK_PAIRS) {
      this.#split(chunkIndex);
      if (isBefore(chunk.values[chunk.count - 1], chunk.ids[chunk.count - 1], value, id)) {
        chunk = this.#chunks[chunkIndex + 1];
      }
    }
    const place = placeIn(chunk, value, id);
    chunk.values.copyWithin(place + 1, place, chunk.count);
    chunk.ids.copyWithin(place + 1, place, chunk.count);
    chunk.values[place] = value;
    chunk.ids[place] = id;
    chunk.count += 1;
  }

  remove(value: number, id: number): void {
    const chunkIndex = this.#chunkFor(value, id);
    const chunk = this.#chunks[chunkIndex];
    if (chunk === undefined) return;
    const place = placeIn(chunk, value, id);
    if (place === chunk.count || chunk.ids[place] !== id) return;
    chunk.values.copyWithin(place, place + 1, chunk.count);
    chunk.ids.copyWithin(place, place + 1, chunk.count);
    chunk.count -= 1;
    if (chunk.count === 0 && this.#chunks.length > 1) this.#chunks.splice(chunkIndex, 1);
  }

  countBetween(min: number, max: number, isMinExclusive: boolean, isMaxExclusive: boolean): number {
    const { first, start, last, end } = this.#spanOf(min, max, isMinExclusive, isMaxExclusive);
    let count = end - start;
    for (let index = first; index < last; index += 1) count += this.#chunks[index].count;
    return count;
  }

  /** Flips the bits of the ids in the range; an id is there once, so that sets or clears them. */
  flipBetween(
    min: number,
    max: number,
    isMinExclusive: boolean,
    isMaxExclusive: boolean,
    words: Uint32Array,
  ): void {
    const { first, start, last, end } = this.#spanOf(min, max, isMinExclusive, isMaxExclusive);
    for (let index = first; index <= last; index += 1) {
      const { ids, count } = this.#chunks[index];
      flip(ids, index === first ? start : 0, index === last ? end : count, words);
    }
  }

  #spanOf(min: number, max: number, isMinExclusive: boolean, isMaxExclusive: boolean): Span {
    const firstId = isMinExclusive ? Number.POSITIVE_INFINITY : -1;
    const endId = isMaxExclusive ? -1 : Number.POSITIVE_INFINITY;
    const first = this.#chunkFor(min, firstId);
    const last = Math.min(this.#chunkFor(max, endId), this.#chunks.length - 1);
    if (first > last) return nothing;
    const start = placeIn(this.#chunks[first], min, firstId);
    const end = placeIn(this.#chunks[last], max, endId);
    return first === last && end < start ? nothing : { first, start, last, end };
  }

  /** The first list whose last pair is at or after the given one. */
  #chunkFor(value: number, id: number): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = this.#chunks[middle];
      const last = chunk.count - 1;
      if (last >= 0 && isBefore(chunk.values[last], chunk.ids[last], value, id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #split(chunkIndex: number): void {
    const chunk = this.#chunks[chunkIndex];
    const half = CHUNK_PAIRS >>> 1;
    const upper = new Chunk();
    upper.values.set(chunk.values.subarray(half));
    upper.ids.set(chunk.ids.subarray(half));
    upper.count = CHUNK_PAIRS - half;
    chunk.count = half;
    this.#chunks.splice(chunkIndex + 1, 0, upper);
  }
}

/** A function of its own, compiled by itself: the loop is nearly all that a range costs. */
function flip(ids: Uint32Array, start: number, end: number, words: Uint32Array): void {
  for (let place = start; place < end; place += 1) {
    const id = ids[place];
    words[id >>> 5] ^= 1 << (id & 31);
  }
}

/** The first place whose pair is at or after the given one. */
function placeIn(chunk: Chunk, value: number, id: number): number {
  let low = 0;
  let high = chunk.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(chunk.values[middle], chunk.ids[middle], value, id)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBefore(value: number, id: number, otherValue: number, otherId: number): boolean {
  return value < otherValue || (value === otherValue && id < otherId);
}
