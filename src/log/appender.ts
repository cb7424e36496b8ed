/**
 * Group commit: whatever arrives while an append is in flight becomes the next record.
 *
 * - One append is in flight at a time; a unit is encoded at once into the record being gathered, in
 *   place, and never split. A record is closed when it passes `recordBytesTarget`.
 * - The chain's hash of a record is computed while the disk writes it: only the next one needs it.
 * - With a cipher the payload is sealed in place, a large one in slices over turns of the loop.
 * - After a failure nothing is appended or acknowledged any more; the process ends (`node/`).
 */
import { assert } from "../base/assert.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import { limits } from "../base/limits.ts";
import type { Effect } from "../keyspace/effect.ts";
import { encodeEffect } from "../keyspace/effect-codec.ts";
import { SEAL_HEAD_BYTES, SEAL_TAIL_BYTES, type SlicedCipher } from "../runtime/cipher.ts";
import { failpoint, isPlanted } from "../runtime/failpoint.ts";
import { sha256 } from "../runtime/hashing.ts";
import type { EffectSink } from "./effect-sink.ts";
import { GatheringPace } from "./gathering-pace.ts";
import type { LogDriver, LogTail, Waits } from "./log-driver.ts";
import {
  CHAIN_START,
  RECORD_HEADER_BYTES,
  RECORD_TRAILER_BYTES,
  RecordKind,
  recordBytes,
  sealContext,
  writeHeader,
  writeTrailer,
} from "./record-format.ts";
import { WaitingPlace } from "./waiting-place.ts";

const GATHER_BYTES_AT_FIRST = 64 * 1024;
/** A record's memory is used again unless one large unit made it grow beyond this. */
const REUSED_BYTES_MAX = 4 * 1024 * 1024;
const PLANTED_DELAY_MS = 30;
const NOT_CLAIMED = "the log has not been claimed yet";

interface GatheredRecord {
  readonly sequence: number;
  readonly writer: ByteWriter;
  unitCount: number;
}

interface Drain {
  readonly sequence: number;
  resolve(): void;
  reject(reason: Error): void;
}

export interface AppenderOptions {
  readonly driver: Pick<LogDriver, "append" | "shortage" | "onFailure">;
  readonly shard: number;
  /** 8 random bytes, which with the sequence make the record's id. */
  readonly writerId: Buffer;
  /** `Timers.soon`: lets everything that has arrived join before a record is closed. */
  readonly soon: (run: () => void) => void;
  readonly monotonicMs: () => number;
  /** What records say of when they were sealed. */
  readonly nowMs: () => number;
  /** Only the planted bug waits. */
  readonly after?: (delayMs: number, run: () => void) => void;
}

export class Appender implements EffectSink {
  durableSequence = 0;
  appliedSequence = 0;
  /** Counted since the start, for INFO. */
  recordCount = 0;
  recordsOnLoop = 0;
  appendedBytes = 0;
  readonly #options: AppenderOptions;
  readonly #pace: GatheringPace;
  readonly #place: WaitingPlace;
  #epoch = 0;
  #cipher: SlicedCipher | undefined;
  #chain: Buffer = CHAIN_START;
  #gathering: GatheredRecord;
  readonly #closed: GatheredRecord[] = [];
  #spareWriter: ByteWriter | undefined;
  #isOpen = false;
  #isInFlight = false;
  #isScheduled = false;
  #failure: Error | undefined;
  readonly #durableListeners: ((sequence: number) => void)[] = [];
  readonly #failureListeners: ((reason: Error) => void)[] = [];
  #drains: Drain[] = [];
  #waiterCount: () => number = () => 0;

