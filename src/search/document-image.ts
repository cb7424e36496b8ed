/**
 * A document table as it was at one place of the log, on its way to a file and back.
 *
 * `FrozenDocuments` is what is written: the table shares its chunks with it and copies one before
 * it changes it, so freezing costs as many references as there are chunks. `DocumentImage` is what
 * comes back, piece by piece from a file that nobody vouches for.
 */

/** Ids in a chunk of keys. */
export const CHUNK_IDS = 1 << 12;

export type KeyChunk = (string | undefined)[];

export interface FrozenDocuments {
  /** Ids below it were given, and are live or free. */
  readonly idLimit: number;
  readonly count: number;
  readonly moment: number;
  /** By id, `CHUNK_IDS` in each but the last. */
  readonly chunks: readonly (readonly (string | undefined)[])[];
  /** Ids that come back into use, oldest first. */
  readonly freed: { readonly length: number; at(place: number): number };
}

export class DocumentImage {
  readonly moment: number;
  readonly chunks: KeyChunk[];
  readonly ids: Map<string, number>;
  readonly freed: number[];
  readonly #count: number;
  #idLimit: number;
  #isDouble: boolean;

  /** How many documents there are to be. */
  constructor(moment: number, count: number) {
    this.moment = moment;
    this.chunks = [];
    this.ids = new Map();
    this.freed = [];
    this.#count = count;
    this.#idLimit = 0;
    this.#isDouble = false;
  }

  get idLimit(): number {
    return this.#idLimit;
  }

  /** The key of the next id, if it has one. */
  addKey(key: string | undefined): void {
    const id = this.#idLimit;
    if (id % CHUNK_IDS === 0) this.chunks.push([]);
    this.chunks[this.chunks.length - 1].push(key);
    this.#idLimit += 1;
    if (key === undefined) return;
    this.#isDouble ||= this.ids.has(key);
    this.ids.set(key, id);
  }

  /** Once all is there: why it can be no table of documents; undefined if it can. */
  problem(): string | undefined {
    if (this.#isDouble) return "two documents have the same key";
    if (this.ids.size !== this.#count) return "there are more documents than was said, or fewer";
    const isFree = new Uint8Array(this.#idLimit);
    for (const id of this.freed) {
      if (id >= this.#idLimit || isFree[id] !== 0) return "an id is free that cannot be";
      isFree[id] = 1;
      if (this.chunks[Math.floor(id / CHUNK_IDS)][id % CHUNK_IDS] !== undefined) {
        return "a document's id is free";
      }
    }
    const isWhole = this.ids.size + this.freed.length === this.#idLimit;
    return isWhole ? undefined : "an id is neither free nor a document's";
  }
}
