/**
 * A dump.rdb, written piece by piece: whoever writes keys takes what there is, and puts it at the
 * end of the file, before it grows large.
 */
import type { RestoredValue } from "../keyspace/effect.ts";
import { CRC64_BYTES, Crc64 } from "./crc64.ts";
import { encodeValue, formOf } from "./encode-value.ts";
import { Opcode } from "./format.ts";
import { RdbWriter } from "./writer.ts";

export class RdbFileWriter {
  readonly #writer = new RdbWriter();
  readonly #checksum = new Crc64();

  /** `version` is the highest that `formOf` says of any value; `facts` are for people. */
  constructor(version: number, facts: Readonly<Record<string, string>>) {
    this.#writer.raw(`REDIS${String(version).padStart(4, "0")}`);
    for (const [name, fact] of Object.entries(facts)) {
      this.#writer.u8(Opcode.auxiliary);
      this.#writer.string(name);
      this.#writer.string(fact);
    }
  }

  get pendingBytes(): number {
    return this.#writer.length;
  }

  /** The counts are hints to the reader. */
  beginDatabase(database: number, keyCount: number, expiringCount: number): void {
    this.#writer.u8(Opcode.database);
    this.#writer.count(database);
    this.#writer.u8(Opcode.resize);
    this.#writer.count(keyCount);
    this.#writer.count(expiringCount);
  }

  /** `expiryMs` is absolute, 0 for none. */
  key(key: string, value: RestoredValue, expiryMs: number): void {
    if (expiryMs !== 0) {
      this.#writer.u8(Opcode.expiryMs);
      this.#writer.i64(expiryMs);
    }
    const { type } = formOf(value);
    this.#writer.u8(type);
    this.#writer.string(key);
    encodeValue(this.#writer, value, type);
  }

  /** What was written since; good until the next write. */
  take(): Buffer {
    const bytes = this.#writer.written();
    this.#checksum.update(bytes);
    this.#writer.clear();
    return bytes;
  }

  /** The last bytes, after everything else was taken. */
  end(): Buffer {
    const footer = Buffer.alloc(1 + CRC64_BYTES);
    footer[0] = Opcode.end;
    this.#checksum.update(footer, 0, 1);
    this.#checksum.write(footer, 1);
    return footer;
  }
}
