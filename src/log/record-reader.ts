/**
 * What every reader of the log checks, whichever driver stores it: sequence without gaps, epoch
 * that never falls, chain by content, CRC. It never skips: the first thing that is wrong is
 * LogDamaged.
 */
import { sha256 } from "../runtime/hashing.ts";
import { LogDamaged, type StoredRecord } from "./log-driver.ts";
import {
  CHAIN_START,
  checkTrailer,
  RECORD_HEADER_BYTES,
  type RecordHeader,
  RecordKind,
  readHeader,
} from "./record-format.ts";

export class RecordReader {
  sequence = 0;
  epoch = 0;
  chain: Buffer = CHAIN_START;

  /** The record in `bytes`, which has its exact length. */
  accept(bytes: Buffer, file: string, offset: number): StoredRecord {
    const header = readHeader(bytes, 0);
    if (typeof header === "string") throw damaged(file, offset, header);
    const wrong = checkTrailer(bytes, header) ?? this.explainMisfit(header);
    if (wrong !== undefined) throw damaged(file, offset, wrong);
    return this.follow(bytes, header);
  }

  /** Why a sound record does not follow the one before it; undefined when it does. */
  explainMisfit(header: RecordHeader): string | undefined {
    if (header.sequence !== this.sequence + 1) {
      return `record ${header.sequence} stands where record ${this.sequence + 1} must be`;
    }
    if (!header.previous.equals(this.chain)) {
      return `record ${header.sequence} does not name the hash of the record before it`;
    }
    const leastEpoch = this.epoch + (header.kind === RecordKind.claim ? 1 : 0);
    if (
      header.epoch < leastEpoch ||
      (header.epoch > this.epoch && header.kind !== RecordKind.claim)
    ) {
      return `record ${header.sequence} has epoch ${header.epoch} after epoch ${this.epoch}`;
    }
    return undefined;
  }

  /** Goes on behind a record that `explainMisfit` found nothing against. */
  follow(bytes: Buffer, header: RecordHeader): StoredRecord {
    this.sequence = header.sequence;
    this.epoch = header.epoch;
    this.chain = sha256(bytes);
    return {
      sequence: header.sequence,
      epoch: header.epoch,
      timeMs: header.timeMs,
      unitCount: header.unitCount,
      payload: bytes.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + header.payloadLength),
    };
  }
}

export function damaged(file: string, offset: number, what: string): LogDamaged {
  return new LogDamaged(
    `the log is damaged: ${file}, byte ${offset}: ${what}. Nothing was changed. Restore the folder ` +
      "from a copy; or, to go on without this record and everything after it, cut the file there " +
      `(truncate -s ${offset} ${file}) and move the segments after it away`,
  );
}
