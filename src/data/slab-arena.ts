/**
 * Memory for many small records, outside V8's heap: slabs cut into blocks of 16-byte units.
 *
 * A million small values as JavaScript objects are a million things to collect, and a lookup meets
 * a chain of cold cache lines; here a record is one block. A location is a positive 32-bit integer:
 * slab, then unit. Location 0 is nothing. A freed block is joined with free ones beside it
 * (`free-blocks.ts`), since records that grow step by step leave blocks that are too small for the
 * next step. The first slab doubles from small, so that an empty database costs nothing.
 * Views move when it does: nobody keeps one across `allocate` and `resize`.
 */
import { assert } from "../base/assert.ts";
import { FreeBlocks, SLAB_BITS } from "./free-blocks.ts";

export const UNIT_BYTES = 16;
const UNIT_SHIFT = 4;
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
  readonly #free: FreeBlocks;
  /** The first unit of the last slab that was never handed out, or came back from its end. */
  #nextUnit: number;
  #lastUnits: number;

  constructor(quota: SlabQuota) {
    this.#quota = quota;
    this.bytes = [];
    this.words = [];
    this.doubles = [];
    this.usedUnits = 0;
    this.#free = new FreeBlocks(this.words);
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
    this.#use(unitCount);
    const free = this.#free.take(unitCount);
    if (free !== 0) return free;
    while (this.#nextUnit + unitCount > this.#lastUnits) {
      if (this.bytes.length === 1 && this.#lastUnits < SLAB_UNITS) this.#doubleFirst();
      else this.#addSlab();
    }
    const location = ((this.bytes.length - 1) << SLAB_BITS) | this.#nextUnit;
    this.#nextUnit += unitCount;
    return location;
  }

  free(location: number, unitCount: number): void {
    this.#use(-unitCount);
    const joined = this.#free.joinedWithNext(location, unitCount, this.#endOf(location));
    const start = this.#free.startWithPrevious(location);
    const size = joined + location - start;
    const isLast = slabOf(start) === this.bytes.length - 1;
    if (isLast && (start & UNIT_MASK) + size === this.#nextUnit) this.#nextUnit = start & UNIT_MASK;
    else this.#free.add(start, size);
  }

  /** Makes a block larger or smaller where it is; false, and nothing done, without room for it. */
  resize(location: number, unitsBefore: number, unitCount: number): boolean {
    if (unitCount <= unitsBefore) {
      if (unitCount < unitsBefore) this.free(location + unitCount, unitsBefore - unitCount);
      return true;
    }
    const added = unitCount - unitsBefore;
    const next = location + unitsBefore;
    const isLast = slabOf(location) === this.bytes.length - 1;
    if (isLast && (next & UNIT_MASK) === this.#nextUnit) {
      if (this.#nextUnit + added > this.#lastUnits) return false;
      this.#nextUnit += added;
    } else if (!this.#free.takeAt(next, added, this.#endOf(location))) return false;
    this.#use(added);
    return true;
  }

  /** Gives everything back. */
  clear(): void {
    this.#quota.giveBack(this.bytes.length);
    this.#quota.usedUnits -= this.usedUnits;
    this.bytes.length = 0;
    this.words.length = 0;
    this.doubles.length = 0;
    this.usedUnits = 0;
    this.#free.clear();
    this.#nextUnit = 0;
    this.#lastUnits = 0;
  }

  #use(unitCount: number): void {
    this.usedUnits += unitCount;
    this.#quota.usedUnits += unitCount;
  }

  /** Behind the last unit of its slab that was ever handed out. */
  #endOf(location: number): number {
    const slab = slabOf(location);
    const units = slab === this.bytes.length - 1 ? this.#nextUnit : SLAB_UNITS;
    return (slab << SLAB_BITS) + units;
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
    if (left > 0) this.#free.add(((slabCount - 1) << SLAB_BITS) | this.#nextUnit, left);
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
    this.#free.setSlabUnits(index, memory.byteLength >>> UNIT_SHIFT);
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
