/**
 * A value as RDB, in the oldest version that holds all of it, so that as many as possible can read
 * it: 10 (Redis 7.0) for almost everything. A stream with a consumer that has looked since it last
 * got something needs 11 (7.2), which has a time for each; a hash with fields that expire 12 (7.4).
 *
 * Small collections are listpacks and sets of integers, as Redis has them; sets of text are plain,
 * since their listpack came with 11. Lists are nodes of 8 KiB, or of one longer element.
 */
import { assert, unreachable } from "../base/assert.ts";
import type { Bytes } from "../base/bytes.ts";
import { doubleText } from "../base/float-text.ts";
import { parseInt64 } from "../base/int64.ts";
import { COUNT_UNKNOWN, entryBytes, FIRST_AT, writeEntry } from "../data/listpack.ts";
import type { RestoredFields, RestoredValue } from "../keyspace/effect.ts";
import { encodeStream, isBeyondVersion10 } from "./encode-stream.ts";
import {
  areSmall,
  NodeForm,
  SMALL_HASH_FIELDS_MAX,
  SMALL_SORTED_SET_MAX,
  ValueType,
} from "./format.ts";
import type { RdbWriter } from "./writer.ts";

/** Redis's own for lists. */
const NODE_BYTES_MAX = 8192;
const INTSET_MEMBERS_MAX = 512;
const END = 0xff;
/** Behind an entry's place, for who writes it. */
const ENTRY_SLACK_BYTES = 16;

export interface EncodedForm {
  /** `ValueType`. */
  readonly type: number;
  /** The least that has it. */
  readonly version: 10 | 11 | 12;
}

export function formOf(value: RestoredValue): EncodedForm {
  switch (value.type) {
    case "string":
      return { type: ValueType.string, version: 10 };
    case "list":
      return { type: ValueType.listQuicklist2, version: 10 };
    case "set":
      return { type: isIntset(value.members) ? ValueType.setIntset : ValueType.set, version: 10 };
    case "zset": {
      const isSmall = areSmall(value.members, SMALL_SORTED_SET_MAX);
      return { type: isSmall ? ValueType.sortedSetListpack : ValueType.sortedSet, version: 10 };
    }
    case "hash":
      return hashForm(value.pairs);
    case "fields":
      return isExpiring(value) ? fieldsForm(value) : hashForm(value.pairs);
    case "stream":
      return isBeyondVersion10(value.image)
        ? { type: ValueType.stream3, version: 11 }
        : { type: ValueType.stream2, version: 10 };
    default:
      return unreachable(value);
  }
}

/** What follows the type, which is that of `formOf`; in a file the key stands between. */
export function encodeValue(writer: RdbWriter, value: RestoredValue, type: number): void {
  switch (value.type) {
    case "string":
      writer.string(value.value);
      break;
    case "list":
      encodeList(writer, value.values);
      break;
    case "set":
      if (type === ValueType.setIntset) encodeIntset(writer, value.members);
      else encodePlain(writer, value.members, 1);
      break;
    case "zset":
      encodeSortedSet(writer, value.members, value.scores, type);
      break;
    case "hash":
      encodeHash(writer, value.pairs, type);
      break;
    case "fields":
      if (isExpiring(value)) encodeFields(writer, value, type);
      else encodeHash(writer, value.pairs, type);
      break;
    case "stream":
      encodeStream(writer, value.image, type);
      break;
    default:
      unreachable(value);
  }
}

function isExpiring({ expiriesMs }: RestoredFields): boolean {
  return expiriesMs.some((time) => time !== 0);
}

function hashForm(pairs: readonly Bytes[]): EncodedForm {
  return {
    type: areSmall(pairs, 2 * SMALL_HASH_FIELDS_MAX) ? ValueType.hashListpack : ValueType.hash,
    version: 10,
  };
}

function fieldsForm({ pairs, isLarge }: RestoredFields): EncodedForm {
  const isPacked = !isLarge && areSmall(pairs, 2 * SMALL_HASH_FIELDS_MAX);
  return { type: isPacked ? ValueType.hashListpackFields : ValueType.hashFields, version: 12 };
}

function isIntset(members: readonly string[]): boolean {
  if (members.length > INTSET_MEMBERS_MAX) return false;
  return members.every((member) => parseInt64(member) !== undefined);
}

function encodePlain(writer: RdbWriter, values: readonly Bytes[], valuesEach: number): void {
  writer.count(values.length / valuesEach);
  for (let index = 0; index < values.length; index += 1) writer.string(values[index]);
}

