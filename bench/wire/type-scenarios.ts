/**
 * What the wire bench measures of every data type: one command each, on data that is made before.
 * `__rand_int__` is a random number of twelve digits below `range`, as redis-benchmark makes it.
 */
import type { CommandWords } from "../bulk-client.ts";

export interface TypeScenario {
  readonly name: string;
  /** As one line; words are split at blanks. */
  readonly command: string;
  readonly fill: (requests: number) => Iterable<CommandWords>;
  /** Its data is used up by the requests and made again before each repetition. */
  readonly isConsuming?: boolean;
  /** A durable server has something to write; others are measured in memory only. */
  readonly isWrite: boolean;
  /** How many requests, beside those of a quick command. */
  readonly share?: number;
}

/** Of random keys and members. */
export const RANGE = 100_000;
const VALUE = "x".repeat(64);

/** A number as redis-benchmark prints it. */
export function digits(number: number): string {
  return String(number).padStart(12, "0");
}

function* times<Item>(count: number, make: (index: number) => Item): Generator<Item> {
  for (let index = 0; index < count; index += 1) yield make(index);
}

/** `head` with words for `count` elements, a hundred in a command. */
function* inBatches(
  head: CommandWords,
  count: number,
  wordsOf: (index: number) => CommandWords,
): Generator<CommandWords> {
  for (let first = 0; first < count; first += 100) {
    const most = Math.min(100, count - first);
    yield [...head, ...[...times(most, (index) => wordsOf(first + index))].flat()];
  }
}

const nothing = (): Iterable<CommandWords> => [];
const list = (count: number) => () => inBatches(["RPUSH", "list"], count, () => [VALUE]);
const members = (count: number) =>
  inBatches(["SADD", "set"], count, (index) => [`member:${digits(index)}`]);
const scores = (count: number) =>
  inBatches(["ZADD", "zset"], count, (index) => [
    (index * 7919) % count,
    `member:${digits(index)}`,
  ]);
const entries = (count: number) =>
  times(count, (index) => ["XADD", "stream", `${index + 1}-0`, "f", VALUE]);

function* group(count: number, isDelivered: boolean): Generator<CommandWords> {
  yield* entries(count);
  yield ["XGROUP", "CREATE", "stream", "group", "0"];
  if (!isDelivered) return;
  yield ["XREADGROUP", "GROUP", "group", "consumer", "COUNT", count, "STREAMS", "stream", ">"];
}

/** Spread over ten by ten degrees. */
const places = (count: number) =>
  inBatches(["GEOADD", "places"], count, (index) => [
    (10 + ((index * 7919) % 10_007) / 1000.7).toFixed(5),
    (45 + ((index * 104_729) % 10_007) / 1000.7).toFixed(5),
    `place:${digits(index)}`,
  ]);

const lists: TypeScenario[] = [
  { name: "LPUSH", command: `LPUSH list ${VALUE}`, fill: nothing, isWrite: true },
  { name: "RPUSH", command: `RPUSH list ${VALUE}`, fill: nothing, isWrite: true },
  {
    name: "LPOP",
    command: "LPOP list",
    fill: (requests) => list(requests)(),
    isConsuming: true,
    isWrite: true,
  },
  {
    name: "RPOP",
    command: "RPOP list",
    fill: (requests) => list(requests)(),
    isConsuming: true,
    isWrite: true,
  },
  { name: "LRANGE_100", command: "LRANGE list 0 99", fill: list(1000), isWrite: false, share: 0.5 },
  {
    name: "LRANGE_300",
    command: "LRANGE list 0 299",
    fill: list(1000),
    isWrite: false,
    share: 0.2,
  },
];

const sets: TypeScenario[] = [
  { name: "SADD", command: "SADD set member:__rand_int__", fill: nothing, isWrite: true },
  {
    name: "SPOP",
    command: "SPOP set",
    fill: members,
    isConsuming: true,
    isWrite: true,
  },
  {
    name: "SISMEMBER",
    command: "SISMEMBER set member:__rand_int__",
    fill: () => members(RANGE),
    isWrite: false,
  },
];

const hashes: TypeScenario[] = [
  { name: "HSET", command: `HSET hash field:__rand_int__ ${VALUE}`, fill: nothing, isWrite: true },
  {
    name: "HSET_session",
    command: `HSET session:__rand_int__ user 12 name somebody seen 1700000000`,
    fill: nothing,
    isWrite: true,
  },
  {
    name: "HGET",
    command: "HGET hash field:__rand_int__",
    fill: () => inBatches(["HSET", "hash"], RANGE, (index) => [`field:${digits(index)}`, VALUE]),
    isWrite: false,
  },
  {
    name: "HGETALL_20",
    command: "HGETALL hash",
    fill: () => inBatches(["HSET", "hash"], 20, (index) => [`field:${index}`, `value:${index}`]),
    isWrite: false,
  },
];

