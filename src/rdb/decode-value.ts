/**
 * A value from RDB, whole and checked, before anything is changed: nothing behind it needs to doubt
 * it. Every encoding that Redis 2.8 to 7.4 writes; modules' own types are refused.
 *
 * Checked: lengths and forms, no member or field twice, scores that are numbers, ids that ascend
 * (`decode-stream.ts`). A collection without elements is `undefined`: files had them once, and
 * Redis skips them; a payload of one is refused.
 */
import { type Bytes, toBinaryString } from "../base/bytes.ts";
import type { RestoredValue } from "../keyspace/effect.ts";
import { decodeStream } from "./decode-stream.ts";
import { DistinctCheck } from "./distinct-check.ts";
import { areSmall, NodeForm, SMALL_HASH_FIELDS_MAX, ValueType } from "./format.ts";
import { listpackValues } from "./listpack-values.ts";
import type { RdbReader } from "./reader.ts";
import { scoreOf } from "./score-text.ts";
import { ziplistValues, zipmapPairs } from "./ziplist-values.ts";

/** Lengths of a double's text that are none. */
const SCORE_NAN = 253;
const SCORE_INFINITY = 254;
const SCORE_NEGATIVE_INFINITY = 255;

export function decodeValue(type: number, reader: RdbReader): RestoredValue | undefined {
  switch (type) {
    case ValueType.string:
      return { type: "string", value: reader.value() };
    case ValueType.list:
      return listOf(plainValues(reader, 1));
    case ValueType.listZiplist:
      return listOf(ziplistValues(reader, reader.structure()));
    case ValueType.listQuicklist:
    case ValueType.listQuicklist2:
      return listOf(quicklistValues(reader, type === ValueType.listQuicklist2));
    case ValueType.set:
      return setOf(reader, plainValues(reader, 1));
    case ValueType.setListpack:
      return setOf(reader, listpackValues(reader, reader.structure()));
    case ValueType.setIntset:
      return intsetOf(reader);
    case ValueType.stream:
    case ValueType.stream2:
    case ValueType.stream3:
      return { type: "stream", image: decodeStream(type, reader) };
    default:
      return decodePairs(type, reader);
  }
}

/** Those whose elements come in twos. */
function decodePairs(type: number, reader: RdbReader): RestoredValue | undefined {
  switch (type) {
    case ValueType.sortedSetText:
    case ValueType.sortedSet:
      return plainSortedSet(reader, type === ValueType.sortedSet);
    case ValueType.sortedSetListpack:
      return sortedSetOf(reader, listpackValues(reader, reader.structure()));
    case ValueType.sortedSetZiplist:
      return sortedSetOf(reader, ziplistValues(reader, reader.structure()));
    case ValueType.hash:
      return hashOf(reader, plainValues(reader, 2));
    case ValueType.hashZipmap:
      return hashOf(reader, zipmapPairs(reader, reader.structure()));
    case ValueType.hashZiplist:
      return hashOf(reader, ziplistValues(reader, reader.structure()));
    case ValueType.hashListpack:
      return hashOf(reader, listpackValues(reader, reader.structure()));
    case ValueType.hashFields:
    case ValueType.hashFieldsAbsolute:
      return plainFields(reader, type === ValueType.hashFields);
    case ValueType.hashListpackFields:
    case ValueType.hashListpackFieldsAbsolute:
      return packedFields(reader, type === ValueType.hashListpackFields);
    case ValueType.module:
    case ValueType.moduleOld:
      return reader.fail("a value of a module's type, which only that module can read,");
    default:
      return reader.fail(`a value of the unknown type ${type}`);
  }
}

function plainValues(reader: RdbReader, valuesEach: number): Bytes[] {
  const count = reader.elementCount(valuesEach) * valuesEach;
  const values: Bytes[] = [];
  for (let index = 0; index < count; index += 1) {
    const value = reader.value();
    reader.takeElement(0);
    values.push(value);
  }
  return values;
}

function listOf(values: readonly Bytes[]): RestoredValue | undefined {
  return values.length === 0 ? undefined : { type: "list", values };
}

function quicklistValues(reader: RdbReader, isNewer: boolean): Bytes[] {
  const values: Bytes[] = [];
  for (let left = reader.elementCount(isNewer ? 2 : 1); left > 0; left -= 1) {
    const form = isNewer ? reader.length() : NodeForm.packed;
    if (form === NodeForm.plain) {
      values.push(reader.value());
      reader.takeElement(0);
      continue;
    }
    if (form !== NodeForm.packed) reader.fail("a node of a list in an unknown form");
    const node = reader.structure();
    const held = isNewer ? listpackValues(reader, node) : ziplistValues(reader, node);
    for (let index = 0; index < held.length; index += 1) values.push(held[index]);
  }
  return values;
}

function setOf(reader: RdbReader, values: readonly Bytes[]): RestoredValue | undefined {
  if (values.length === 0) return undefined;
  const members = values.map(toBinaryString);
  checkDistinct(reader, members);
  return { type: "set", members };
}

