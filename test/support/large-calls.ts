/**
 * Random calls on few collections that are large: thousands of elements, of all sizes, with many
 * equal ones, in commands that take many at once. What a grammar of short calls never reaches are
 * the forms that a collection takes on when it grows, and the seams between their parts.
 */
import { pick, type Random } from "./command-grammar.ts";

const below = (random: Random, bound: number): number => Math.floor(random() * bound);

export const LARGE_KEYS = [
  "l:1",
  "l:2",
  "z:1",
  "z:2",
  "z:lex",
  "s:1",
  "s:2",
  "h:1",
  "h:2",
  "x:1",
] as const;

function count(random: Random): number {
  return 1 + below(random, pick([1, 3, 30, 300, 900], random));
}

function many<Item>(random: Random, make: () => Item): Item[] {
  return Array.from({ length: count(random) }, make);
}

/** Few distinct ones, so that LREM and LPOS meet many. */
function listValue(random: Random): string {
  const size = pick([1, 1, 1, 2, 10, 10, 64, 300, 600, 2048, 5000], random);
  return String(below(random, 10)).repeat(size);
}

function index(random: Random): string {
  return String(below(random, 4000) - 2000);
}

function member(random: Random): string {
  const number = below(random, 3000);
  return number % 7 === 0 ? String(number) : `m${number}${"x".repeat(number % 90)}`;
}

function integer(random: Random): string {
  return String(below(random, 3000) - 1500);
}

function score(random: Random): string {
  return pick([String(below(random, 40)), String(below(random, 320) / 8), "inf", "-inf"], random);
}

function range(random: Random, make: () => string): [string, string] {
  const prefix = () => pick(["", "("], random);
  return [prefix() + make(), prefix() + make()];
}

function lexRange(random: Random): [string, string] {
  const end = () => pick(["[", "("], random) + member(random);
  return [pick(["-", end()], random), pick(["+", end()], random)];
}

type Maker = (random: Random) => string[];

const list = (random: Random): string => pick(["l:1", "l:2"], random);
const zset = (random: Random): string => pick(["z:1", "z:2"], random);
const set = (random: Random): string => pick(["s:1", "s:2"], random);
const hash = (random: Random): string => pick(["h:1", "h:2"], random);
const side = (random: Random): string => pick(["LEFT", "RIGHT"], random);
const limit = (random: Random): string[] =>
  random() < 0.5 ? [] : ["LIMIT", String(below(random, 500)), String(below(random, 500) - 1)];

const lists: readonly Maker[] = [
  (random) => [
    pick(["LPUSH", "RPUSH"], random),
    list(random),
    ...many(random, () => listValue(random)),
  ],
  (random) => ["RPUSH", list(random), ...Array<string>(count(random)).fill(listValue(random))],
  (random) => [pick(["LPOP", "RPOP"], random), list(random), String(below(random, 400))],
  (random) => [
    "LREM",
    list(random),
    pick(["0", "3", "-3", "200", "-200"], random),
    listValue(random),
  ],
  (random) => [
    "LINSERT",
    list(random),
    pick(["BEFORE", "AFTER"], random),
    listValue(random),
    listValue(random),
  ],
  (random) => ["LSET", list(random), index(random), listValue(random)],
  (random) => ["LTRIM", list(random), String(below(random, 300)), String(-1 - below(random, 300))],
  (random) => ["LRANGE", list(random), index(random), index(random)],
  (random) => ["LINDEX", list(random), index(random)],
  (random) => [
    "LPOS",
    list(random),
    listValue(random),
    "RANK",
    pick(["1", "-1", "20", "-20"], random),
    "COUNT",
    pick(["0", "1", "50"], random),
    "MAXLEN",
    pick(["0", "100", "1000"], random),
  ],
  (random) => ["LMOVE", list(random), list(random), side(random), side(random)],
  (random) => ["LLEN", list(random)],
  // Of which much goes at once: parts that are left small are joined.
  (random) => ["RPUSH", "l:few", ...many(random, () => pick(["0", "0", "0", "1", "2"], random))],
  (random) => ["LREM", "l:few", pick(["0", "400", "-400"], random), pick(["0", "1"], random)],
  (random) => ["LINSERT", "l:few", pick(["BEFORE", "AFTER"], random), "1", "2"],
];