  constructor(options: AppenderOptions) {
    this.#options = options;
    this.#pace = new GatheringPace(options.monotonicMs);
    this.#place = new WaitingPlace();
    this.#gathering = newRecord(1, undefined, undefined);
    options.driver.onFailure(this.#fail);
  }

  get epoch(): number {
    return this.#epoch;
  }

  get refusal(): string | undefined {
    return this.#options.driver.shortage ?? (this.#isOpen ? undefined : NOT_CLAIMED);
  }

  /** The record that the next unit goes into. */
  get gatheringSequence(): number {
    return this.#gathering.sequence;
  }

  /** Bytes that were executed and are not durable yet. */
  get pendingBytes(): number {
    let bytes = this.#gathering.writer.length - headBytes(this.#cipher);
    for (const record of this.#closed) bytes += record.writer.length;
    return bytes;
  }

  /** Goes on behind what was read back, all of which is durable; reads may begin. */
  continueFrom(tail: LogTail): void {
    assert(!this.#isOpen && !this.#isInFlight, "a claim comes once, before units");
    this.#epoch = tail.epoch;
    this.#chain = tail.chain;
    this.durableSequence = tail.sequence;
    this.appliedSequence = tail.sequence;
  }

  /**
   * Becomes primary behind what was read back: appends the claim, a record that opens the next
   * epoch. Before it resolves no unit may come. With `cipher` it and all behind it are encrypted.
   */
  async claim(tail: LogTail, cipher?: SlicedCipher): Promise<void> {
    this.continueFrom(tail);
    this.#cipher = cipher;
    this.#epoch = tail.epoch + 1;
    this.appliedSequence = tail.sequence + 1;
    this.#closed.push(newRecord(tail.sequence + 1, cipher, undefined));
    this.#gathering = newRecord(tail.sequence + 2, cipher, undefined);
    this.#send();
    await this.drain();
    this.#isOpen = true;
  }

  appendUnit(effects: readonly Effect[]): number {
    assert(this.#isOpen, "the log was read back and claimed");
    if (effects.length > 1 && isPlanted("planted.split-unit")) {
      this.appendUnit(effects.slice(0, 1));
      this.#close(this.#gathering);
      return this.appendUnit(effects.slice(1));
    }
    const record = this.#gathering;
    const writer = record.writer;
    writer.u32(effects.length);
    for (const effect of effects) encodeEffect(writer, effect);
    record.unitCount += 1;
    this.appliedSequence = record.sequence;
    if (writer.length >= limits.recordBytesTarget) this.#close(record);
    this.#schedule();
    return record.sequence;
  }

  endRecord(): number {
    if (this.#gathering.unitCount > 0) {
      this.#close(this.#gathering);
      this.#schedule();
    }
    return this.appliedSequence;
  }

  #close(record: GatheredRecord): void {
    this.#closed.push(record);
    this.#gathering = newRecord(record.sequence + 1, this.#cipher, undefined);
  }

  onDurable(listener: (sequence: number) => void): void {
    this.#durableListeners.push(listener);
  }

  askWaiterCount(waiterCount: () => number): void {
    this.#waiterCount = waiterCount;
  }

  onFailure(listener: (reason: Error) => void): void {
    this.#failureListeners.push(listener);
  }

  drain(): Promise<void> {
    const sequence = this.appliedSequence;
    if (this.durableSequence >= sequence) return Promise.resolve();
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => this.#drains.push({ sequence, resolve, reject }));
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isInFlight) return;
    this.#isScheduled = true;
    this.#options.soon(this.#sendScheduled);
  }

  readonly #sendScheduled = (): void => {
    if (this.#closed.length === 0 && this.#shouldGather()) {
      this.#options.soon(this.#sendScheduled);
      return;
    }
    this.#isScheduled = false;
    this.#send();
  };

  #shouldGather(): boolean {
    const { unitCount, writer } = this.#gathering;
    if (this.#place.isQuick && this.#pace.isStillReading(unitCount)) return true;
    return !this.#isOnLoop(this.#gathering) && this.#pace.shouldWait(unitCount, writer.length);
  }

  #isOnLoop({ unitCount, writer }: GatheredRecord): boolean {
    return this.#place.isOnLoop(this.#waiterCount(), unitCount, writer.length);
  }

  #send(): void {
    if (this.#isInFlight || this.#failure !== undefined) return;
    let record = this.#closed.shift();
    if (record === undefined) {
      if (this.#gathering.unitCount === 0) return;
      record = this.#gathering;
      this.#gathering = newRecord(record.sequence + 1, this.#cipher, this.#spareWriter);
      this.#spareWriter = undefined;
    }
    this.#isInFlight = true;
    this.#sealOn(record, this.#sealing(record));
  }

  /** In one go, or for a record of many slices a slice in each turn of the event loop. */
  #sealOn(record: GatheredRecord, sealing: Generator<undefined, Buffer>): void {
    const step = sealing.next();
    if (step.done === true) this.#write(record, step.value);
    else this.#options.soon(() => this.#sealOn(record, sealing));
  }

