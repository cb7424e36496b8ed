/**
 * A list: values in order, the first at index 0; the structure is `data/packed-list.ts`.
 *
 * Beside it stands whether Redis would call it a quicklist. That depends on its settings and on how
 * the list came to be: it becomes one when what is added could outgrow a single listpack, and is
 * none again once it has shrunk to half of that. Only names depend on it.
 * Changed only by `apply-list.ts`; empty, it leaves.
 */
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import { PackedList } from "../data/packed-list.ts";
import type { EncodingLimits } from "./encoding-limits.ts";
import { PACKED_LIST_BYTES } from "./memory.ts";

const KIB = 1024;
/** Of `listListpackSize` -1 to -5. */
const CLASS_BYTES = [4 * KIB, 8 * KIB, 16 * KIB, 32 * KIB, 64 * KIB];
/** Beside a limit on entries. */
const COUNTED_BYTES_MAX = 8 * KIB;
/** What the text of a value may be longer than its entry, which may be an integer. */
const TEXT_BYTES_MAX = 10;

export class ListValue extends PackedList {
  #isQuicklist = false;

  static of(values: readonly Bytes[], limits: EncodingLimits): ListValue {
    assert(values.length > 0, "a list holds something");
    const list = new ListValue();
    list.push(values, false);
    list.#isQuicklist = exceeds(limits, list.packedBytes, list.length, 1);
    return list;
  }

  /** Of its `pack` and `packFlags`. */
  static unpacked(pack: string, flags: number): ListValue {
    const list = new ListValue();
    list.setPack(pack);
    list.#isQuicklist = flags !== 0;
    return list;
  }

  get packFlags(): number {
    return this.#isQuicklist ? 1 : 0;
  }

  get type(): "list" {
    return "list";
  }

  /** What it costs, all of it (`memory.ts`). */
  get costBytes(): number {
    return PACKED_LIST_BYTES + this.heldBytes;
  }

  /** No less than its values' bytes. */
  get textBytesMax(): number {
    return this.packedBytes + this.length * TEXT_BYTES_MAX;
  }

  /** Of `encoding-mark.ts`. */
  get encodingMark(): number {
    return this.#isQuicklist ? 1 : 0;
  }

  set encodingMark(mark: number) {
    this.#isQuicklist = mark !== 0;
  }

  /** The encoding that Redis would report (OBJECT ENCODING). */
  encodingName(_limits: EncodingLimits): string {
    return this.#isQuicklist ? "quicklist" : "listpack";
  }

  /** These are about to be added, or one put in another's place. */
  willGrow(values: readonly Bytes[], limits: EncodingLimits): void {
    if (this.#isQuicklist) return;
    let addedBytes = 0;
    for (let index = 0; index < values.length; index += 1) addedBytes += values[index].length;
    const count = this.length + values.length;
    this.#isQuicklist = exceeds(limits, this.packedBytes + addedBytes, count, 1);
  }

  /** Something was taken out. */
  hasShrunk(limits: EncodingLimits): void {
    if (this.#isQuicklist) {
      this.#isQuicklist = exceeds(limits, this.packedBytes, this.length, 2);
    }
  }
}

/** Whether so much is more than a part of what Redis puts into one listpack. */
function exceeds(limits: EncodingLimits, byteCount: number, count: number, parts: number): boolean {
  const size = limits.listListpackSize;
  if (size < 0) {
    const bytesMax = CLASS_BYTES[Math.min(-size, CLASS_BYTES.length) - 1];
    return byteCount > bytesMax / parts;
  }
  const countMax = Math.floor(Math.max(size, 1) / parts);
  return count > countMax || byteCount > COUNTED_BYTES_MAX;
}
