/**
 * Distances of the documents that a clause found, by id: two arrays, as the engine gave them.
 *
 * They are nearly always asked for in the order in which they lie, so that the place behind the one
 * of before is tried first. Only who asks in another order pays for a Map.
 */
export class Distances {
  readonly #ids: Uint32Array;
  readonly #values: Float32Array;
  #next: number;
  #places: Map<number, number> | undefined;

  constructor(ids: Uint32Array, values: Float32Array) {
    this.#ids = ids;
    this.#values = values;
    this.#next = 0;
    this.#places = undefined;
  }

  /** undefined for a document that the clause did not find. */
  of(id: number): number | undefined {
    let place = this.#next;
    if (place >= this.#ids.length || this.#ids[place] !== id) {
      const found = this.#placeOf(id);
      if (found === undefined) return undefined;
      place = found;
    }
    this.#next = place + 1;
    return this.#values[place];
  }

  #placeOf(id: number): number | undefined {
    if (this.#ids.length > 0 && this.#ids[0] === id) return 0;
    if (this.#places === undefined) {
      this.#places = new Map();
      for (let place = 0; place < this.#ids.length; place += 1) {
        this.#places.set(this.#ids[place], place);
      }
    }
    return this.#places.get(id);
  }
}
