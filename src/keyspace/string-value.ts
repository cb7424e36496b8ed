/**
 * A string under a key. A long one is written in place, in room that it owns and that may be longer
 * than its bytes; the rest of the room is zero.
 *
 * Whoever takes `bytes` may keep them (a reply that waits for the log, an effect that waits to be
 * encoded, a client's argument), so the first write after that copies them, once: `borrowed` is for
 * those who look and let go. Bytes behind the end were never handed out, so appending never copies
 * for that reason. Capacity depends on effects alone, not on who has looked, so that nodes which
 * applied the same effects account the same size.
 */
import { assert } from "../base/assert.ts";
import { type Bytes, writeBinaryString } from "../base/bytes.ts";
import { STRING_OBJECT_BYTES, stringCost } from "./memory.ts";

const GROWTH_BYTES_MIN = 1024 * 1024;

export class StringValue {
  readonly type = "string";
  /** Redis says `raw` of what was written in place, and looks for no integer in it. */
  readonly isRaw: boolean;
  #bytes: Bytes;
  /** Of the memory that begins where the bytes begin; their length where it is not our own. */
  #capacity: number;
  #isShared: boolean;

  /** Of bytes in canonical form, which the caller may go on to hold. */
  constructor(bytes: Bytes, isRaw = false) {
    this.isRaw = isRaw;
    this.#bytes = bytes;
    this.#capacity = bytes.length;
    this.#isShared = true;
  }

  /** For keeping: they never change. */
  get bytes(): Bytes {
    this.#isShared = true;
    return this.#bytes;
  }

  /** For looking: they may change with the next effect. */
  get borrowed(): Bytes {
    return this.#bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get costBytes(): number {
    return STRING_OBJECT_BYTES + stringCost(this.#capacity);
  }

  /** Whether it can be written in place. */
  get isLong(): boolean {
    return typeof this.#bytes !== "string";
  }

  /** Overwrites from `offset` on; zeros fill a gap. A short string becomes a long one. */
  overwrite(offset: number, value: Bytes): void {
    const before = this.length;
    this.#extend(Math.max(before, offset + value.length));
    putBytes(offset < before ? this.#owned() : this.#long(), offset, value);
  }

  /** Puts `value` in place of `removedCount` bytes. */
  splice(offset: number, removedCount: number, value: Bytes): void {
    const before = this.length;
    assert(offset + removedCount <= before, "a splice is inside the string");
    const after = before + value.length - removedCount;
    this.#extend(Math.max(before, after));
    const bytes = this.#owned();
    bytes.copyWithin(offset + value.length, offset + removedCount, before);
    putBytes(bytes, offset, value);
    if (after < before) {
      bytes.fill(0, after);
      this.#bytes = bytes.subarray(0, after);
    }
  }

  /** Zeros behind what is there. */
  #extend(byteCount: number): void {
    const before = this.#bytes;
    if (typeof before === "string") this.#moveInto(grown(before.length, byteCount), byteCount);
    else if (byteCount > this.#capacity) this.#moveInto(grown(before.length, byteCount), byteCount);
    else if (byteCount > before.length) {
      this.#bytes = Buffer.from(before.buffer, before.byteOffset, byteCount);
    }
  }

  /** Its bytes, in memory that nobody else refers to. */
  #owned(): Buffer {
    if (this.#isShared) this.#moveInto(this.#capacity, this.length);
    return this.#long();
  }

  #long(): Buffer {
    const bytes = this.#bytes;
    assert(typeof bytes !== "string", "only a long string is written in place");
    return bytes;
  }

  #moveInto(capacity: number, byteCount: number): void {
    const room = Buffer.alloc(capacity);
    putBytes(room, 0, this.#bytes);
    this.#bytes = byteCount === capacity ? room : room.subarray(0, byteCount);
    this.#capacity = capacity;
    this.#isShared = false;
  }
}

/** Doubled while it is small, later an eighth more: each byte is moved a few times at most. */
function grown(bytesBefore: number, byteCount: number): number {
  if (bytesBefore === 0) return byteCount;
  const more = Math.max(GROWTH_BYTES_MIN, byteCount >>> 3);
  return Math.min(byteCount * 2, byteCount + more);
}

function putBytes(into: Buffer, at: number, value: Bytes): void {
  if (typeof value === "string") writeBinaryString(into, value, at);
  else value.copy(into, at);
}
