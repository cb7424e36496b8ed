/**
 * Lists inside effects, as bytes: a u32 count and so many of what they list (`effect-codec.ts`).
 */
import type { ByteReader } from "../base/byte-reader.ts";
import type { ByteWriter } from "../base/byte-writer.ts";
import type { Bytes } from "../base/bytes.ts";

/** Members with their scores, two arrays of one length. */
export interface Scored {
  readonly members: readonly string[];
  readonly scores: readonly number[];
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
