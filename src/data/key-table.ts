/**
 * From a key's hash to its location: an open-addressed table that grows without a pause.
 *
 * It is cut into segments by the hash's highest bits (extendible hashing, Fagin et al. 1979). A
 * segment that fills up is split in two, and one split is all that an insertion ever costs;
 * V8's Map rehashes everything at once, which stops the loop for 130 ms at 300,000 keys. Two
 * segments that have emptied are joined again. A slot holds hash and location, so that a probe
 * reads no record but those whose 32 bits are the same.
 */
import { assert } from "../base/assert.ts";

const SLOTS_AT_FIRST = 64;
const SLOTS_MAX = 4096;
/** Five eighths: beyond it probes get long. */
const FULL_EIGHTHS = 5;
/** Two neighbors are joined below one eighth together, far from being split again. */
const JOINED_KEYS_MAX = SLOTS_MAX / 8;
const DEPTH_MAX = 20;

/** Whether the record at a location has this key. */
export interface KeyMatcher {
  hasKey(location: number, key: string): boolean;
}

class Segment {
  /** Hash and location in turn; location 0 is an empty slot. */
  slots: Int32Array;
  count: number;
  /** How many of the hash's highest bits all its keys share. */
  readonly depth: number;

  constructor(slotCount: number, depth: number) {
    this.slots = new Int32Array(slotCount * 2);
    this.count = 0;
    this.depth = depth;
  }

  put(hash: number, location: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let at = (hash << 1) & mask;
    while (slots[at + 1] !== 0) at = (at + 2) & mask;
    slots[at] = hash;
    slots[at + 1] = location;
    this.count += 1;
  }

  placeOf(hash: number, location: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let at = (hash << 1) & mask;
    while (slots[at + 1] !== location) {
      assert(slots[at + 1] !== 0, "the location is in the table");
      at = (at + 2) & mask;
    }
    return at;
  }

  /** Closes the gap: what was pushed on by the removed one moves back, so no marks are left. */
  removeAt(place: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let hole = place;
    let at = place;
    for (;;) {
      at = (at + 2) & mask;
      if (slots[at + 1] === 0) break;
      const home = (slots[at] << 1) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      slots[hole] = slots[at];
      slots[hole + 1] = slots[at + 1];
      hole = at;
    }
    slots[hole + 1] = 0;
    this.count -= 1;
  }
}

export class KeyTable {
  size: number;
  readonly #matcher: KeyMatcher;
  /** By the hash's highest bits; neighbors may be the same segment. */
  #directory: Segment[];
  #depth: number;

  constructor(matcher: KeyMatcher) {
    this.size = 0;
    this.#matcher = matcher;
    this.#directory = [new Segment(SLOTS_AT_FIRST, 0)];
    this.#depth = 0;
  }

  get heldBytes(): number {
    let bytes = this.#directory.length * 8;
    let before: Segment | undefined;
    for (const segment of this.#directory) {
      if (segment !== before) bytes += segment.slots.byteLength;
      before = segment;
    }
    return bytes;
  }

  /** 0 if it is not there. */
  find(hash: number, key: string): number {
    const { slots } = this.#directory[(hash >>> 1) >>> (31 - this.#depth)];
    const mask = slots.length - 1;
    let at = (hash << 1) & mask;
    for (;;) {
      const location = slots[at + 1];
      if (location === 0) return 0;
      if (slots[at] === hash && this.#matcher.hasKey(location, key)) return location;
      at = (at + 2) & mask;
    }
  }

  /**
   * The location in the slot where each hash is looked for first, 0 for none. It is a hint, read in
   * a short loop so that the processor waits for the memory of all slots at once (`foresee`).
   */
  firstLocations(hashes: Int32Array, count: number, into: Int32Array): void {
    for (let index = 0; index < count; index += 1) {
      const hash = hashes[index];
      const { slots } = this.#directory[(hash >>> 1) >>> (31 - this.#depth)];
      into[index] = slots[((hash << 1) & (slots.length - 1)) + 1];
    }
  }

  /** The key must not be there. */
  add(hash: number, location: number): void {
    let segment = this.#segmentOf(hash);
    while ((segment.count + 1) * 16 > segment.slots.length * FULL_EIGHTHS) {
      if (segment.slots.length < SLOTS_MAX * 2) enlarge(segment);
      else this.#split(segment, hash);
      segment = this.#segmentOf(hash);
    }
    segment.put(hash, location);
    this.size += 1;
  }

  /** The record moved. */
  move(hash: number, from: number, to: number): void {
    const segment = this.#segmentOf(hash);
    segment.slots[segment.placeOf(hash, from) + 1] = to;
  }

  remove(hash: number, location: number): void {
    const segment = this.#segmentOf(hash);
    segment.removeAt(segment.placeOf(hash, location));
    this.size -= 1;
    if (segment.count < JOINED_KEYS_MAX && segment.depth > 0) this.#join(segment, hash);
  }

  clear(): void {
    this.size = 0;
    this.#directory = [new Segment(SLOTS_AT_FIRST, 0)];
    this.#depth = 0;
  }

  #segmentOf(hash: number): Segment {
    return this.#directory[(hash >>> 1) >>> (31 - this.#depth)];
  }

  #split(segment: Segment, hash: number): void {
    if (segment.depth === this.#depth) {
      assert(this.#depth < DEPTH_MAX, "a keyed hash spreads keys");
      this.#directory = this.#directory.flatMap((kept) => [kept, kept]);
      this.#depth += 1;
    }
    const depth = segment.depth + 1;
    const low = new Segment(SLOTS_MAX, depth);
    const high = new Segment(SLOTS_MAX, depth);
    const { slots } = segment;
    for (let at = 0; at < slots.length; at += 2) {
      if (slots[at + 1] === 0) continue;
      const half = ((slots[at] >>> (32 - depth)) & 1) === 0 ? low : high;
      half.put(slots[at], slots[at + 1]);
    }
    this.#place(low, depth, hash, 0);
    this.#place(high, depth, hash, 1);
  }

  /** The range that shares so many of the hash's highest bits, the last of them being this. */
  #place(segment: Segment, depth: number, hash: number, lastBit: number): void {
    const prefix = (((hash >>> 1) >>> (31 - depth)) & ~1) | lastBit;
    const width = 1 << (this.#depth - depth);
    this.#directory.fill(segment, prefix * width, (prefix + 1) * width);
  }

  #join(segment: Segment, hash: number): void {
    const { depth } = segment;
    const neighborHash = hash ^ (1 << (32 - depth));
    const neighbor = this.#segmentOf(neighborHash);
    if (neighbor.depth !== depth || neighbor.count + segment.count > JOINED_KEYS_MAX) return;
    const joined = new Segment(SLOTS_MAX, depth - 1);
    for (const { slots } of [segment, neighbor]) {
      for (let at = 0; at < slots.length; at += 2) {
        if (slots[at + 1] !== 0) joined.put(slots[at], slots[at + 1]);
      }
    }
    this.#place(joined, depth, hash, 0);
    this.#place(joined, depth, hash, 1);
  }
}

function enlarge(segment: Segment): void {
  const { slots } = segment;
  segment.slots = new Int32Array(slots.length * 2);
  segment.count = 0;
  for (let at = 0; at < slots.length; at += 2) {
    if (slots[at + 1] !== 0) segment.put(slots[at], slots[at + 1]);
  }
}
