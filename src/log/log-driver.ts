/**
 * `LogDriver`: where records live. Durable means: `append` resolved.
 *
 * - Records have consecutive sequences from 1; one append is in flight at a time (the appender's
 *   promise; drivers assert it).
 * - A rejected append is fatal to the process unless it is a LogFenced (another writer owns the
 * log).
 * - `read` gives every durable record once, in order, verified (CRC, chain, sequence, epoch), or
 *   throws LogDamaged with file, offset and what to do. It never skips.
 */
import type { BlockCipher } from "../runtime/cipher.ts";

export interface LogTail {
  /** 0 when the log is empty. */
  readonly sequence: number;
  /** Hash of the newest record, which the next one must name. 32 bytes; zeros when empty. */
  readonly chain: Buffer;
  readonly epoch: number;
}

export interface TornTail {
  readonly file: string;
  readonly offset: number;
  readonly bytesCut: number;
  /** Where the cut bytes were kept. */
  readonly keptAs: string;
}

export interface StoredRecord {
  readonly sequence: number;
  readonly epoch: number;
  /** When it was sealed, by the writer's clock; 0 where the log is older than times. */
  readonly timeMs: number;
  /** The units' bytes (`keyspace/effect-codec.ts` decodes them). */
  readonly payload: Buffer;
  readonly unitCount: number;
}

export interface ReadProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly recordsDone: number;
}

/** What a reader of records must know of encryption. */
export interface RecordKeys {
  /** Undefined where nothing can be opened, because nothing is sealed. */
  readonly cipher: BlockCipher | undefined;
  /** No record from this sequence on may be plain, or whoever can write files could forge one. */
  readonly sealedFrom: number;
}

/** The keys of a folder. */
export interface LogKeys extends RecordKeys {
  /** Once the folder is held and before anything is read or changed; throws why it may not be. */
  open(): Promise<void>;
}

/** `on the loop`: the disk is believed to take less time than a thread's turn would. */
export type Waits = "on the loop" | "aside";

export interface LogDriver {
  readonly name: "memory" | "file";
  /**
   * Takes the log for this process (a second one is refused with LogHeld, which says who holds it),
   * reads and verifies everything, calling `visit` for each record in order, cuts a torn tail.
   * With `from` it begins behind that record, which a snapshot has, and which must be in the log or
   * right before it.
   */
  open(
    visit: (record: StoredRecord, progress: ReadProgress) => void | Promise<void>,
    from?: LogTail,
  ): Promise<{ readonly tail: LogTail; readonly torn: TornTail | undefined }>;
  /**
   * One whole framed record (`record-format.ts`); resolves once it is durable. `waits` is advice:
   * a driver that cannot hold the event loop, or must make room first, waits aside.
   */
  append(sequence: number, record: Buffer, waits?: Waits): Promise<void>;
  /** Why no more should be appended soon; an append without room waits until there is some. */
  readonly shortage: string | undefined;
  /** Called for a failure away from an append, which is as fatal. */
  onFailure(listener: (reason: unknown) => void): void;
  /** Flushes nothing (all is durable), releases the log. */
  close(): Promise<void>;
}

export class LogHeld extends Error {
  override readonly name = "LogHeld";
}
export class LogDamaged extends Error {
  override readonly name = "LogDamaged";
  /** Where, if it is a place in a file. */
  readonly place:
    | { readonly file: string; readonly offset: number; readonly what: string }
    | undefined;
  constructor(message: string, place?: LogDamaged["place"]) {
    super(message);
    this.place = place;
  }
}
/** Sound, but not for these settings; the message says which. */
export class LogUnfit extends Error {
  override readonly name = "LogUnfit";
}
export class LogFenced extends Error {
  override readonly name = "LogFenced";
}
