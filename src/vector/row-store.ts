/**
 * The event loop's side of the rows: which slot a document's vector has, which slots are live.
 *
 * A slot that was freed rests until nobody can be reading it: until every search that was asked
 * before the removal was answered. So threads read rows without locks. Snapshots of bitmaps are
 * shared memory, made at most once between two changes.
 */
import { assert } from "../base/assert.ts";
import { Bitmap } from "../base/bitmap.ts";
import { inverseNorm } from "./distance-kernels.ts";
import { isStoredAsGiven, RowBlocks } from "./row-blocks.ts";
import { decodeInto } from "./vector-codec.ts";
import type { VectorParameters } from "./vector-index.ts";

const NONE = -1;

interface RestingSlot {
  readonly slot: number;
  /** The newest request at the time; it and all before it must have been answered. */
  readonly request: number;
}

export class RowStore {
  readonly blocks: RowBlocks;
  /** Slots. */
  readonly live: Bitmap;
  readonly #parameters: VectorParameters;
  readonly #takeBlock: () => WebAssembly.Memory | null;
  readonly #memories: WebAssembly.Memory[];
  readonly #blockBytes: Uint8Array[];
  #slots: Int32Array;
  #slotEnd: number;
  #resting: RestingSlot[];
  #restingHead: number;

  constructor(parameters: VectorParameters, takeBlock: () => WebAssembly.Memory | null) {
    this.blocks = new RowBlocks(parameters);
    this.live = new Bitmap();
    this.#parameters = parameters;
    this.#takeBlock = takeBlock;
    this.#memories = [];
    this.#blockBytes = [];
    this.#slots = new Int32Array(1024).fill(NONE);
    this.#slotEnd = 0;
    this.#resting = [];
    this.#restingHead = 0;
  }

  get usedBytes(): number {
    return (
      this.blocks.usedBytes(this.#slotEnd) + this.#slots.byteLength + this.live.words.byteLength
    );
  }

  /** For others to use; nothing may be added or read any more. */
  takeBlocks(): readonly WebAssembly.Memory[] {
    return this.#memories.splice(0);
  }

  /** -1 when the document has no vector here. */
  slotOf(id: number): number {
    return id < this.#slots.length ? this.#slots[id] : NONE;
  }

  /** `oldestRequest` is the oldest one that is not answered. False where memory is lacking. */
  add(id: number, vector: Buffer, oldestRequest: number): boolean {
    assert(this.slotOf(id) === NONE, "an id is added once");
    const slot = this.#freeSlot(oldestRequest);
    if (slot === NONE) return false;
    this.#writeRow(slot, id, vector);
    if (id >= this.#slots.length) this.#growSlots(id + 1);
    this.#slots[id] = slot;
    this.live.add(slot);
    return true;
  }

  /** Whether the document had a vector. */
  remove(id: number, newestRequest: number): boolean {
    const slot = this.slotOf(id);
    if (slot === NONE) return false;
    this.#slots[id] = NONE;
    this.live.remove(slot);
    this.#resting.push({ slot, request: newestRequest });
    return true;
  }

  /** NONE without memory for another block. */
  #freeSlot(oldestRequest: number): number {
    const resting = this.#resting[this.#restingHead];
    if (resting !== undefined && resting.request < oldestRequest) {
      this.#restingHead += 1;
      if (this.#restingHead >= 4096 && this.#restingHead * 2 > this.#resting.length) {
        this.#resting = this.#resting.slice(this.#restingHead);
        this.#restingHead = 0;
      }
      return resting.slot;
    }
    if (this.#slotEnd === this.blocks.capacity && !this.#addBlock()) return NONE;
    this.#slotEnd += 1;
    return this.#slotEnd - 1;
  }

  #addBlock(): boolean {
    const memory = this.#takeBlock();
    if (memory === null) return false;
    this.#memories.push(memory);
    this.blocks.append(memory);
    this.#blockBytes.push(new Uint8Array(memory.buffer));
    return true;
  }

  #writeRow(slot: number, id: number, vector: Buffer): void {
    const { dimensions, rowShift, rowMask } = this.blocks;
    const block = slot >>> rowShift;
    const row = slot & rowMask;
    const { type } = this.#parameters;
    const values = this.blocks.values[block];
    if (isStoredAsGiven(type)) this.#blockBytes[block].set(vector, row * vector.length);
    else decodeInto(type, vector, values, row * dimensions);
    this.blocks.ids[block][row] = id;
    this.blocks.inverseNorms[block][row] = inverseNorm(values, row * dimensions, dimensions);
  }

  #growSlots(count: number): void {
    const grown = new Int32Array(Math.max(count, this.#slots.length * 2)).fill(NONE);
    grown.set(this.#slots);
    this.#slots = grown;
  }
}
