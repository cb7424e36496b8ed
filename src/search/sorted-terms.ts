/**
 * Terms in order of their bytes, each with its number, for prefixes: a list of short sorted lists.
 *
 * Adding a term moves at most one short list's entries, so no sort ever runs on the event loop,
 * however many distinct terms there are.
 */
const CHUNK_TERMS_MAX = 512;

interface Chunk {
  readonly terms: string[];
  /** By the same places as `terms`. */
  readonly numbers: number[];
}

export class SortedTerms {
  readonly #chunks: Chunk[];

  constructor() {
    this.#chunks = [];
  }

  /** The term must not be there yet. */
  add(term: string, number: number): void {
    if (this.#chunks.length === 0) {
      this.#chunks.push({ terms: [term], numbers: [number] });
      return;
    }
    const chunkIndex = Math.min(this.#chunkFor(term), this.#chunks.length - 1);
    const { terms, numbers } = this.#chunks[chunkIndex];
    const place = firstAtLeast(terms, term);
    if (place === terms.length) {
      terms.push(term);
      numbers.push(number);
    } else {
      terms.splice(place, 0, term);
      numbers.splice(place, 0, number);
    }
    if (terms.length <= CHUNK_TERMS_MAX) return;
    const half = terms.length >>> 1;
    const upper = { terms: terms.splice(half), numbers: numbers.splice(half) };
    this.#chunks.splice(chunkIndex + 1, 0, upper);
  }

  remove(term: string): void {
    const chunkIndex = this.#chunkFor(term);
    const chunk = this.#chunks[chunkIndex];
    if (chunk === undefined) return;
    const place = firstAtLeast(chunk.terms, term);
    if (chunk.terms[place] !== term) return;
    chunk.terms.splice(place, 1);
    chunk.numbers.splice(place, 1);
    if (chunk.terms.length === 0) this.#chunks.splice(chunkIndex, 1);
  }

  /** Calls `visit` with the number of each term that begins so, in order of the terms. */
  forEachWithPrefix(prefix: string, visit: (number: number) => void): void {
    let chunkIndex = this.#chunkFor(prefix);
    if (chunkIndex >= this.#chunks.length) return;
    let place = firstAtLeast(this.#chunks[chunkIndex].terms, prefix);
    for (; chunkIndex < this.#chunks.length; chunkIndex += 1) {
      const { terms, numbers } = this.#chunks[chunkIndex];
      // When the last term begins so, all between do.
      const isWhole = terms[terms.length - 1].startsWith(prefix);
      for (; place < terms.length; place += 1) {
        if (!isWhole && !terms[place].startsWith(prefix)) return;
        visit(numbers[place]);
      }
      place = 0;
    }
  }

  /** The first chunk whose last term is at or after `term`. */
  #chunkFor(term: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { terms } = this.#chunks[middle];
      if (terms[terms.length - 1] < term) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function firstAtLeast(terms: readonly string[], term: string): number {
  let low = 0;
  let high = terms.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (terms[middle] < term) low = middle + 1;
    else high = middle;
  }
  return low;
}