function encodeList(writer: RdbWriter, values: readonly Bytes[]): void {
  const starts: number[] = [];
  let nodeBytes = NODE_BYTES_MAX;
  for (let index = 0; index < values.length; index += 1) {
    const sizeBytes = entryBytes(values[index]);
    if (nodeBytes + sizeBytes > NODE_BYTES_MAX) {
      starts.push(index);
      nodeBytes = 0;
    }
    nodeBytes += sizeBytes;
  }
  writer.count(starts.length);
  for (let node = 0; node < starts.length; node += 1) {
    writer.count(NodeForm.packed);
    writer.string(listpackOf(values.slice(starts[node], starts[node + 1])));
  }
}

function encodeIntset(writer: RdbWriter, members: readonly string[]): void {
  const integers = BigInt64Array.from(members, (member) => BigInt(member)).sort();
  const first = integers[0];
  const last = integers[integers.length - 1];
  const width = isWithin(first, last, 16) ? 2 : isWithin(first, last, 32) ? 4 : 8;
  const bytes = Buffer.alloc(8 + integers.length * width);
  bytes.writeUInt32LE(width, 0);
  bytes.writeUInt32LE(integers.length, 4);
  for (let index = 0; index < integers.length; index += 1) {
    const at = 8 + index * width;
    if (width === 8) bytes.writeBigInt64LE(integers[index], at);
    else bytes.writeIntLE(Number(integers[index]), at, width);
  }
  writer.string(bytes);
}

function isWithin(first: bigint, last: bigint, bits: number): boolean {
  return BigInt.asIntN(bits, first) === first && BigInt.asIntN(bits, last) === last;
}

function encodeSortedSet(
  writer: RdbWriter,
  members: readonly string[],
  scores: readonly number[],
  type: number,
): void {
  if (type === ValueType.sortedSetListpack) {
    const values: string[] = [];
    for (let index = 0; index < members.length; index += 1) {
      values.push(members[index], doubleText(scores[index]));
    }
    writer.string(listpackOf(values));
    return;
  }
  writer.count(members.length);
  // From the end, as Redis does: who adds the highest first finds each place at once.
  for (let index = members.length - 1; index >= 0; index -= 1) {
    writer.string(members[index]);
    writer.f64(scores[index]);
  }
}

function encodeHash(writer: RdbWriter, pairs: readonly Bytes[], type: number): void {
  if (type === ValueType.hashListpack) writer.string(listpackOf(pairs));
  else encodePlain(writer, pairs, 2);
}

function encodeFields(writer: RdbWriter, fields: RestoredFields, type: number): void {
  const { pairs, expiriesMs } = fields;
  const leastMs = expiriesMs.reduce(
    (least, time) => (time > 0 && time < least ? time : least),
    Infinity,
  );
  writer.i64(leastMs);
  if (type === ValueType.hashFields) {
    writer.count(expiriesMs.length);
    for (let index = 0; index < expiriesMs.length; index += 1) {
      const time = expiriesMs[index];
      writer.count(time === 0 ? 0 : time - leastMs + 1);
      writer.string(pairs[index * 2]);
      writer.string(pairs[index * 2 + 1]);
    }
    return;
  }
  // Redis has them in the order of their times, those that stay behind the others.
  const order = Array.from(expiriesMs.keys()).sort((left, right) => {
    return (expiriesMs[left] || Infinity) - (expiriesMs[right] || Infinity) || left - right;
  });
  const values: Bytes[] = [];
  for (const index of order) {
    values.push(pairs[index * 2], pairs[index * 2 + 1], String(expiriesMs[index]));
  }
  writer.string(listpackOf(values));
}

/** However long the values are. */
function listpackOf(values: readonly Bytes[]): Buffer {
  let byteCount = FIRST_AT + 1;
  for (let index = 0; index < values.length; index += 1) byteCount += entryBytes(values[index]);
  const pack = Buffer.allocUnsafeSlow(byteCount + ENTRY_SLACK_BYTES);
  let at = FIRST_AT;
  for (let index = 0; index < values.length; index += 1) at = writeEntry(pack, at, values[index]);
  pack[at] = END;
  assert(at + 1 === byteCount, "a listpack is as long as its entries");
  pack.writeUInt32LE(byteCount, 0);
  pack.writeUInt16LE(Math.min(values.length, COUNT_UNKNOWN), 4);
  return pack.subarray(0, byteCount);
}
