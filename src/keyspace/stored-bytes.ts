/**
 * Fields that live in a store outside the keyspace, so that an index reads the same bytes: what the
 * keyspace knows of such a store. `vector/float-store.ts` is one; `node/start.ts` brings them
 * together, and search alone asks for a field to be moved (`view.ts`).
 *
 * - A field holds one reference, which nobody else may release. Whoever reads gets a copy, so that
 *   no view of a slot outlives the field. Views were rejected: a reply may wait for the log, and
 *   by then the slot may hold another vector.
 * - A reference goes after the effect that took it out of its field and after the listeners, who
 *   may still compare with it (`ReleaseList`).
 */
import type { Bytes } from "../base/bytes.ts";
import { type Discarded, Discards } from "./discards.ts";

export interface StoredBytes {
  readonly length: number;
  copy(): Buffer;
  /** Another reference to the same bytes. */
  share(): StoredBytes;
  /** Whether both refer to the same place, which makes them equal without a look. */
  isSameAs(other: StoredBytes): boolean;
  /** Once; nothing else works afterwards. Nothing is left to do once its owner was released. */
  release(): void;
}

/** What one database holds in the store, so that all of it can go at once. */
export interface StoreOwner extends Discarded {
  /** Null without memory. */
  hold(bytes: Buffer): StoredBytes | null;
  /** Begins to let go of everything it holds; what refers to it must be gone, or is discarded. */
  close(): void;
}

export interface FieldStore {
  openOwner(): StoreOwner;
}

export type FieldValue = Bytes | StoredBytes;

export function isStored(value: FieldValue | undefined): value is StoredBytes {
  return typeof value === "object" && !(value instanceof Uint8Array);
}

/** What an effect took out of its fields, until it has been told to everybody. */
export class ReleaseList {
  /** What takes its time. */
  readonly discards: Discards;
  readonly #waiting: { release(): void }[] = [];
  readonly #discarded: Discarded[] = [];

  constructor(discards: Discards = new Discards()) {
    this.discards = discards;
  }

  add(stored: { release(): void }): void {
    this.#waiting.push(stored);
  }

  discard(discarded: Discarded): void {
    this.#discarded.push(discarded);
  }

  releaseAll(): void {
    if (this.#waiting.length > 0) {
      for (const stored of this.#waiting) stored.release();
      this.#waiting.length = 0;
    }
    if (this.#discarded.length === 0) return;
    for (const discarded of this.#discarded) this.discards.add(discarded);
    this.#discarded.length = 0;
  }
}
