/**
 * What crosses to the native sockets and back: all that could be read in a turn of the event loop
 * in one call, and all that is to be sent at its end in one.
 *
 * - A chunk is for the socket that had its slot when it was read, by the generation: one that
 *   was closed since gets nothing, and neither does who has its slot now.
 * - What is queued is a copy, and leaves in a microtask of the turn, or before its socket closes.
 * Next in the flow: `BatchedSocket`.
 */
import type { SocketSet } from "./native-addon.ts";
import { CHUNK_ALIGNMENT, ROW_WORDS, type SocketAddon } from "./network-socket-set.ts";

export const INPUT_BYTES = 1024 * 1024;
/** Delivered at once; replies leave before more is read. */
export const CHUNKS_MAX = 16;
const OUTPUT_BYTES = 1024 * 1024;
const SENDS_MAX = 1024;
/** More goes through node, which need not copy it. */
export const SEND_BYTES_MAX = 128 * 1024;
/** Most commands are short, and in the same place as long as the last: their views are kept. */
const KEPT_VIEW_BYTES_MAX = 1024;

export interface BatchMember {
  readonly slot: number;
  readonly generation: number;
  /** Lent for the length of the call. */
  received(chunk: Buffer): void;
  /** The end of the stream, or an error: it is not read any more. */
  stopped(): void;
  /** A copy of what the kernel did not take; also all that was queued after it. */
  sentInPart(rest: Buffer): void;
}

export class NetworkBatch {
  readonly set: SocketSet;
  readonly #input: Buffer;
  readonly #chunks: Uint32Array;
  readonly #output: Buffer;
  readonly #sends: Uint32Array;
  readonly #views: (Buffer | undefined)[];
  readonly #name: Uint32Array;
  /** By slot. */
  readonly #members: (BatchMember | undefined)[];
  /** Who sends, and how much, by row. */
  readonly #senders: BatchMember[];
  readonly #sendBytes: Uint32Array;
  #sendCount: number;
  #outputBytes: number;

  constructor(addon: SocketAddon) {
    this.#input = Buffer.allocUnsafeSlow(INPUT_BYTES);
    this.#chunks = new Uint32Array(CHUNKS_MAX * ROW_WORDS);
    this.#output = Buffer.allocUnsafeSlow(OUTPUT_BYTES);
    this.#sends = new Uint32Array(SENDS_MAX * ROW_WORDS);
    this.#views = [];
    this.#name = new Uint32Array(2);
    this.#members = [];
    this.#senders = [];
    this.#sendBytes = new Uint32Array(SENDS_MAX);
    this.#sendCount = 0;
    this.#outputBytes = 0;
    this.set = addon.createSet(this.#input, this.#chunks, this.#output, this.#sends, (chunkCount) =>
      this.#deliver(chunkCount),
    );
  }

  /** Undefined where the system refuses. */
  add<Member extends BatchMember>(
    descriptor: number,
    create: (slot: number, generation: number) => Member,
  ): Member | undefined {
    if (this.set.add(descriptor, this.#name) !== 0) return undefined;
    const [slot, generation] = this.#name;
    const member = create(slot, generation);
    this.#members[slot] = member;
    return member;
  }

  /** Before the descriptor is closed. */
  remove({ slot, generation }: BatchMember): void {
    if (this.#members[slot]?.generation === generation) this.#members[slot] = undefined;
    this.set.remove(slot, generation);
  }

  /** False if that is too much to copy. */
  queue(sender: BatchMember, bytes: Uint8Array): boolean {
    const byteCount = bytes.length;
    if (byteCount > SEND_BYTES_MAX) return false;
    if (this.#sendCount === SENDS_MAX || this.#outputBytes + byteCount > OUTPUT_BYTES) this.flush();
    const index = this.#sendCount;
    if (index === 0) queueMicrotask(this.#flushLater);
    this.#output.set(bytes, this.#outputBytes);
    const row = index * ROW_WORDS;
    this.#sends[row] = sender.slot;
    this.#sends[row + 1] = sender.generation;
    this.#sends[row + 2] = this.#outputBytes;
    this.#sends[row + 3] = byteCount;
    this.#senders[index] = sender;
    this.#sendBytes[index] = byteCount;
    this.#outputBytes += byteCount;
    this.#sendCount = index + 1;
    return true;
  }

  /** Sends what is queued, now. */
  flush(): void {
    const count = this.#sendCount;
    if (count === 0) return;
    this.#sendCount = 0;
    this.#outputBytes = 0;
    if (this.set.send(count) === 0) return;
    for (let index = 0; index < count; index += 1) {
      const row = index * ROW_WORDS;
      const taken = this.#sends[row + 3];
      const byteCount = this.#sendBytes[index];
      if (taken === byteCount) continue;
      const offset = this.#sends[row + 2];
      this.#senders[index].sentInPart(
        Buffer.from(this.#output.subarray(offset + taken, offset + byteCount)),
      );
    }
  }

  readonly #flushLater = (): void => this.flush();

  #deliver(chunkCount: number): void {
    const chunks = this.#chunks;
    for (let index = 0; index < chunkCount; index += 1) {
      const row = index * ROW_WORDS;
      const member = this.#members[chunks[row]];
      if (member === undefined || member.generation !== chunks[row + 1]) continue;
      const byteCount = chunks[row + 3];
      if (byteCount > 0) member.received(this.#viewOf(chunks[row + 2], byteCount));
      else member.stopped();
    }
  }

  #viewOf(offset: number, byteCount: number): Buffer {
    const place = offset / CHUNK_ALIGNMENT;
    const kept = this.#views[place];
    if (kept !== undefined && kept.length === byteCount) return kept;
    const view = this.#input.subarray(offset, offset + byteCount);
    if (byteCount <= KEPT_VIEW_BYTES_MAX) this.#views[place] = view;
    return view;
  }
}
