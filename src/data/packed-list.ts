/**
 * A list of byte strings: O(1) at both ends, few steps to an index, little memory besides.
 *
 * Short, it is one listpack, which for ten values is a tenth of what ten strings in an array take.
 * Long, it is a sequence of them (`node-sequence.ts`), and it becomes one again once it has shrunk
 * to half of what fits. What it hands out is copied or never changed.
 */
import { assert } from "../base/assert.ts";
import { type Bytes, canonicalBytes } from "../base/bytes.ts";
import {
  byteCountOf,
  bytesOf,
  countOf,
  EMPTY_LISTPACK,
  entryBytes,
  FIRST_AT,
  type Listpack,
  seek,
  splice,
  valueAt,
} from "./listpack.ts";
import { addValues, indexesOf, without } from "./listpack-entries.ts";
import { inserted, removed, settled } from "./listpack-in-place.ts";
import { isLong, NODE_BYTES_MAX, NODE_ENTRIES_MAX, NodeSequence } from "./node-sequence.ts";

const FRAME_BYTES = 7;
/** What an entry takes at most besides its value. */
const AROUND_BYTES_MAX = 10;
const STRING_BYTES = 16;
const BUFFER_BYTES = 136;
/** Of a sequence, its first group and the arrays inside. */
const SEQUENCE_BYTES = 400;
/** Values that are handed out together while the list is walked. */
const WALK_COUNT = 128;

export class PackedList {
  #content: Listpack | NodeSequence = EMPTY_LISTPACK;

  /** All of it, if it is held in one string. */
  get pack(): string | undefined {
    return typeof this.#content === "string" ? this.#content : undefined;
  }

  /** Takes what `pack` gave in place of what it holds. */
  setPack(pack: string): void {
    this.#content = pack;
  }

  get length(): number {
    const content = this.#content;
    return content instanceof NodeSequence ? content.length : countOf(content);
  }

  /** What its values take in memory, an estimate. */
  get heldBytes(): number {
    const content = this.#content;
    if (typeof content === "string") return STRING_BYTES + ((content.length + 7) & ~7);
    if (content instanceof NodeSequence) return SEQUENCE_BYTES + content.heldBytes;
    return BUFFER_BYTES + content.length;
  }

  /** What a single listpack of all its values takes. */
  get packedBytes(): number {
    const content = this.#content;
    return content instanceof NodeSequence
      ? FRAME_BYTES + content.packedBytes
      : byteCountOf(content);
  }

  /** The last of the values ends up outermost. */
  push(values: readonly Bytes[], isLeft: boolean): void {
    const content = this.#content;
    if (!(content instanceof NodeSequence) && this.#fits(content, values)) {
      const at = isLeft ? FIRST_AT : byteCountOf(content) - 1;
      if (values.length === 1) this.#content = inserted(content, at, values[0]);
      else this.#content = splice(content, at, 0, isLeft ? values.toReversed() : values);
      return;
    }
    const sequence = this.#sequence();
    for (let index = 0; index < values.length; index += 1) sequence.push(values[index], isLeft);
  }

  /** Removes `count` values from one end. */
  drop(count: number, isLeft: boolean): void {
    const content = this.#content;
    if (content instanceof NodeSequence) {
      content.drop(count, isLeft);
      this.#shrink(content);
      return;
    }
    assert(count <= countOf(content), "what is dropped is there");
    if (count === 0) return;
    this.#content = removed(content, isLeft ? FIRST_AT : seek(content, -count), count);
  }

  get(index: number): Bytes | undefined {
    const content = this.#content;
    if (index < 0 || index >= this.length) return undefined;
    if (content instanceof NodeSequence) return content.get(index);
    const at = seek(content, index);
    return canonicalBytes(valueAt(bytesOf(content), at));
  }

  set(index: number, value: Bytes): void {
    const content = this.#content;
    assert(index >= 0 && index < this.length, "the index is inside the list");
    if (content instanceof NodeSequence || !this.#fits(content, [value])) {
      const sequence = this.#sequence();
      sequence.set(index, value);
      this.#shrink(sequence);
    } else this.#content = splice(content, seek(content, index), 1, [value]);
  }

  /** The value stands at `index` afterwards; 0 to length. */
  insert(index: number, value: Bytes): void {
    const content = this.#content;
    assert(index >= 0 && index <= this.length, "the index is inside the list");
    if (index === 0 || index === this.length) this.push([value], index === 0);
    else if (content instanceof NodeSequence || !this.#fits(content, [value])) {
      this.#sequence().insert(index, value);
    } else this.#content = inserted(content, seek(content, index), value);
  }

  /** Removes the values at these indexes, which ascend. */
  removeAll(indexes: readonly number[]): void {
    const content = this.#content;
    if (content instanceof NodeSequence) {
      content.removeAll(indexes);
      this.#shrink(content);
    } else this.#content = without(content, indexes);
  }

  /** Values from `start` (from 0), at most `count`. */
  slice(start: number, count: number): Bytes[] {
    const content = this.#content;
    const values: Bytes[] = [];
    const taken = Math.min(count, this.length - start);
    if (taken <= 0) return values;
    if (content instanceof NodeSequence) content.addTo(values, start, taken);
    else addValues(content, start, taken, values);
    return values;
  }

  /** The indexes of equal values among the first `count` looked at, in the order of looking. */
  *matches(
    value: Bytes,
    isFromRight: boolean,
    count = Number.POSITIVE_INFINITY,
  ): IterableIterator<number> {
    const content = this.#content;
    const { length } = this;
    const first = isFromRight ? length - count : 0;
    const end = isFromRight ? length : count;
    const nodes =
      content instanceof NodeSequence
        ? content.matches(value, isFromRight, first, end)
        : [isLong(value) ? [] : indexesOf(content, value)];
    for (const found of nodes) {
      for (let at = 0; at < found.length; at += 1) {
        const index = found[isFromRight ? found.length - 1 - at : at];
        if (index >= first && index < end) yield index;
      }
    }
  }

  *[Symbol.iterator](): IterableIterator<Bytes> {
    const { length } = this;
    for (let start = 0; start < length; start += WALK_COUNT) yield* this.slice(start, WALK_COUNT);
  }

  #fits(pack: Listpack, values: readonly Bytes[]): boolean {
    if (countOf(pack) + values.length > NODE_ENTRIES_MAX) return false;
    let byteCount = byteCountOf(pack);
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index];
      if (isLong(value)) return false;
      byteCount += values.length === 1 ? value.length + AROUND_BYTES_MAX : entryBytes(value);
    }
    return byteCount <= NODE_BYTES_MAX;
  }

  #sequence(): NodeSequence {
    if (!(this.#content instanceof NodeSequence)) this.#content = NodeSequence.of(this.#content);
    return this.#content;
  }

  #shrink(sequence: NodeSequence): void {
    if (sequence.length === 0) this.#content = EMPTY_LISTPACK;
    else if (sequence.packedBytes <= NODE_BYTES_MAX / 2) {
      const pack = sequence.onlyListpack;
      if (pack !== undefined) this.#content = settled(pack);
    }
  }
}
