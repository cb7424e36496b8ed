/**
 * The kernel's float store (`kernel/float-store.h`) as TypeScript sees it: vectors that fields hold
 * and indexes share. There are no views of its memory here: what is read is copied, since a slot is
 * used again as soon as nobody needs it.
 *
 * A reference knows whether it was released, so that using one too late is an assertion and not
 * somebody else's vector. It works on after the engine was closed.
 */
import { assert } from "../base/assert.ts";
import { isOutOfMemory, type KernelEngine, StoreFigure, storeFigureCount } from "./kernel-addon.ts";

const GONE = -1;
/** More than a store has of one length. */
const SLOTS_MAX = 2 ** 31 - 1;

export class StoredVector {
  readonly length: number;
  readonly #owner: VectorOwner;
  #slot: number;

  constructor(owner: VectorOwner, length: number, slot: number) {
    this.length = length;
    this.#owner = owner;
    this.#slot = slot;
  }

  /** In the store's slots of this length. */
  get slot(): number {
    assert(this.#slot !== GONE && this.#owner.isOpen, "a released vector is not used");
    return this.#slot;
  }

  copy(): Buffer {
    const bytes = Buffer.allocUnsafeSlow(this.length);
    this.#owner.engine.readHeld(this.slot, bytes);
    return bytes;
  }

  share(): StoredVector {
    this.#owner.engine.share(this.length, this.slot);
    return new StoredVector(this.#owner, this.length, this.#slot);
  }

  isSameAs(other: { readonly length: number }): boolean {
    return (
      other instanceof StoredVector && other.length === this.length && other.slot === this.slot
    );
  }

  release(): void {
    const slot = this.#slot;
    assert(slot !== GONE, "a vector is released once");
    this.#slot = GONE;
    // Its owner lets go of all, in its own time.
    if (this.#owner.isOpen) this.#owner.engine.release(this.length, slot);
  }
}

/** Holds vectors that can all go at once. */
export class VectorOwner {
  readonly engine: KernelEngine;
  readonly #number: number;
  isOpen: boolean;

  constructor(engine: KernelEngine) {
    this.engine = engine;
    this.#number = engine.openOwner();
    this.isOpen = true;
  }

  /** Null without memory. */
  hold(bytes: Buffer): StoredVector | null {
    assert(this.isOpen, "an owner that was released holds nothing more");
    try {
      return new StoredVector(this, bytes.length, this.engine.hold(this.#number, bytes));
    } catch (failure) {
      if (isOutOfMemory(failure)) return null;
      throw failure;
    }
  }

  close(): void {
    this.isOpen = false;
  }

  /** Looks at so many slots, whoever holds them; whether those were all. */
  releaseSome(countMax: number): boolean {
    assert(!this.isOpen, "who is released holds nothing more");
    return this.engine.releaseOwner(this.#number, Math.min(countMax, SLOTS_MAX)) !== false;
  }
}

export class FloatStore {
  readonly #engine: KernelEngine;
  readonly #figures: Float64Array;

  constructor(engine: KernelEngine) {
    this.#engine = engine;
    this.#figures = new Float64Array(storeFigureCount);
  }

  openOwner(): VectorOwner {
    return new VectorOwner(this.#engine);
  }

  get usedCount(): number {
    return this.#figure(StoreFigure.usedCount);
  }

  get heldCount(): number {
    return this.#figure(StoreFigure.heldCount);
  }

  /** Of vectors that indexes alone need. */
  get unheldBytes(): number {
    return this.#figure(StoreFigure.unheldBytes);
  }

  #figure(place: number): number {
    this.#engine.storeFigures(this.#figures);
    return this.#figures[place];
  }
}
