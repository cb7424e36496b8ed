/**
 * Terms in order of their bytes, for prefixes: a list of short sorted lists.
 *
 * Adding a term moves at most one short list's entries, so no sort ever runs on the event loop,
 * however many distinct terms there are.
 */
const CHUNK_TERMS_MAX = 512;

export class SortedTerms {
  readonly #chunks: string[][];

  constructor() {
    this.#chunks = [];
  }

  /** The term must not be there yet. */
  add(term: string): void {
    if (this.#chunks.length === 0) {
      this.#chunks.push([term]);
      return;
    }
    const chunkIndex = Math.min(this.#chunkFor(term), this.#chunks.length - 1);
    const chunk = this.#chunks[chunkIndex];
    const place = firstAtLeast(chunk, term);
    if (place === chunk.length) chunk.push(term);
    else chunk.splice(place, 0, term);
    if (chunk.length <= CHUNK_TERMS_MAX) return;
    const half = chunk.splice(chunk.length >>> 1);
    this.#chunks.splice(chunkIndex + 1, 0, half);
  }

  remove(term: string): void {
    const chunkIndex = this.#chunkFor(term);
    const chunk = this.#chunks[chunkIndex];
    if (chunk === undefined) return;
    const place = firstAtLeast(chunk, term);
    if (chunk[place] !== term) return;
    chunk.splice(place, 1);
    if (chunk.length === 0) this.#chunks.splice(chunkIndex, 1);
  }

  forEachWithPrefix(prefix: string, visit: (term: string) => void): void {
    let chunkIndex = this.#chunkFor(prefix);
    if (chunkIndex >= this.#chunks.length) return;
    let place = firstAtLeast(this.#chunks[chunkIndex], prefix);
    while (chunkIndex < this.#chunks.length) {
      const chunk = this.#chunks[chunkIndex];
      for (; place < chunk.length; place += 1) {
        if (!chunk[place].startsWith(prefix)) return;
        visit(chunk[place]);
      }
      chunkIndex += 1;
      place = 0;
    }
  }

  /** The first chunk whose last term is at or after `term`. */
  #chunkFor(term: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = this.#chunks[middle];
      if (chunk[chunk.length - 1] < term) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function firstAtLeast(chunk: readonly string[], term: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (chunk[middle] < term) low = middle + 1;
    else high = middle;
  }
  return low;
}