  #write(record: GatheredRecord, bytes: Buffer): void {
    this.#pace.sent();
    if (isPlanted("planted.reply-before-durable")) {
      this.#sendTooLate(record, bytes);
      return;
    }
    this.#append(record, bytes).then(() => this.#becameDurable(record), this.#fail);
    this.#chain = sha256(bytes);
  }

  /** An append that throws at once is as fatal as one that fails later. */
  async #append(record: GatheredRecord, bytes: Buffer): Promise<void> {
    const isOnLoop = this.#isOnLoop(record);
    const waits: Waits = isOnLoop ? "on the loop" : "aside";
    const startMs = this.#options.monotonicMs();
    const appended = this.#options.driver.append(record.sequence, bytes, waits);
    failpoint("appender.sent");
    await appended;
    failpoint("appender.durable");
    if (isOnLoop) this.recordsOnLoop += 1;
    this.#place.took(this.#options.monotonicMs() - startMs, isOnLoop);
  }

  *#sealing(record: GatheredRecord): Generator<undefined, Buffer> {
    const writer = record.writer;
    const cipher = this.#cipher;
    writer.skip((cipher === undefined ? 0 : SEAL_TAIL_BYTES) + RECORD_TRAILER_BYTES);
    const bytes = writer.written();
    const payloadLength = bytes.length - recordBytes(0);
    writeHeader(bytes, {
      kind: record.unitCount === 0 ? RecordKind.claim : RecordKind.units,
      shard: this.#options.shard,
      keyId: cipher?.keyId ?? 0,
      epoch: this.#epoch,
      sequence: record.sequence,
      unitCount: record.unitCount,
      payloadLength,
      writer: this.#options.writerId,
      timeMs: Math.max(0, Math.floor(this.#options.nowMs())),
      previous: this.#chain,
    });
    const payload = bytes.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + payloadLength);
    if (cipher !== undefined) yield* cipher.sealInPlace(payload, sealContext(bytes));
    writeTrailer(bytes);
    return bytes;
  }

  #becameDurable(record: GatheredRecord): void {
    if (this.#failure !== undefined) return;
    this.#finish(record);
    this.#pace.durable(record.unitCount, this.#gathering.unitCount);
    this.#announce(record.sequence);
    this.#sendNext();
  }

  #finish(record: GatheredRecord): void {
    this.#isInFlight = false;
    this.recordCount += 1;
    this.appendedBytes += record.writer.length;
    if (record.writer.capacity <= REUSED_BYTES_MAX) this.#spareWriter = record.writer;
  }

  #announce(sequence: number): void {
    this.durableSequence = sequence;
    for (const listener of this.#durableListeners) listener(sequence);
    if (this.#drains.length === 0) return;
    const waiting = this.#drains;
    this.#drains = waiting.filter((drain) => drain.sequence > sequence);
    for (const drain of waiting) if (drain.sequence <= sequence) drain.resolve();
  }

  #sendNext(): void {
    if (this.#closed.length > 0) this.#send();
    else if (this.#gathering.unitCount > 0) this.#schedule();
  }

  readonly #fail = (reason: unknown): void => {
    if (this.#failure !== undefined) return;
    this.#failure = reason instanceof Error ? reason : new Error(String(reason));
    for (const listener of this.#failureListeners) listener(this.#failure);
    for (const drain of this.#drains) drain.reject(this.#failure);
  };

  /** The planted bug: tells everybody at once, and writes a little later. */
  #sendTooLate(record: GatheredRecord, bytes: Buffer): void {
    this.#chain = sha256(bytes);
    this.#options.soon(() => this.#announce(record.sequence));
    this.#options.after?.(PLANTED_DELAY_MS, () => {
      this.#append(record, bytes).then(() => {
        this.#finish(record);
        this.#sendNext();
      }, this.#fail);
    });
  }
}

/** What stands before a record's units. */
function headBytes(cipher: SlicedCipher | undefined): number {
  return RECORD_HEADER_BYTES + (cipher === undefined ? 0 : SEAL_HEAD_BYTES);
}

function newRecord(
  sequence: number,
  cipher: SlicedCipher | undefined,
  spare: ByteWriter | undefined,
): GatheredRecord {
  const writer = spare ?? new ByteWriter(GATHER_BYTES_AT_FIRST);
  writer.clear();
  writer.skip(headBytes(cipher));
  return { sequence, writer, unitCount: 0 };
}
