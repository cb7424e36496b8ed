/**
 * Memory for many small records, outside V8's heap: slabs cut into blocks of 16-byte units.
 *
 * A million short strings as JavaScript objects are millions of things to collect, and a lookup
 * meets a chain of cold cache lines; here a record is one block. A location is a positive 32-bit
 * integer: slab, then unit. Location 0 is nothing. Freed blocks are kept by size and used again; a
 * larger one is split before a new slab is taken. The first slab doubles from small, so that an
 * empty database costs nothing. Views move when it does: nobody keeps one across `allocate`.
 */
import { assert } from "../base/assert.ts";

export const UNIT_BYTES = 16;
const UNIT_SHIFT = 4;
const SLAB_BITS = 20;
const SLAB_UNITS = 1 << SLAB_BITS;
const UNIT_MASK = SLAB_UNITS - 1;
const FIRST_UNITS = 256;
/** The largest block. */
export const BLOCK_UNITS_MAX = 127;

/** Of the units of taken slabs: with so many handed out, freed ones will not go far. */
const FULL_SHARE = 0.9;

/** How many slabs several arenas may have together. */
export class SlabQuota {
  /** Units handed out by all the arenas. */
  usedUnits: number;
  #takenCount: number;
  readonly #countMax: number;
  readonly #spareCount: number;

  constructor(countMax: number, spareCount: number) {
    this.usedUnits = 0;
    this.#takenCount = 0;
    this.#countMax = countMax;
    this.#spareCount = spareCount;
  }

  /**
   * Only the spare slabs are left, and the others are full; or, since blocks that were freed may be
   * of the wrong sizes, half of the spare ones are gone too.
   */
  get isNearlyUsed(): boolean {
    const leftCount = this.#countMax - this.#takenCount;
    if (leftCount > this.#spareCount) return false;
    const isFull = this.usedUnits >= this.#takenCount * SLAB_UNITS * FULL_SHARE;
    return isFull || leftCount * 2 <= this.#spareCount;
  }

  take(): void {
    assert(this.#takenCount < this.#countMax, "whoever writes looked at the quota before");
    this.#takenCount += 1;
  }

  giveBack(count: number): void {
    this.#takenCount -= count;
  }
}

export class SlabArena {
  /** By slab: the same memory as bytes, 32-bit words and doubles. */
  readonly bytes: Buffer[];
  readonly words: Int32Array[];
  readonly doubles: Float64Array[];
  /** Units handed out and not freed. */
  usedUnits: number;
  readonly #quota: SlabQuota;
  /** By unit count: the first free block, which names the next one in its first word. */
  readonly #free: Int32Array;
  /** The first unit of the last slab that was never handed out. */
  #nextUnit: number;
  #lastUnits: number;

  constructor(quota: SlabQuota) {
    this.#quota = quota;
    this.bytes = [];
    this.words = [];
    this.doubles = [];
    this.usedUnits = 0;
    this.#free = new Int32Array(BLOCK_UNITS_MAX + 1);
    this.#nextUnit = 0;
    this.#lastUnits = 0;
  }

  /** What is held of the system. */
  get heldBytes(): number {
    let bytes = 0;
    for (const slab of this.bytes) bytes += slab.length;
    return bytes;
  }

  /** A block of so many units; its bytes are whatever was there. */
  allocate(unitCount: number): number {
    assert(unitCount > 0 && unitCount <= BLOCK_UNITS_MAX, "a block within its bounds");
    this.usedUnits += unitCount;
    this.#quota.usedUnits += unitCount;
    const free = this.#free[unitCount];
    if (free !== 0) {
      this.#free[unitCount] = this.words[free >>> SLAB_BITS][(free & UNIT_MASK) << 2];
      return free;
    }
    while (this.#nextUnit + unitCount > this.#lastUnits) {
      if (this.bytes.length === 1 && this.#lastUnits < SLAB_UNITS) this.#doubleFirst();
      else {
        const split = this.#split(unitCount);
        if (split !== 0) return split;
        this.#addSlab();
      }
    }
    const location = ((this.bytes.length - 1) << SLAB_BITS) | this.#nextUnit;
    this.#nextUnit += unitCount;
    return location;
  }

  free(location: number, unitCount: number): void {
    this.usedUnits -= unitCount;
    this.#quota.usedUnits -= unitCount;
    this.#keep(location, unitCount);
  }

  /** Gives everything back. */
  clear(): void {
    this.#quota.giveBack(this.bytes.length);
    this.#quota.usedUnits -= this.usedUnits;
    this.bytes.length = 0;
    this.words.length = 0;
    this.doubles.length = 0;
    this.usedUnits = 0;
    this.#free.fill(0);
    this.#nextUnit = 0;
    this.#lastUnits = 0;
  }

  #keep(location: number, unitCount: number): void {
    this.words[location >>> SLAB_BITS][(location & UNIT_MASK) << 2] = this.#free[unitCount];
    this.#free[unitCount] = location;
  }

  /** The front of a larger free block; 0 if there is none. */
  #split(unitCount: number): number {
    for (let larger = unitCount + 1; larger <= BLOCK_UNITS_MAX; larger += 1) {
      const location = this.#free[larger];
      if (location === 0) continue;
      this.#free[larger] = this.words[location >>> SLAB_BITS][(location & UNIT_MASK) << 2];
      this.#keep(location + unitCount, larger - unitCount);
      return location;
    }
    return 0;
  }

  #addSlab(): void {
    const slabCount = this.bytes.length;
    this.#quota.take();
    if (slabCount === 0) {
      this.#setSlab(0, new ArrayBuffer(FIRST_UNITS * UNIT_BYTES));
      this.#lastUnits = FIRST_UNITS;
      this.#nextUnit = 1;
      return;
    }
    const left = this.#lastUnits - this.#nextUnit;
    if (left > 0) this.#keep(((slabCount - 1) << SLAB_BITS) | this.#nextUnit, left);
    this.#setSlab(slabCount, new ArrayBuffer(SLAB_UNITS << UNIT_SHIFT));
    this.#lastUnits = SLAB_UNITS;
    this.#nextUnit = 0;
  }

  #doubleFirst(): void {
    const grown = new ArrayBuffer(this.#lastUnits * 2 * UNIT_BYTES);
    new Uint8Array(grown).set(this.bytes[0]);
    this.#setSlab(0, grown);
    this.#lastUnits *= 2;
  }

  #setSlab(index: number, memory: ArrayBufferLike): void {
    this.bytes[index] = Buffer.from(memory);
    this.words[index] = new Int32Array(memory);
    this.doubles[index] = new Float64Array(memory);
  }
}

/** Where a location is: which slab, and the offsets in its views. */
export function slabOf(location: number): number {
  return location >>> SLAB_BITS;
}

export function byteOffsetOf(location: number): number {
  return (location & UNIT_MASK) << UNIT_SHIFT;
}

export function wordOffsetOf(location: number): number {
  return (location & UNIT_MASK) << 2;
}

export function doubleOffsetOf(location: number): number {
  return (location & UNIT_MASK) << 1;
}
