/**
 * A digest of entries that does not depend on their order, nor on that of fields and members: what
 * a snapshot's writer saw in memory and what its reader decoded must give the same. It covers all
 * that commands can see of an entry but the time of its last access. It finds our mistakes, not an
 * enemy's; what the disk does is found by checksums.
 */
import type { Bytes } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";
import { type HashKey, hashOf } from "../data/keyed-hash.ts";
import { frozenPack } from "../data/stream-block.ts";
import { encodingMarkOf } from "../keyspace/encoding-mark.ts";
import type { Entry, Value } from "../keyspace/entry.ts";
import type { StreamValue } from "../keyspace/stream-value.ts";

const KEY: HashKey = { low: 0x243f6a88, high: 0x05a308d3 };
const TYPES = ["string", "list", "set", "zset", "hash", "stream"];
const LOW_FACTOR = 0x9e3779b1;
const HIGH_FACTOR = 0x85ebca77;
const TWO_32 = 2 ** 32;

export interface Digest {
  readonly low: number;
  readonly high: number;
}

export function digestsAreEqual(left: Digest, right: Digest): boolean {
  return left.low === right.low && left.high === right.high;
}

export function digestText({ low, high }: Digest): string {
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}

/** The sum over all entries that were added. */
export class EntryDigest implements Digest {
  low = 0;
  high = 0;

  add(database: number, key: string, entry: Entry): void {
    const { value, expiryMs } = entry;
    let hash = mixed(database + 1, hashOf(key, KEY));
    hash = mixed(hash, TYPES.indexOf(value.type));
    hash = mixed(hash, encodingMarkOf(value));
    hash = mixedNumber(hash, expiryMs);
    hash = mixed(hash, contentHash(value));
    this.low = (this.low + Math.imul(hash ^ (hash >>> 15), LOW_FACTOR)) >>> 0;
    this.high = (this.high + Math.imul(hash ^ (hash >>> 13), HIGH_FACTOR)) >>> 0;
  }
}

function mixed(state: number, value: number): number {
  const product = Math.imul(state ^ value, LOW_FACTOR);
  return ((product ^ (product >>> 16)) + 0x7f4a7c15) | 0;
}

function mixedNumber(state: number, value: number): number {
  return mixed(mixed(state, (value % TWO_32) | 0), Math.floor(value / TWO_32) | 0);
}

function bytesHash(bytes: Bytes): number {
  return typeof bytes === "string" ? hashOf(bytes, KEY) : crc32c(bytes) ^ bytes.length;
}

const scoreDouble = new Float64Array(1);
const scoreWords = new Int32Array(scoreDouble.buffer);

function contentHash(value: Value): number {
  let sum = 0;
  switch (value.type) {
    case "string":
      return bytesHash(value.borrowed);
    case "list":
      for (const item of value) sum = mixed(sum, bytesHash(item));
      return sum;
    case "set":
      for (const member of value) sum = (sum + mixed(11, hashOf(member, KEY))) | 0;
      return sum;
    case "zset":
      value.visit(0, value.size, false, (member, score) => {
        scoreDouble[0] = score;
        const scored = mixed(mixed(13, scoreWords[0]), scoreWords[1]);
        sum = (sum + mixed(scored, hashOf(member, KEY))) | 0;
      });
      return sum;
    case "hash":
      for (const [field, bytes] of value) {
        const pair = mixed(mixed(7, hashOf(field, KEY)), bytesHash(bytes));
        sum = (sum + mixedNumber(pair, value.expiryMsOf(field))) | 0;
      }
      return sum;
    default:
      return streamHash(value);
  }
}

function streamHash(stream: StreamValue): number {
  let hash = mixed(hashOf(stream.lastId, KEY), hashOf(stream.maxDeletedId, KEY));
  hash = mixedNumber(hash, stream.entriesAdded);
  for (const block of stream.entries.blocks) {
    hash = mixed(mixed(hash, hashOf(block.id, KEY)), bytesHash(frozenPack(block)));
  }
  for (const group of stream.groups) {
    hash = mixed(mixed(hash, hashOf(group.name, KEY)), hashOf(group.lastId, KEY));
    hash = mixedNumber(hash, group.entriesRead + 1);
    for (const { name, seenMs, activeMs } of group.consumers.values()) {
      hash = mixedNumber(mixedNumber(mixed(hash, hashOf(name, KEY)), seenMs), activeMs + 1);
    }
    for (const { id, consumer, deliveredMs, deliveryCount } of group.pending) {
      hash = mixed(mixed(hash, hashOf(id, KEY)), hashOf(consumer.name, KEY));
      hash = mixedNumber(mixedNumber(hash, deliveredMs), deliveryCount);
    }
  }
  return hash;
}
