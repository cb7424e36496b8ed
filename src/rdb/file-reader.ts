/**
 * A dump.rdb, key by key, in memory as large as its largest value: however long the file is.
 *
 *   REDIS and four digits, then entries, 255, checksum of all before it (from version 5 on)
 *   entry = opcode and what belongs to it, or type, key and value
 * An entry is decoded from a window of the file. One that goes on behind the window is begun again
 * with a larger one, twice the size each time, so that all of it costs no more than twice. What is
 * wrong is an RdbFileBad that says where.
 */
import { MalformedBytes } from "../base/byte-reader.ts";
import { limits } from "../base/limits.ts";
import type { RestoredValue } from "../keyspace/effect.ts";
import { CRC64_BYTES, Crc64 } from "./crc64.ts";
import { decodeValue } from "./decode-value.ts";
import { Opcode, RDB_VERSION_MAX } from "./format.ts";
import { skipModuleData } from "./module-data.ts";
import { BytesMissing, RdbReader, ValueTooLarge } from "./reader.ts";

const MAGIC = "REDIS";
const HEADER_BYTES = 9;
const CHECKSUM_VERSION_MIN = 5;
const WINDOW_BYTES = 1024 * 1024;
/** More than the largest value and what is declared around it. */
const WINDOW_BYTES_MAX = 2 * limits.restoredBytesMax;
const BATCH_KEYS_MAX = 256;

export interface RdbSource {
  /** Fills `into` from `offset`; how many bytes came, fewer only at the end. */
  read(into: Uint8Array, offset: number): Promise<number>;
}

export interface RdbKey {
  readonly database: number;
  readonly key: string;
  readonly value: RestoredValue;
  /** Absolute, 0 for none; it may have passed. */
  readonly expiryMs: number;
}

export class RdbFileBad extends Error {
  override readonly name = "RdbFileBad";
}

export class RdbFileReader {
  version = 0;
  /** Libraries of functions, which are left out. */
  functionCount = 0;
  /** What modules keep beside keys, left out too. */
  moduleDataCount = 0;
  /** Collections without elements, which Redis does not load either. */
  emptyCount = 0;
  /** False if the file was written with `rdbchecksum no`. */
  hasChecksum = false;
  readonly #source: RdbSource;
  readonly #byteCount: number;
  readonly #checksum = new Crc64();
  #window = Buffer.alloc(0);
  /** In the file. */
  #windowAt = 0;
  #start = 0;
  #neededBytes = HEADER_BYTES;
  #database = 0;
  #expiryMs = 0;
  #isEnded = false;
  #keyName = "";

  constructor(source: RdbSource, byteCount: number) {
    this.#source = source;
    this.#byteCount = byteCount;
  }

  /** How much of the file was read. */
  get bytesDone(): number {
    return this.#windowAt + this.#start;
  }

