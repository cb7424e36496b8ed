/**
 * Lists inside effects, as bytes: a u32 count and so many of what they list (`effect-codec.ts`).
 */
import type { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import type { Bytes } from "../base/bytes.ts";
import { INTEGERS_MAX } from "../data/packed-integers.ts";

/** No small form of a set has more (`data/packed-integers.ts`). */
const MEMBERS_CHECKED_MAX = INTEGERS_MAX;

/** Members with their scores, two arrays of one length. */
export interface Scored {
  readonly members: readonly string[];
  readonly scores: readonly number[];
}

/** At `offset` so many bytes go and those of `value` come in their place. */
export interface Splice {
  readonly offset: number;
  readonly removedCount: number;
  readonly value: Bytes;
}

export function encodeList(writer: ByteWriter, values: readonly Bytes[]): void {
  writer.u32(values.length);
  for (let index = 0; index < values.length; index += 1) writer.bytes(values[index]);
}

export function decodeList(reader: ByteReader): Bytes[] {
  const values = new Array<Bytes>(reader.itemCount(4));
  for (let index = 0; index < values.length; index += 1) values[index] = reader.bytes();
  return values;
}

/** Field, value, field, value. */
export function decodePairs(reader: ByteReader): Bytes[] {
  const pairs = decodeList(reader);
  if (pairs.length % 2 !== 0) reader.fail("a field without its value");
  return pairs;
}

export function decodeStrings(reader: ByteReader): string[] {
  const strings = new Array<string>(reader.itemCount(4));
  for (let index = 0; index < strings.length; index += 1) strings[index] = reader.binaryString();
  return strings;
}

/**
 * Strings that are each there once. Of more, a table is made, which finds out for itself; small
 * forms would hold one twice.
 */
export function decodeMembers(reader: ByteReader): string[] {
  const members = decodeStrings(reader);
  if (members.length < 2 || members.length > MEMBERS_CHECKED_MAX) return members;
  if (new Set(members).size < members.length) reader.fail("a member that comes twice");
  return members;
}

/** A hash with what pairs do not tell: u8 whether it is large, pairs, u32 count and u64 each. */
interface Fields {
  readonly pairs: readonly Bytes[];
  readonly isLarge: boolean;
  readonly expiriesMs: readonly number[];
}

export function encodeFields(writer: ByteWriter, { pairs, isLarge, expiriesMs }: Fields): void {
  writer.u8(isLarge ? 1 : 0);
  encodeList(writer, pairs);
  writer.u32(expiriesMs.length);
  for (let index = 0; index < expiriesMs.length; index += 1) writer.count(expiriesMs[index]);
}

export function decodeFields(reader: ByteReader): Fields {
  const isLarge = reader.u8() !== 0;
  const pairs = decodePairs(reader);
  const expiriesMs = new Array<number>(reader.itemCount(8));
  for (let index = 0; index < expiriesMs.length; index += 1) expiriesMs[index] = reader.count();
  const fits = expiriesMs.length === 0 || expiriesMs.length * 2 === pairs.length;
  if (!fits) reader.fail("as many times as fields, or none");
  return { pairs, isLarge, expiriesMs };
}

export function encodeScored(writer: ByteWriter, { members, scores }: Scored): void {
  writer.u32(members.length);
  for (let index = 0; index < members.length; index += 1) {
    writer.f64(scores[index]);
    writer.bytes(members[index]);
  }
}

export function decodeScored(reader: ByteReader): { members: string[]; scores: number[] } {
  const members = new Array<string>(reader.itemCount(12));
  const scores = new Array<number>(members.length);
  for (let index = 0; index < members.length; index += 1) {
    scores[index] = reader.f64();
    if (Number.isNaN(scores[index])) reader.fail("a score that is no number");
    members[index] = reader.binaryString();
  }
  return { members, scores };
}

/** A u32 count, then offset u32, removedCount u32 and value bytes, each. */
export function encodeSplices(writer: ByteWriter, splices: readonly Splice[]): void {
  writer.u32(splices.length);
  for (let index = 0; index < splices.length; index += 1) {
    writer.u32(splices[index].offset);
    writer.u32(splices[index].removedCount);
    writer.bytes(splices[index].value);
  }
}

export function decodeSplices(reader: ByteReader): Splice[] {
  const splices = new Array<Splice>(reader.itemCount(12));
  for (let index = 0; index < splices.length; index += 1) {
    splices[index] = { offset: reader.u32(), removedCount: reader.u32(), value: reader.bytes() };
  }
  return splices;
}
