/**
 * What a writer does to its own keys of every type: commands chosen from a seed, one alone or some
 * in a MULTI. A key's name begins with its type and its owner's number, so no call meets another
 * type, and its owner's commands in order explain it. Values are never used twice.
 */
import type { Random } from "../../src/runtime/clock.ts";

export type Words = readonly string[];

const KEYS_OF_A_TYPE = 4;
const MEMBERS = 40;
/** So far ahead that no test sees it pass. */
const FAR_MS = 4_000_000_000_000;
/** So near that it has passed when the keyspace is looked at. */
const NEAR_MS = 30;

/** Chance, by what a chooser needs. */
class Dice {
  readonly #random: Random;
  readonly connection: number;
  readonly #count: number;
  #valueCount: number;

  constructor(random: Random, connection: number, count: number) {
    this.#random = random;
    this.connection = connection;
    this.#count = count;
    this.#valueCount = 0;
  }

  below(limit: number): number {
    return Math.floor(this.#random.fraction() * limit);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)];
  }

  key(type: string): string {
    return `${type}:${this.connection}:${this.below(KEYS_OF_A_TYPE)}`;
  }

  value(): string {
    this.#valueCount += 1;
    return `${this.connection}-${this.#count}-${this.#valueCount}`;
  }

  member(): string {
    return `m${this.below(MEMBERS)}`;
  }

  members(): string[] {
    return Array.from({ length: 1 + this.below(4) }, () => this.member());
  }
}

type Chooser = (dice: Dice, nowMs: number) => Words;

const strings: readonly Chooser[] = [
  (dice) => ["SET", dice.key("string"), dice.value()],
  (dice, nowMs) => ["SET", dice.key("fading"), dice.value(), "PXAT", String(nowMs + NEAR_MS)],
  (dice) => ["SET", dice.key("string"), dice.value(), "PXAT", String(FAR_MS + dice.below(1000))],
  (dice) => ["APPEND", dice.key("string"), dice.value()],
  (dice) => ["SETBIT", dice.key("bits"), String(dice.below(3000)), String(dice.below(2))],
  (dice) => ["BITOP", "OR", dice.key("bits"), dice.key("bits"), dice.key("bits")],
  (dice) => {
    const offset = String(8 * dice.below(100));
    return ["BITFIELD", dice.key("bits"), "INCRBY", "u8", offset, String(dice.below(300))];
  },
  (dice) => ["PFADD", dice.key("hll"), dice.value(), dice.value()],
];

const lists: readonly Chooser[] = [
  (dice) => ["RPUSH", dice.key("list"), dice.value(), dice.value()],
  (dice) => ["LPUSH", dice.key("list"), dice.value(), dice.value(), "x".repeat(dice.below(200))],
  (dice) => [dice.pick(["LPOP", "RPOP"]), dice.key("list"), String(1 + dice.below(3))],
  (dice) => ["LTRIM", dice.key("list"), "0", String(20 + dice.below(30))],
  (dice) => ["LREM", dice.key("list"), "0", "x".repeat(dice.below(200))],
  (dice) => {
    const ends = ["LEFT", "RIGHT"];
    return ["LMOVE", dice.key("list"), dice.key("list"), dice.pick(ends), dice.pick(ends)];
  },
];

const hashes: readonly Chooser[] = [
  (dice) => ["HSET", dice.key("hash"), dice.member(), dice.value(), dice.member(), dice.value()],
  (dice) => ["HDEL", dice.key("hash"), ...dice.members()],
  (dice) => {
    const expiryMs = dice.pick([1, FAR_MS, FAR_MS + 1]);
    const field = dice.member();
    return ["HPEXPIREAT", dice.key("hash"), String(expiryMs), "FIELDS", "1", field];
  },
  (dice) => ["HPERSIST", dice.key("hash"), "FIELDS", "1", dice.member()],
  (dice) => ["HSET", dice.key("fields"), dice.member(), dice.value(), dice.member(), dice.value()],
  (dice, nowMs) => {
    const expiryMs = String(nowMs + NEAR_MS);
    return ["HPEXPIREAT", dice.key("fields"), expiryMs, "FIELDS", "1", dice.member()];
  },
];

const sets: readonly Chooser[] = [
  (dice) => ["SADD", dice.key("set"), ...dice.members()],
  (dice) => ["SADD", dice.key("set"), String(dice.below(1000)), String(dice.below(1000))],
  (dice) => ["SREM", dice.key("set"), ...dice.members()],
  (dice) => ["SPOP", dice.key("set"), String(1 + dice.below(3))],
  (dice) => ["SMOVE", dice.key("set"), dice.key("set"), dice.member()],
  (dice) => ["SUNIONSTORE", dice.key("set"), dice.key("set"), dice.key("set")],
  (dice) => ["SDIFFSTORE", dice.key("set"), dice.key("set"), dice.key("set")],
];

const sortedSets: readonly Chooser[] = [
  (dice) => {
    const [first, second] = [String(dice.below(100)), String(dice.below(100) / 8)];
    return ["ZADD", dice.key("zset"), first, dice.member(), second, dice.member()];
  },
  (dice) => ["ZADD", dice.key("zset"), "GT", "CH", String(dice.below(100)), dice.member()],
  (dice) => ["ZINCRBY", dice.key("zset"), String(dice.below(20) - 10), dice.member()],
  (dice) => ["ZREM", dice.key("zset"), ...dice.members()],
  (dice) => [dice.pick(["ZPOPMIN", "ZPOPMAX"]), dice.key("zset"), String(1 + dice.below(3))],
  (dice) => ["ZREMRANGEBYRANK", dice.key("zset"), "30", "-1"],
  (dice) => ["ZUNIONSTORE", dice.key("zset"), "2", dice.key("zset"), dice.key("zset")],
];

const GROUP = "group";
const consumers = ["alice", "bob"] as const;
const streams: readonly Chooser[] = [
  (dice) => ["XADD", dice.key("stream"), "*", "value", dice.value()],
  (dice) => ["XADD", dice.key("stream"), "MAXLEN", "50", "*", "value", dice.value()],
  (dice) => ["XGROUP", "CREATE", dice.key("stream"), GROUP, "0", "MKSTREAM"],
  (dice) => {
    const consumer = dice.pick(consumers);
    const from = ["STREAMS", dice.key("stream"), ">"];
    return ["XREADGROUP", "GROUP", GROUP, consumer, "COUNT", String(1 + dice.below(4)), ...from];
  },
  // `first` and `pending` are places in the stream and in the group: its owner knows their ids.
  (dice) => ["XDEL", dice.key("stream"), "first"],
  (dice) => ["XACK", dice.key("stream"), GROUP, "pending"],
  (dice) => ["XCLAIM", dice.key("stream"), GROUP, dice.pick(consumers), "0", "pending"],
  (dice) => ["XTRIM", dice.key("stream"), "MAXLEN", String(20 + dice.below(40))],
];

const types = ["string", "bits", "hll", "list", "hash", "set", "zset", "stream"] as const;
const generic: readonly Chooser[] = [
  (dice) => ["DEL", dice.key(dice.pick(types))],
  (dice) => {
    const type = dice.pick(types);
    return ["RENAME", dice.key(type), dice.key(type)];
  },
  (dice) => {
    const type = dice.pick(types);
    return ["COPY", dice.key(type), dice.key(type), "REPLACE"];
  },
  (dice) => ["PEXPIREAT", dice.key(dice.pick(types)), String(FAR_MS + dice.below(1000))],
  (dice) => ["PERSIST", dice.key(dice.pick(types))],
];

const groups = [strings, lists, hashes, sets, sortedSets, streams, streams, generic] as const;

/** More than one is meant for a MULTI. */
export function chooseCommands(
  random: Random,
  connection: number,
  count: number,
  nowMs: number,
): Words[] {
  const dice = new Dice(random, connection, count);
  const length = dice.below(6) === 0 ? 2 + dice.below(4) : 1;
  const commands: Words[] = [];
  while (commands.length < length) {
    const words = dice.pick(dice.pick(groups))(dice, nowMs);
    // What PFADD will make is asked beforehand, which has no place in a MULTI.
    if (length === 1 || words[0] !== "PFADD") commands.push(words);
  }
  return commands;
}
