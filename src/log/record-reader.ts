/**
 * What every reader of the log checks, whichever driver stores it: sequence without gaps, epoch
 * that never falls, chain by content, CRC, and the seal of what is encrypted. It never skips: the
 * first thing that is wrong is LogDamaged.
 */
import { type BlockCipher, DataKeyUnknown, SealBroken } from "../runtime/cipher.ts";
import { isPlanted } from "../runtime/failpoint.ts";
import { sha256 } from "../runtime/hashing.ts";
import {
  LogDamaged,
  type LogTail,
  LogUnfit,
  type RecordKeys,
  type StoredRecord,
} from "./log-driver.ts";
import {
  CHAIN_START,
  checkTrailer,
  newerRecordVersion,
  RECORD_HEADER_BYTES,
  type RecordHeader,
  RecordKind,
  readHeader,
  sealContext,
} from "./record-format.ts";
import { newerSegmentVersion } from "./segment-format.ts";

export class RecordReader {
  sequence = 0;
  epoch = 0;
  chain: Buffer = CHAIN_START;
  /** A segment's header does not say it of the record before. */
  #isEpochKnown = true;
  #known: LogTail | undefined;
  readonly #keys: RecordKeys | undefined;

  /** Without `keys` every record must be plain. */
  constructor(keys?: RecordKeys) {
    this.#keys = keys;
  }

  /**
   * Begins with that segment instead of the first, because a snapshot has the log up to `known`.
   * Records up to there are checked as well, and the one at its sequence must be the one it names.
   */
  beginAt(segment: { readonly firstSequence: number; readonly previous: Buffer }, known: LogTail) {
    this.#known = known;
    if (segment.firstSequence === known.sequence + 1) {
      this.sequence = known.sequence;
      this.epoch = known.epoch;
      this.chain = known.chain;
      return;
    }
    this.sequence = segment.firstSequence - 1;
    this.chain = Buffer.from(segment.previous);
    this.#isEpochKnown = this.sequence === 0;
  }

  /** The record in `bytes`, which has its exact length. */
  accept(bytes: Buffer, file: string, offset: number): StoredRecord {
    const header = readHeader(bytes, 0);
    if (typeof header === "string") throw noRecord(bytes, 0, file, offset, header);
    const wrong = checkTrailer(bytes, header) ?? this.explainMisfit(header);
    if (wrong !== undefined) throw damaged(file, offset, wrong);
    return this.follow(bytes, header, file, offset);
  }

  /** Why a sound record does not follow the one before it; undefined when it does. */
  explainMisfit(header: RecordHeader): string | undefined {
    if (header.sequence !== this.sequence + 1) {
      return `record ${header.sequence} stands where record ${this.sequence + 1} must be`;
    }
    if (!header.previous.equals(this.chain) && !isPlanted("planted.skip-chain-check")) {
      return `record ${header.sequence} does not name the hash of the record before it`;
    }
    const leastEpoch = this.epoch + (header.kind === RecordKind.claim ? 1 : 0);
    const isRising = header.epoch > this.epoch && header.kind !== RecordKind.claim;
    if (this.#isEpochKnown && (header.epoch < leastEpoch || isRising)) {
      return `record ${header.sequence} has epoch ${header.epoch} after epoch ${this.epoch}`;
    }
    const { sealedFrom = Number.POSITIVE_INFINITY } = this.#keys ?? {};
    if (header.keyId === 0 && header.sequence >= sealedFrom) {
      return `record ${header.sequence} is not encrypted, as all are from ${sealedFrom} on`;
    }
    return undefined;
  }

  /** Goes on behind a record that `explainMisfit` found nothing against, at `offset` of `file`. */
  follow(bytes: Buffer, header: RecordHeader, file: string, offset: number): StoredRecord {
    const payload = this.#payload(bytes, header, file, offset);
    this.sequence = header.sequence;
    this.epoch = header.epoch;
    this.#isEpochKnown = true;
    this.chain = sha256(bytes);
    this.#checkKnown(file, offset);
    return {
      sequence: header.sequence,
      epoch: header.epoch,
      timeMs: header.timeMs,
      unitCount: header.unitCount,
      payload,
    };
  }

  #checkKnown(file: string, offset: number): void {
    const known = this.#known;
    if (known === undefined || known.sequence !== this.sequence) return;
    if (known.epoch === this.epoch && known.chain.equals(this.chain)) return;
    const what = `record ${known.sequence} at byte ${offset} is not the one that its snapshot names`;
    throw incomplete(file, what);
  }

  #payload(bytes: Buffer, header: RecordHeader, file: string, offset: number): Buffer {
    const { keyId, sequence, payloadLength } = header;
    const stored = bytes.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + payloadLength);
    if (keyId === 0) return stored;
    const cipher = this.#keys?.cipher;
    if (cipher === undefined) throw new LogUnfit(withoutKeys(file, sequence));
    return opened(cipher, keyId, stored, sealContext(bytes), (what) =>
      damaged(file, offset, `record ${sequence}: ${what}`),
    );
  }
}

function opened(
  cipher: BlockCipher,
  keyId: number,
  sealed: Buffer,
  context: Buffer,
  damage: (what: string) => LogDamaged,
): Buffer {
  try {
    return cipher.open(keyId, sealed, context);
  } catch (failure) {
    if (failure instanceof SealBroken) throw damage(`it was tampered with: ${failure.message}`);
    if (!(failure instanceof DataKeyUnknown)) throw failure;
    throw damage(`${failure.message}, which may be older than the log: put back its newest copy`);
  }
}

function withoutKeys(file: string, sequence: number): string {
  return (
    `the log is encrypted (record ${sequence} in ${file}), and its key ring is not in the folder: ` +
    "put the file keys.json back that belongs to it. Nothing was changed"
  );
}

/** What no cut would mend. */
export function incomplete(path: string, what: string): LogDamaged {
  return new LogDamaged(
    `the log is damaged: ${path}: ${what}. Nothing was changed. Put back what is missing, or restore ` +
      "the folder from a copy",
  );
}

/**
 * Where a record must stand, and what is there is none: damage, unless a newer version wrote it. Of
 * that nothing may be cut, so it is not called damaged.
 */
export function noRecord(
  bytes: Buffer,
  at: number,
  file: string,
  offset: number,
  what: string,
): LogDamaged | LogUnfit {
  const version = newerRecordVersion(bytes, at);
  return version === undefined ? damaged(file, offset, what) : newer(file, offset, version);
}

/** The same where a segment's header must stand. */
export function noSegment(bytes: Buffer, file: string, what: string): LogDamaged | LogUnfit {
  const version = newerSegmentVersion(bytes);
  return version === undefined ? damaged(file, 0, what) : newer(file, 0, version);
}

function newer(file: string, offset: number, version: number): LogUnfit {
  return new LogUnfit(
    `${file}, byte ${offset}: format version ${version}, which a newer version of Lodestone wrote: ` +
      "start that one. Nothing was changed",
  );
}

export function damaged(file: string, offset: number, what: string): LogDamaged {
  return new LogDamaged(
    `the log is damaged: ${file}, byte ${offset}: ${what}. Nothing was changed. Restore the folder ` +
      "from a copy; or, to go on without this record and everything after it, " +
      "npm run lodestone -- repair --cut-tail shows what that loses",
    { file, offset, what },
  );
}
