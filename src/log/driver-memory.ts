/**
 * The log in memory: for tests, and for `--log memory`. Durable means here: in this process's
 * memory. Nothing outlives the process, and `node/start.ts` says so loudly.
 *
 * Records can be kept, so that a test can read them back through a second driver on the same array.
 */
import { assert } from "../base/assert.ts";
import type { LogDriver, LogTail } from "./log-driver.ts";
import { CHAIN_START } from "./record-format.ts";
import { RecordReader } from "./record-reader.ts";

export class MemoryDriver implements LogDriver {
  readonly name = "memory";
  readonly shortage = undefined;
  readonly #records: Buffer[] | undefined;
  #isAppending = false;

  /** With `records`, appends go there and `open` reads them. */
  constructor(records?: Buffer[]) {
    this.#records = records;
  }

  async open(visit: Parameters<LogDriver["open"]>[0]): ReturnType<LogDriver["open"]> {
    const reader = new RecordReader();
    const records = this.#records ?? [];
    const bytesTotal = records.reduce((sum, record) => sum + record.length, 0);
    let bytesDone = 0;
    for (const bytes of records) {
      const record = reader.accept(bytes, "memory", bytesDone);
      bytesDone += bytes.length;
      await visit(record, { bytesDone, bytesTotal, recordsDone: record.sequence });
    }
    const tail: LogTail = { sequence: reader.sequence, chain: reader.chain, epoch: reader.epoch };
    assert(tail.sequence > 0 || tail.chain.equals(CHAIN_START), "an empty log starts the chain");
    return { tail, torn: undefined };
  }

  append(_sequence: number, record: Buffer): Promise<void> {
    assert(!this.#isAppending, "one append in flight");
    this.#isAppending = true;
    this.#records?.push(Buffer.from(record));
    return Promise.resolve().then(() => {
      this.#isAppending = false;
    });
  }

  onFailure(): void {}

  async close(): Promise<void> {}
}