const sortedSets: TypeScenario[] = [
  {
    name: "ZADD",
    command: "ZADD zset __rand_int__ member:__rand_int__",
    fill: nothing,
    isWrite: true,
  },
  {
    name: "ZINCRBY",
    command: "ZINCRBY zset 1 member:__rand_int__",
    fill: () => scores(RANGE),
    isWrite: true,
  },
  {
    name: "ZPOPMIN",
    command: "ZPOPMIN zset",
    fill: scores,
    isConsuming: true,
    isWrite: true,
  },
  {
    name: "ZRANGE_10",
    command: "ZRANGE zset 5000 5009",
    fill: () => scores(RANGE),
    isWrite: false,
  },
  {
    name: "ZRANGEBYSCORE_10",
    command: "ZRANGEBYSCORE zset __rand_int__ +inf LIMIT 0 10",
    fill: () => scores(RANGE),
    isWrite: false,
  },
  {
    name: "ZREVRANK",
    command: "ZREVRANK zset member:__rand_int__",
    fill: () => scores(RANGE),
    isWrite: false,
  },
];

const streams: TypeScenario[] = [
  { name: "XADD", command: `XADD stream * field ${VALUE}`, fill: nothing, isWrite: true },
  {
    name: "XADD_MAXLEN",
    command: `XADD stream MAXLEN ~ 1000 * field ${VALUE}`,
    fill: nothing,
    isWrite: true,
  },
  {
    name: "XRANGE_10",
    command: "XRANGE stream __rand_int__ + COUNT 10",
    fill: () => entries(RANGE),
    isWrite: false,
  },
  {
    name: "XREADGROUP",
    command: "XREADGROUP GROUP group consumer COUNT 1 STREAMS stream >",
    fill: (requests) => group(requests, false),
    isConsuming: true,
    isWrite: true,
  },
  {
    name: "XACK",
    command: "XACK stream group __rand_int__-0",
    fill: () => group(RANGE, true),
    isConsuming: true,
    isWrite: true,
  },
];

const bits: TypeScenario[] = [
  { name: "SETBIT", command: "SETBIT bits:__rand_int__ 77 1", fill: nothing, isWrite: true },
  {
    name: "GETBIT",
    command: "GETBIT bits 77777",
    fill: () => [["SETBIT", "bits", RANGE, 1]],
    isWrite: false,
  },
  {
    name: "BITCOUNT_12K",
    command: "BITCOUNT bits",
    fill: () => [["SETBIT", "bits", RANGE, 1]],
    isWrite: false,
  },
  { name: "PFADD", command: "PFADD visitors visitor:__rand_int__", fill: nothing, isWrite: true },
  {
    name: "PFCOUNT",
    command: "PFCOUNT visitors",
    fill: () => inBatches(["PFADD", "visitors"], RANGE, (index) => [`visitor:${index}`]),
    isWrite: false,
  },
  {
    name: "GEOADD",
    command: "GEOADD places 12.__rand_int__ 52.__rand_int__ place:__rand_int__",
    fill: nothing,
    isWrite: true,
  },
  {
    name: "GEOSEARCH_10",
    command: "GEOSEARCH places FROMLONLAT 15.5 50.5 BYRADIUS 50 km ASC COUNT 10",
    fill: () => places(10_000),
    isWrite: false,
    share: 0.3,
  },
];

const keys: TypeScenario[] = [
  { name: "INCR", command: "INCR counter:__rand_int__", fill: nothing, isWrite: true },
  {
    name: "MSET_10",
    command: `MSET ${Array.from({ length: 10 }, () => `key:__rand_int__ ${VALUE}`).join(" ")}`,
    fill: nothing,
    isWrite: true,
    share: 0.3,
  },
  {
    name: "EXPIRE",
    command: "EXPIRE key:__rand_int__ 1000",
    fill: () => times(RANGE, (index) => ["SET", `key:${digits(index)}`, VALUE]),
    isWrite: true,
  },
  {
    name: "SORT_100",
    command: "SORT numbers",
    fill: () => inBatches(["RPUSH", "numbers"], 100, (index) => [(index * 7919) % 997]),
    isWrite: false,
    share: 0.3,
  },
  {
    name: "SCAN_10",
    command: "SCAN 0",
    fill: () => times(RANGE, (index) => ["SET", `key:${digits(index)}`, VALUE]),
    isWrite: false,
  },
];

export const typeScenarios: readonly TypeScenario[] = [
  ...lists,
  ...sets,
  ...hashes,
  ...sortedSets,
  ...streams,
  ...bits,
  ...keys,
];
