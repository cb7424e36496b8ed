/**
 * Documents of one index: key ↔ dense u32 id.
 *
 * A version of a document has an id of its own. Ids of versions that are gone come back into use,
 * oldest first, so that bitmaps stay as short as the index is large; which id is given depends on
 * the order of changes alone, so every node that reads the same log gives the same ids. A search
 * that was under way notes `moment` and asks `isUnchangedSince`, which no reuse can deceive.
 */
import { must } from "../base/assert.ts";
import { Bitmap } from "../base/bitmap.ts";
import type { DocumentTable } from "./search-index.ts";

/** Ids rest at least this many removals before they are used again. */
const RESTING_IDS = 4096;
/** Measured for a Map entry, a birth and a slot, without the key's characters. */
const DOCUMENT_BYTES = 72;

export class Documents implements DocumentTable {
  readonly live: Bitmap;
  readonly expiring: Bitmap;
  readonly #keys: (string | undefined)[];
  readonly #ids: Map<string, number>;
  /** The moment at which the id was given last. */
  readonly #births: number[];
  #freed: number[];
  #freedHead: number;
  #keyBytes: number;
  moment: number;
  changeCount: number;

  constructor() {
    this.live = new Bitmap();
    this.expiring = new Bitmap(0);
    this.#keys = [];
    this.#ids = new Map();
    this.#births = [];
    this.#freed = [];
    this.#freedHead = 0;
    this.#keyBytes = 0;
    this.moment = 0;
    this.changeCount = 0;
  }

  get count(): number {
    return this.#ids.size;
  }

  get usedBytes(): number {
    const bitmapBytes = this.live.words.byteLength + this.expiring.words.byteLength;
    return this.#ids.size * DOCUMENT_BYTES + this.#keyBytes + bitmapBytes;
  }

  keyOf(id: number): string | undefined {
    return this.#keys[id];
  }

  idOf(key: string): number | undefined {
    return this.#ids.get(key);
  }

  isUnchangedSince(id: number, moment: number): boolean {
    return this.live.has(id) && this.#births[id] <= moment;
  }

  setExpiring(id: number, isExpiring: boolean): void {
    if (isExpiring) this.expiring.add(id);
    else this.expiring.remove(id);
  }

  /** A new id for the key; the one that it had, if any, is released by the caller afterwards. */
  allocate(key: string): number {
    const id = this.#nextId();
    this.moment += 1;
    this.changeCount += 1;
    this.#keys[id] = key;
    this.#births[id] = this.moment;
    if (!this.#ids.has(key)) this.#keyBytes += key.length;
    this.#ids.set(key, id);
    this.live.add(id);
    return id;
  }

  release(id: number): void {
    const key = must(this.#keys[id], "a document that is released has a key");
    this.#keys[id] = undefined;
    this.live.remove(id);
    this.expiring.remove(id);
    this.changeCount += 1;
    this.#freed.push(id);
    if (this.#ids.get(key) !== id) return;
    this.#ids.delete(key);
    this.#keyBytes -= key.length;
  }

  #nextId(): number {
    if (this.#freed.length - this.#freedHead <= RESTING_IDS) return this.#keys.length;
    const id = this.#freed[this.#freedHead];
    this.#freedHead += 1;
    if (this.#freedHead > RESTING_IDS) {
      this.#freed = this.#freed.slice(this.#freedHead);
      this.#freedHead = 0;
    }
    return id;
  }
}
