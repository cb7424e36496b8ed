/**
 * Documents of one index: key ↔ dense u32 id.
 *
 * A version of a document has an id of its own. Ids of versions that are gone come back into use,
 * oldest first, so that bitmaps stay as short as the index is large; which id is given depends on
 * the order of changes alone, so every node that reads the same log gives the same ids. A search
 * that was under way notes `moment` and asks `isUnchangedSince`, which no reuse can deceive.
 *
 * A table that was dumped comes back before the documents do (`restore`): each gets the id that it
 * had when it is allocated, and `endRestore` tells whether all came.
 */
import { must } from "../base/assert.ts";
import { Bitmap } from "../base/bitmap.ts";
import {
  CHUNK_IDS,
  type DocumentImage,
  type FrozenDocuments,
  type KeyChunk,
} from "./document-image.ts";
import type { DocumentTable } from "./search-index.ts";

/** Ids rest at least this many removals before they are used again. */
const RESTING_IDS = 4096;
/** Measured for a Map entry, a birth and a slot, without the key's characters. */
const DOCUMENT_BYTES = 72;

export class Documents implements DocumentTable {
  readonly live: Bitmap;
  readonly expiring: Bitmap;
  /** By id. A chunk that is not our own is a frozen table's too, and copied before a change. */
  #chunks: KeyChunk[];
  #isOwn: boolean[];
  #idLimit: number;
  #ids: Map<string, number>;
  /** The moment at which the id was given last; 0: before this process began. */
  readonly #births: number[];
  #freed: number[];
  #freedHead: number;
  #keyBytes: number;
  moment: number;
  changeCount: number;
  /** Ids are in `ids` whose documents are not live yet. */
  isRestoring: boolean;

  constructor() {
    this.live = new Bitmap();
    this.expiring = new Bitmap(0);
    this.#chunks = [];
    this.#isOwn = [];
    this.#idLimit = 0;
    this.#ids = new Map();
    this.#births = [];
    this.#freed = [];
    this.#freedHead = 0;
    this.#keyBytes = 0;
    this.moment = 0;
    this.changeCount = 0;
    this.isRestoring = false;
  }

  get count(): number {
    return this.isRestoring ? this.live.count : this.#ids.size;
  }

  get usedBytes(): number {
    const bitmapBytes = this.live.words.byteLength + this.expiring.words.byteLength;
    return this.#ids.size * DOCUMENT_BYTES + this.#keyBytes + bitmapBytes;
  }

  keyOf(id: number): string | undefined {
    return this.#keyAt(id);
  }

  idOf(key: string): number | undefined {
    const id = this.#ids.get(key);
    return id === undefined || (this.isRestoring && !this.live.has(id)) ? undefined : id;
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
    const reserved = this.isRestoring ? this.#ids.get(key) : undefined;
    if (reserved !== undefined && !this.live.has(reserved)) {
      this.live.add(reserved);
      return reserved;
    }
    const id = this.#nextId();
    this.moment += 1;
    this.changeCount += 1;
    this.#setKey(id, key);
    this.#births[id] = this.moment;
    if (!this.#ids.has(key)) this.#keyBytes += key.length;
    this.#ids.set(key, id);
    this.live.add(id);
    return id;
  }

  release(id: number): void {
    const key = must(this.#keyAt(id), "a document that is released has a key");
    this.#setKey(id, undefined);
    this.live.remove(id);
    this.expiring.remove(id);
    this.changeCount += 1;
    this.#freed.push(id);
    if (this.#ids.get(key) !== id) return;
    this.#ids.delete(key);
    this.#keyBytes -= key.length;
  }

  /** Of now, for as long as whoever asked keeps it. */
  freeze(): FrozenDocuments {
    this.#isOwn = [];
    const freed = this.#freed;
    const head = this.#freedHead;
    return {
      idLimit: this.#idLimit,
      count: this.#ids.size,
      moment: this.moment,
      chunks: this.#chunks.slice(),
      // Ids are added behind these, and those before are never written again.
      freed: { length: freed.length - head, at: (place) => freed[head + place] },
    };
  }

  /** Of an empty table: what it was, and documents are about to come back. */
  restore(image: DocumentImage): void {
    this.#chunks = image.chunks;
    this.#isOwn = image.chunks.map(() => true);
    this.#idLimit = image.idLimit;
    this.#ids = image.ids;
    this.#freed = image.freed;
    this.#freedHead = 0;
    this.moment = image.moment;
    for (let id = 0; id < image.idLimit; id += 1) this.#births.push(0);
    this.#keyBytes = 0;
    for (const key of image.ids.keys()) this.#keyBytes += key.length;
    this.isRestoring = true;
  }

  /** Whether the key is one of those that are about to come back, or has. */
  isKnown(key: string): boolean {
    return this.#ids.has(key);
  }

  /** All that came back is there: how many did not, whose ids are free now. */
  endRestore(): number {
    this.isRestoring = false;
    this.changeCount += 1;
    const missing = this.#ids.size - this.live.count;
    if (missing === 0) return 0;
    for (const [key, id] of this.#ids) {
      if (this.live.has(id)) continue;
      this.#ids.delete(key);
      this.#keyBytes -= key.length;
      this.#setKey(id, undefined);
      this.#freed.push(id);
    }
    return missing;
  }

  #keyAt(id: number): string | undefined {
    return this.#chunks[Math.floor(id / CHUNK_IDS)]?.[id % CHUNK_IDS];
  }

  #setKey(id: number, key: string | undefined): void {
    const place = Math.floor(id / CHUNK_IDS);
    if (place === this.#chunks.length) this.#chunks.push([]);
    else if (this.#isOwn[place] !== true) this.#chunks[place] = this.#chunks[place].slice();
    this.#isOwn[place] = true;
    this.#chunks[place][id % CHUNK_IDS] = key;
    if (id === this.#idLimit) this.#idLimit += 1;
  }

  #nextId(): number {
    if (this.#freed.length - this.#freedHead <= RESTING_IDS) return this.#idLimit;
    const id = this.#freed[this.#freedHead];
    this.#freedHead += 1;
    if (this.#freedHead > RESTING_IDS) {
      this.#freed = this.#freed.slice(this.#freedHead);
      this.#freedHead = 0;
    }
    return id;
  }
}
