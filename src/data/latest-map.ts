/**
 * A map by name of what was used latest: beyond its bound, what was not used for longest goes.
 */

export class LatestMap<Value> {
  readonly #entriesMax: number;
  readonly #values: Map<string, Value>;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
    this.#values = new Map();
  }

  get(name: string): Value | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    // A Map keeps the order of insertion: what is put in again is the last to go.
    this.#values.delete(name);
    this.#values.set(name, value);
    return value;
  }

  /** Of a name that it does not hold. */
  add(name: string, value: Value): void {
    this.#values.set(name, value);
    if (this.#values.size <= this.#entriesMax) return;
    for (const oldest of this.#values.keys()) {
      this.#values.delete(oldest);
      break;
    }
  }

  clear(): void {
    this.#values.clear();
  }
}
