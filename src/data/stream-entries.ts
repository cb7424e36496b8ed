/**
 * The entries of a stream: ascending ids, each with fields and values in the order given.
 *
 * Appended on the right, removed from the left by whole blocks, deleted anywhere by a mark
 * (`stream-block.ts`). A block goes when its last entry is deleted; a trim may leave one without
 * entries at the left, as in Redis, and then its marks are in the way of nobody. `heldBytes` is a
 * function of the blocks' content, whatever room they keep.
 */
import { assert } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import { appendEntry, markDeleted, newBlock, type StreamBlock, sealBlock } from "./stream-block.ts";
import { StreamDirectory } from "./stream-directory.ts";
import { ID_MAX, ID_MIN, type StreamId } from "./stream-id.ts";
import { StreamReader } from "./stream-reader.ts";

/** Of a block besides its listpack: the objects around it, and its place in the directory. */
const BLOCK_BYTES = 120;

export class StreamEntries {
  /** Without deleted ones. */
  length: number;
  heldBytes: number;
  readonly blocks: StreamDirectory;

  constructor() {
    this.length = 0;
    this.heldBytes = 0;
    this.blocks = new StreamDirectory();
  }

  /** The id is above all that there ever were. */
  append(id: StreamId, pairs: readonly Bytes[], isNewBlock: boolean): void {
    const last = this.blocks.last();
    if (last === undefined || isNewBlock) {
      if (last !== undefined) sealBlock(last);
      this.addBlock(newBlock(id, pairs));
      return;
    }
    this.length += 1;
    this.heldBytes -= last.byteCount;
    appendEntry(last, id, pairs);
    this.heldBytes += last.byteCount;
  }

  /** After all the others. */
  addBlock(block: StreamBlock): void {
    this.blocks.push(block);
    this.heldBytes += BLOCK_BYTES + block.byteCount;
    this.length += block.liveCount;
  }

  has(id: StreamId): boolean {
    return this.find(id) !== undefined;
  }

  /** A reader at that entry; undefined if there is none, or none any more. */
  find(id: StreamId): StreamReader | undefined {
    if (this.blocks.count === 0) return undefined;
    return findIn(this.blocks.at(this.blocks.find(id)), id);
  }

  /** 0-0 if there is none. */
  firstId(): StreamId {
    let first = ID_MIN;
    this.visit(ID_MIN, ID_MAX, (reader) => {
      first = reader.id();
      return false;
    });
    return first;
  }

  /** 0-0 if there is none. */
  lastId(): StreamId {
    let last = ID_MIN;
    this.visitBackwards(ID_MIN, ID_MAX, (reader) => {
      last = reader.id();
      return false;
    });
    return last;
  }

  /** The entries from `start` to `end`, both inclusive, until the visitor gives false. */
  visit(start: StreamId, end: StreamId, visitor: (reader: StreamReader) => boolean): void {
    if (this.length === 0 || start > end) return;
    const place = this.blocks.find(start);
    let isBehindStart = false;
    do {
      const reader = new StreamReader(this.blocks.at(place));
      reader.toFirst();
      do {
        if (!isBehindStart) {
          if (reader.compare(start) < 0) continue;
          isBehindStart = true;
        }
        if (reader.isDeleted) continue;
        if (reader.compare(end) > 0 || !visitor(reader)) return;
      } while (reader.toNext());
    } while (this.blocks.toNext(place));
  }

  /** The same from `end` to `start`. */
  visitBackwards(start: StreamId, end: StreamId, visitor: (reader: StreamReader) => boolean): void {
    if (this.length === 0 || start > end) return;
    const place = this.blocks.find(end);
    let isBeforeEnd = false;
    do {
      const reader = new StreamReader(this.blocks.at(place));
      reader.toLast();
      do {
        if (!isBeforeEnd) {
          if (reader.compare(end) > 0) continue;
          isBeforeEnd = true;
        }
        if (reader.isDeleted) continue;
        if (reader.compare(start) < 0 || !visitor(reader)) return;
      } while (reader.toPrevious());
    } while (this.blocks.toPrevious(place));
  }

  /** False if it is not there. */
  delete(id: StreamId): boolean {
    if (this.blocks.count === 0) return false;
    const place = this.blocks.find(id);
    const block = this.blocks.at(place);
    const reader = findIn(block, id);
    if (reader === undefined) return false;
    this.length -= 1;
    if (block.liveCount === 1) {
      this.heldBytes -= BLOCK_BYTES + block.byteCount;
      this.blocks.remove(place);
      return true;
    }
    this.heldBytes -= block.byteCount;
    markDeleted(block, [reader.at]);
    this.heldBytes += block.byteCount;
    return true;
  }

  /** Removes whole blocks from the left, then the first entries of the block that is first then. */
  trim(blockCount: number, entryCount: number): void {
    let left = blockCount;
    for (const block of this.blocks) {
      if (left === 0) break;
      left -= 1;
      this.length -= block.liveCount;
      this.heldBytes -= BLOCK_BYTES + block.byteCount;
    }
    this.blocks.removeLeft(blockCount);
    if (entryCount > 0) this.#trimFirst(entryCount);
  }

  #trimFirst(entryCount: number): void {
    const block = this.blocks.first();
    assert(block !== undefined && entryCount <= block.liveCount, "what a trim takes is there");
    const places: number[] = [];
    const reader = new StreamReader(block);
    reader.toFirst();
    do {
      if (!reader.isDeleted) places.push(reader.at);
    } while (places.length < entryCount && reader.toNext());
    this.heldBytes -= block.byteCount;
    markDeleted(block, places);
    this.heldBytes += block.byteCount;
    this.length -= entryCount;
  }
}

function findIn(block: StreamBlock, id: StreamId): StreamReader | undefined {
  const reader = new StreamReader(block);
  reader.toFirst();
  do {
    const order = reader.compare(id);
    if (order === 0) return reader.isDeleted ? undefined : reader;
    if (order > 0) return undefined;
  } while (reader.toNext());
  return undefined;
}
