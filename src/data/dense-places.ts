/**
 * Locations in a dense order, for walks without state: a scan, a random member, an expiry cycle.
 *
 * Removing moves the last one into the hole, and whoever owns the record is told its new place. A
 * scan walks from the end to the start, and its cursor is the number of places left to visit: what
 * is moved comes from behind the cursor (then it may be met twice) or from a place still to be
 * visited. So whatever is there during the whole scan is met at least once. The places are kept in
 * chunks, so that growing copies little.
 */

const CHUNK_BITS = 14;
const CHUNK_PLACES = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_PLACES - 1;
const FIRST_PLACES = 16;

export class DensePlaces {
  size: number;
  readonly #chunks: Int32Array[];

  constructor() {
    this.size = 0;
    this.#chunks = [];
  }

  at(place: number): number {
    return this.#chunks[place >>> CHUNK_BITS][place & CHUNK_MASK];
  }

  /** The record at this place moved. */
  set(place: number, location: number): void {
    this.#chunks[place >>> CHUNK_BITS][place & CHUNK_MASK] = location;
  }

  /** Its place. */
  add(location: number): number {
    const place = this.size;
    const index = place >>> CHUNK_BITS;
    if (index === this.#chunks.length) {
      this.#chunks.push(new Int32Array(index === 0 ? FIRST_PLACES : CHUNK_PLACES));
    }
    const chunk = this.#chunks[index];
    if ((place & CHUNK_MASK) >= chunk.length) {
      const grown = new Int32Array(chunk.length * 2);
      grown.set(chunk);
      this.#chunks[index] = grown;
    }
    this.size += 1;
    this.set(place, location);
    return place;
  }

  /** The location that is at this place now: the last one, or 0 if the removed one was the last. */
  removeAt(place: number): number {
    this.size -= 1;
    const last = this.at(this.size);
    const chunkCount = (this.size + CHUNK_MASK) >>> CHUNK_BITS;
    // One spare chunk stays, so that a size that goes up and down at its edge allocates nothing.
    if (this.#chunks.length > chunkCount + 1) this.#chunks.pop();
    if (place === this.size) return 0;
    this.set(place, last);
    return last;
  }

  clear(): void {
    this.size = 0;
    this.#chunks.length = 0;
  }
}