const sortedSets: readonly Maker[] = [
  (random) => ["ZADD", zset(random), ...many(random, () => [score(random), member(random)]).flat()],
  (random) => [
    "ZADD",
    zset(random),
    pick(["GT", "LT", "XX", "NX"], random),
    "CH",
    ...many(random, () => [score(random), member(random)]).flat(),
  ],
  (random) => ["ZREM", zset(random), ...many(random, () => member(random))],
  (random) => ["ZINCRBY", zset(random), pick(["1", "-2.5"], random), member(random)],
  (random) => ["ZREMRANGEBYRANK", zset(random), index(random), index(random)],
  (random) => ["ZREMRANGEBYSCORE", zset(random), ...range(random, () => String(below(random, 40)))],
  (random) => ["ZRANGE", zset(random), index(random), index(random), "WITHSCORES"],
  (random) => [
    "ZRANGE",
    zset(random),
    ...range(random, () => score(random)),
    "BYSCORE",
    ...limit(random),
  ],
  (random) => [
    "ZREVRANGEBYSCORE",
    zset(random),
    ...range(random, () => score(random)),
    ...limit(random),
  ],
  (random) => [pick(["ZRANK", "ZREVRANK", "ZSCORE"], random), zset(random), member(random)],
  (random) => ["ZCOUNT", zset(random), ...range(random, () => score(random))],
  (random) => ["ZADD", "z:lex", ...many(random, () => ["0", member(random)]).flat()],
  (random) => ["ZLEXCOUNT", "z:lex", ...lexRange(random)],
  (random) => ["ZRANGE", "z:lex", ...lexRange(random), "BYLEX", ...limit(random)],
  (random) => ["ZREMRANGEBYLEX", "z:lex", ...lexRange(random)],
  (random) => [pick(["ZPOPMIN", "ZPOPMAX"], random), zset(random), String(below(random, 300))],
  (random) => [
    pick(["ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE"], random),
    zset(random),
    "2",
    "z:1",
    "z:2",
  ],
  (random) => ["ZINTERCARD", "2", "z:1", "z:2", "LIMIT", String(below(random, 300))],
];

const sets: readonly Maker[] = [
  (random) => ["SADD", set(random), ...many(random, () => member(random))],
  (random) => ["SADD", set(random), ...many(random, () => integer(random))],
  (random) => ["SREM", set(random), ...many(random, () => member(random))],
  (random) => ["SREM", set(random), ...many(random, () => integer(random))],
  (random) => ["SMISMEMBER", set(random), ...many(random, () => member(random))],
  (random) => [pick(["SINTER", "SUNION", "SDIFF"], random), "s:1", "s:2"],
  (random) => [
    pick(["SUNIONSTORE", "SDIFFSTORE", "SINTERSTORE"], random),
    set(random),
    "s:1",
    "s:2",
  ],
  (random) => ["SMOVE", set(random), set(random), member(random)],
  (random) => ["SINTERCARD", "2", "s:1", "s:2", "LIMIT", String(below(random, 300))],
  (random) => ["SORT", list(random), "ALPHA", ...limit(random)],
  (random) => ["SORT", zset(random), "ALPHA", "DESC", "STORE", list(random)],
];

const hashes: readonly Maker[] = [
  (random) => [
    "HSET",
    hash(random),
    ...many(random, () => [member(random), listValue(random)]).flat(),
  ],
  (random) => ["HDEL", hash(random), ...many(random, () => member(random))],
  (random) => ["HMGET", hash(random), ...many(random, () => member(random))],
  (random) => ["HGETALL", hash(random)],
  (random) => ["HSTRLEN", hash(random), member(random)],
  (random) => ["HINCRBY", hash(random), `n${below(random, 9)}`, "7"],
  (random) => ["HLEN", hash(random)],
];

const streams: readonly Maker[] = [
  (random) => ["XADD", "x:1", `${below(random, 50)}-*`, member(random), listValue(random)],
  (random) => [
    "XADD",
    "x:1",
    "MAXLEN",
    pick(["=", "~"], random),
    "400",
    `${below(random, 80)}-*`,
    "f",
    "v",
  ],
  (random) => ["XRANGE", "x:1", `${below(random, 60)}`, "+", "COUNT", "100"],
  (random) => ["XREVRANGE", "x:1", `${below(random, 60)}`, "-", "COUNT", "100"],
  (random) => ["XDEL", "x:1", ...many(random, () => `${below(random, 60)}-${below(random, 30)}`)],
  (random) => ["XTRIM", "x:1", "MINID", pick(["=", "~"], random), `${below(random, 30)}`],
  () => ["XLEN", "x:1"],
];

const generic: readonly Maker[] = [
  (random) => ["COPY", pick(["l:1", "z:1", "s:1", "h:1"], random), "copied", "REPLACE"],
  () => ["RENAME", "copied", "renamed"],
  () => ["DUMP", "missing"],
  (random) => (random() < 0.05 ? ["DEL", pick(LARGE_KEYS, random)] : ["EXISTS", ...LARGE_KEYS]),
];

const families = [lists, lists, sortedSets, sortedSets, sets, hashes, streams, generic];

export function largeCall(random: Random): string[] {
  return pick(pick(families, random), random)(random);
}