function intsetOf(reader: RdbReader): RestoredValue | undefined {
  const bytes = reader.structure();
  if (bytes.length < 8) reader.fail("a set of integers that is cut off");
  const width = bytes.readUInt32LE(0);
  const count = bytes.readUInt32LE(4);
  const isWidth = width === 2 || width === 4 || width === 8;
  if (!isWidth || bytes.length !== 8 + count * width) {
    reader.fail("a set of integers of the wrong size");
  }
  const members: string[] = [];
  let before: number | bigint | undefined;
  for (let at = 8; at < bytes.length; at += width) {
    const value = width === 8 ? bytes.readBigInt64LE(at) : bytes.readIntLE(at, width);
    if (before !== undefined && value <= before) reader.fail("integers that do not ascend");
    before = value;
    const member = String(value);
    reader.takeElement(member.length);
    members.push(member);
  }
  return count === 0 ? undefined : { type: "set", members };
}

function plainSortedSet(reader: RdbReader, isBinary: boolean): RestoredValue | undefined {
  const members: string[] = [];
  const scores: number[] = [];
  for (let left = reader.elementCount(isBinary ? 9 : 2); left > 0; left -= 1) {
    members.push(reader.text());
    reader.takeElement(8);
    const score = isBinary ? reader.f64() : textScore(reader);
    if (Number.isNaN(score)) reader.fail("a score that is no number");
    scores.push(score);
  }
  return scoredOf(reader, members, scores);
}

function textScore(reader: RdbReader): number {
  const byteCount = reader.u8();
  if (byteCount === SCORE_NAN) return Number.NaN;
  if (byteCount === SCORE_INFINITY) return Number.POSITIVE_INFINITY;
  if (byteCount === SCORE_NEGATIVE_INFINITY) return Number.NEGATIVE_INFINITY;
  return scoreOf(reader.raw(byteCount).latin1Slice(0, byteCount));
}

function sortedSetOf(reader: RdbReader, values: readonly Bytes[]): RestoredValue | undefined {
  if (values.length % 2 !== 0) reader.fail("a member without its score");
  const members: string[] = [];
  const scores: number[] = [];
  for (let index = 0; index < values.length; index += 2) {
    members.push(toBinaryString(values[index]));
    const score = scoreOf(values[index + 1]);
    if (Number.isNaN(score)) reader.fail("a score that is no number");
    scores.push(score);
  }
  return scoredOf(reader, members, scores);
}

function scoredOf(
  reader: RdbReader,
  members: readonly string[],
  scores: readonly number[],
): RestoredValue | undefined {
  if (members.length === 0) return undefined;
  checkDistinct(reader, members);
  return { type: "zset", members, scores };
}

function hashOf(reader: RdbReader, pairs: readonly Bytes[]): RestoredValue | undefined {
  if (pairs.length === 0) return undefined;
  checkFields(reader, pairs);
  return { type: "hash", pairs };
}

/** Times are from the least of all on, or absolute. */
function plainFields(reader: RdbReader, isRelative: boolean): RestoredValue | undefined {
  const leastMs = isRelative ? reader.i64() : 1;
  const pairs: Bytes[] = [];
  const expiriesMs: number[] = [];
  for (let left = reader.elementCount(3); left > 0; left -= 1) {
    const time = reader.length();
    expiriesMs.push(time === 0 ? 0 : checkedTime(reader, leastMs + time - 1));
    pairs.push(reader.value(), reader.value());
    reader.takeElement(8);
  }
  return fieldsOf(reader, pairs, expiriesMs);
}

function packedFields(reader: RdbReader, hasLeast: boolean): RestoredValue | undefined {
  if (hasLeast) reader.i64();
  const values = listpackValues(reader, reader.structure());
  if (values.length % 3 !== 0) reader.fail("a field without its value or time");
  const pairs: Bytes[] = [];
  const expiriesMs: number[] = [];
  for (let index = 0; index < values.length; index += 3) {
    pairs.push(values[index], values[index + 1]);
    const time = values[index + 2];
    if (typeof time !== "string" || !/^\d{1,16}$/.test(time)) reader.fail("what is no time");
    expiriesMs.push(time === "0" ? 0 : checkedTime(reader, Number(time)));
  }
  return fieldsOf(reader, pairs, expiriesMs);
}

function fieldsOf(
  reader: RdbReader,
  pairs: readonly Bytes[],
  expiriesMs: readonly number[],
): RestoredValue | undefined {
  if (expiriesMs.every((time) => time === 0)) return hashOf(reader, pairs);
  checkFields(reader, pairs);
  return {
    type: "fields",
    pairs,
    isLarge: !areSmall(pairs, 2 * SMALL_HASH_FIELDS_MAX),
    expiriesMs,
  };
}

function checkedTime(reader: RdbReader, timeMs: number): number {
  if (timeMs > 0 && Number.isSafeInteger(timeMs)) return timeMs;
  return reader.fail("a time at which no field can expire");
}

function checkFields(reader: RdbReader, pairs: readonly Bytes[]): void {
  if (pairs.length % 2 !== 0) reader.fail("a field without its value");
  const seen = new DistinctCheck();
  for (let index = 0; index < pairs.length; index += 2) {
    if (!seen.add(toBinaryString(pairs[index]))) reader.fail("a field that comes twice");
  }
}

function checkDistinct(reader: RdbReader, members: readonly string[]): void {
  const seen = new DistinctCheck();
  for (let index = 0; index < members.length; index += 1) {
    if (!seen.add(members[index])) reader.fail("a member that comes twice");
  }
}