  /** The next keys; undefined behind the last, when the checksum was found to be right. */
  async nextKeys(): Promise<readonly RdbKey[] | undefined> {
    while (!this.#isEnded) {
      const keys = this.#decodeWindow();
      if (keys.length > 0) return keys;
      if (!this.#isEnded) await this.#fill();
    }
    return undefined;
  }

  #decodeWindow(): RdbKey[] {
    const keys: RdbKey[] = [];
    while (keys.length < BATCH_KEYS_MAX && !this.#isEnded) {
      const reader = new RdbReader(this.#window.subarray(this.#start));
      this.#keyName = "";
      try {
        if (this.version === 0) this.#readHeader(reader);
        else this.#readEntry(reader, keys);
      } catch (failure) {
        if (!(failure instanceof BytesMissing)) throw this.#bad(failure);
        if (this.bytesDone + failure.neededBytes > this.#byteCount) throw this.#bad(failure);
        this.#neededBytes = failure.neededBytes;
        break;
      }
      this.#checksum.update(this.#window, this.#start, this.#start + reader.offset);
      this.#start += reader.offset;
    }
    return keys;
  }

  #readHeader(reader: RdbReader): void {
    const header = reader.raw(HEADER_BYTES).latin1Slice(0, HEADER_BYTES);
    const digits = header.slice(MAGIC.length);
    if (!header.startsWith(MAGIC) || !/^\d{4}$/.test(digits)) {
      throw new MalformedBytes("this is no file of Redis's format, which begins with REDIS");
    }
    const version = Number(digits);
    if (version < 1 || version > RDB_VERSION_MAX) {
      throw new MalformedBytes(`version ${version} of the format is not known here`);
    }
    this.version = version;
  }

  #readEntry(reader: RdbReader, keys: RdbKey[]): void {
    const type = reader.u8();
    if (type >= Opcode.slotInfo) {
      this.#readOpcode(type, reader);
      return;
    }
    const key = reader.text();
    this.#keyName = key;
    const value = decodeValue(type, reader);
    if (value === undefined) this.emptyCount += 1;
    else keys.push({ database: this.#database, key, value, expiryMs: this.#expiryMs });
    this.#expiryMs = 0;
  }

  #readOpcode(opcode: number, reader: RdbReader): void {
    switch (opcode) {
      case Opcode.database:
        this.#database = reader.length();
        break;
      case Opcode.expiryMs:
        this.#expiryMs = expiryOf(reader.i64());
        break;
      case Opcode.expirySeconds:
        this.#expiryMs = expiryOf((reader.u32() | 0) * 1000);
        break;
      case Opcode.idle:
      case Opcode.frequency:
        // How long ago, or how often, it was used: the log has no place for that.
        if (opcode === Opcode.idle) reader.length();
        else reader.u8();
        break;
      case Opcode.resize:
        reader.length();
        reader.length();
        break;
      case Opcode.slotInfo:
        for (let left = 3; left > 0; left -= 1) reader.length();
        break;
      case Opcode.auxiliary:
        reader.blob();
        reader.blob();
        break;
      case Opcode.functionLibrary:
        reader.blob();
        this.functionCount += 1;
        break;
      case Opcode.moduleAuxiliary:
        skipModuleData(reader);
        this.moduleDataCount += 1;
        break;
      case Opcode.end:
        this.#readEnd(reader);
        break;
      default:
        reader.fail("functions in the form of a candidate of Redis 7.0, which nobody reads,");
    }
  }

  #readEnd(reader: RdbReader): void {
    let trailing = this.#byteCount - this.bytesDone - 1;
    if (this.version >= CHECKSUM_VERSION_MIN) {
      const stored = reader.raw(CRC64_BYTES);
      trailing -= CRC64_BYTES;
      this.hasChecksum = stored.some((byte) => byte !== 0);
      this.#checksum.update(this.#window, this.#start, this.#start + 1);
      if (this.hasChecksum && !this.#checksum.equals(stored, 0)) {
        throw new MalformedBytes("the checksum says that the file was changed or damaged");
      }
    }
    if (trailing !== 0) throw new MalformedBytes(`${trailing} bytes follow behind its end`);
    this.#isEnded = true;
  }

  /** More bytes behind those that were not taken yet. */
  async #fill(): Promise<void> {
    const kept = this.#window.subarray(this.#start);
    const left = this.#byteCount - this.bytesDone;
    const wanted = Math.max(WINDOW_BYTES, this.#neededBytes, kept.length * 2);
    if (this.#neededBytes > WINDOW_BYTES_MAX) {
      throw this.#bad(new ValueTooLarge("it is larger than a value may be"));
    }
    const window = Buffer.allocUnsafeSlow(Math.min(wanted, left));
    kept.copy(window);
    this.#windowAt += this.#start;
    this.#start = 0;
    const rest = window.subarray(kept.length);
    const count = await this.#source.read(rest, this.#windowAt + kept.length);
    this.#window = window;
    if (count < rest.length || rest.length === 0) {
      throw this.#bad(new MalformedBytes("the file is shorter than it was"));
    }
  }

  #bad(failure: unknown): unknown {
    if (!(failure instanceof MalformedBytes || failure instanceof ValueTooLarge)) return failure;
    const key = this.#keyName === "" ? "" : ` (key ${JSON.stringify(this.#keyName.slice(0, 100))})`;
    const what = failure instanceof BytesMissing ? "the file is cut off" : failure.message;
    return new RdbFileBad(`in what begins at byte ${this.bytesDone}${key}: ${what}`);
  }
}

/** 0 means none, so that a time at or before the beginning is one just behind it. */
function expiryOf(timeMs: number): number {
  return Math.min(Math.max(timeMs, 1), Number.MAX_SAFE_INTEGER);
}
