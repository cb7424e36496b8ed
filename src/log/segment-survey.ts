/**
 * One segment as it is, damage and all, for whoever looks at it: every record that is valid in
 * itself, what stands between them, and the tail. Unlike a reader of the log it goes on behind
 * damage; nothing that it finds there may ever be applied.
 */
import { limits } from "../base/limits.ts";
import { sha256 } from "../runtime/hashing.ts";
import { LogDamaged, LogUnfit, type RecordKeys } from "./log-driver.ts";
import {
  checkTrailer,
  type RecordHeader,
  RecordKind,
  readHeader,
  recordBytes,
} from "./record-format.ts";
import { RecordReader } from "./record-reader.ts";
import { SEGMENT_HEADER_BYTES, type SegmentHeader } from "./segment-format.ts";
import { checkTail, findRecord, type SearchBudget, type TailVerdict } from "./tail-check.ts";

export interface SurveyedRecord {
  readonly kind: "record";
  readonly offset: number;
  readonly sizeBytes: number;
  readonly header: RecordHeader;
  /** Undefined where it is encrypted and could not be opened. */
  readonly payload: Buffer | undefined;
  /** Why it could not be opened though there is a key: it was tampered with. */
  readonly tampering: string | undefined;
  /** Why it does not follow what stands before it; undefined when it does. */
  readonly misfit: string | undefined;
}

/** Not readable; a valid record follows at `end`. */
export interface SurveyedHole {
  readonly kind: "hole";
  readonly offset: number;
  readonly end: number;
  readonly what: string;
}

export interface SurveyedTail {
  readonly kind: "tail";
  readonly offset: number;
  readonly verdict: TailVerdict;
}

export type Surveyed = SurveyedRecord | SurveyedHole | SurveyedTail;

/**
 * A reader that stands before the segment's first record, going by its header alone; the epoch is
 * taken from that record.
 */
export function readerBefore(
  bytes: Buffer,
  header: SegmentHeader,
  keys?: RecordKeys,
): RecordReader {
  const reader = new RecordReader(keys);
  reader.sequence = header.firstSequence - 1;
  reader.chain = Buffer.from(header.previous);
  const first = readHeader(bytes, SEGMENT_HEADER_BYTES);
  if (typeof first !== "string") {
    reader.epoch = Math.max(0, first.epoch - (first.kind === RecordKind.claim ? 1 : 0));
  }
  return reader;
}

/** `reader` stands before the first record, and is taken along; the last item is the tail. */
export function* surveySegment(
  bytes: Buffer,
  file: string,
  reader: RecordReader,
): Generator<Surveyed> {
  let offset = SEGMENT_HEADER_BYTES;
  const budget: SearchBudget = { bytesLeft: limits.recordSearchBytesMax };
  for (;;) {
    const header = readHeader(bytes, offset);
    const wrong =
      typeof header === "string" ? header : checkTrailer(bytes.subarray(offset), header);
    if (typeof header !== "string" && wrong === undefined) {
      const misfit = reader.explainMisfit(header);
      const end = offset + recordBytes(header.payloadLength);
      const opened = open(bytes.subarray(offset, end), header, reader, file, offset);
      yield { kind: "record", offset, sizeBytes: end - offset, header, misfit, ...opened };
      offset = end;
      continue;
    }
    const later = findRecord(bytes, Math.min(offset + 1, bytes.length), budget);
    if (later < 0) break;
    if (budget.bytesLeft < 0) {
      const what = `${wrong}; so much behind it looks like records that it is not looked through`;
      yield { kind: "tail", offset, verdict: { kind: "damaged", offset, what } };
      return;
    }
    yield { kind: "hole", offset, end: later, what: wrong ?? "no record" };
    offset = later;
  }
  const verdict = checkTail(bytes, offset, (header) => reader.explainMisfit(header));
  yield { kind: "tail", offset, verdict };
}

function open(
  bytes: Buffer,
  header: RecordHeader,
  reader: RecordReader,
  file: string,
  offset: number,
): Pick<SurveyedRecord, "payload" | "tampering"> {
  try {
    const { payload } = reader.follow(bytes, header, file, offset);
    return { payload, tampering: undefined };
  } catch (failure) {
    const isDamage = failure instanceof LogDamaged;
    if (!isDamage && !(failure instanceof LogUnfit)) throw failure;
    reader.sequence = header.sequence;
    reader.epoch = header.epoch;
    reader.chain = sha256(bytes);
    const tampering = isDamage ? (failure.place?.what ?? failure.message) : undefined;
    return { payload: undefined, tampering };
  }
}
