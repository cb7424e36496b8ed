/**
 * Values for the arguments of random calls, by the argument's name, its type and the command's
 * group: chosen to hurt, and so that most commands meet keys, members and ids that are there.
 */
import type { ArgumentDeclaration, CommandGroup } from "../../src/commands/command.ts";

const words = (text: string) => text.split(" ");

/** Of each type a few, so that calls meet again. */
const KEYS_OF_TYPE = {
  string: ["a", "b", "num", "k\x00\xff"],
  hash: ["hash:1", "hash:2", "hash:3"],
  list: ["list:1", "list:2", "list:3"],
  set: ["set:1", "set:2", "set:3"],
  sorted_set: ["zset:1", "zset:2", "zset:3"],
  stream: ["stream:1", "stream:2"],
  bitmap: ["bits:1", "bits:2", "num"],
  hyperloglog: ["hll:1", "hll:2", "hll:3"],
  geo: ["geo:1", "geo:2"],
} as const;

export const ALL_KEYS: readonly string[] = [...new Set(Object.values(KEYS_OF_TYPE).flat()), "c"];
const OTHER_TYPE_SHARE = 0.06;

/** Long enough to be held as a Buffer, not as a string. */
const LONG_STRINGS = ["y".repeat(513), "\xffz\x00".repeat(250)];
export const STRINGS: readonly string[] = [
  ...words("a b c d"),
  ...words("1 2 10 -1 3.5 0 007 +1 1e3 9223372036854775807 -9223372036854775808"),
  ...words("hello foobar inf nan"),
  ...["", " ", "\x01\x00\xff", "long ".repeat(20), "with\r\nbreaks", "0.1", "5.0e-3"],
  ...LONG_STRINGS,
];
const INTEGERS = [
  ...words("0 1 2 3 -1 -2 -3 5 10 100 -100"),
  ...words("9223372036854775807 -9223372036854775808 9223372036854775808 abc 1.5"),
];
const DOUBLES = words("0 1 -1 0.1 0.2 3.0 -2.5 1e5 5.0e3 1e-5 abc inf 1.17 200.001 1000.1 1e17");
const PATTERNS = ["*", "a*", "?", "[a-c]", "h[^x]sh*", "list:\\1", "nothing", "h**", "[", "\\"];
/** Far enough that nothing expires while a sequence runs. */
const SECONDS = words("1000 100000 0 -1 -1000 9223372036854775807 9223372036854776 abc 3000000000");
const MILLISECONDS = words("1000000 100000000 0 -1 9223372036854775807 abc");
const UNIX_SECONDS = words("4000000000 5000000000 0 1 -1 abc 9223372036854775807");
/** Times beyond 2^53 milliseconds are a departure. */
const UNIX_MILLISECONDS = words("4000000000000 5000000000001 0 1 -1 abc 9223372036854775808");
const DATABASES = words("0 1 2 15 16 -1 x 2147483648");

/** Without the least 64-bit integer, which Redis 7.0 takes as a rank and 7.2 refuses. */
const RANKS = INTEGERS.filter((text) => text !== "-9223372036854775808");
const RANGE_ENDS = words("0 1 2 3 -1 -2 -3 5 10 100 -100 9223372036854775807 abc");
const COUNTS = words("1 1 2 2 3 5 10 100 0 -1 -2 abc");
const SMALL_COUNTS = words("1 2 3 10 0 -1 x");
const SCORES = words("0 1 2 3 -1 1.5 -2.5 10 1e3 0.1 inf -inf +inf nan abc 3 2 1 17179869184");
const SCORE_BOUNDS = words("-inf +inf inf 0 1 (1 2 (2 3 (3 10 -1 (0 (inf 1.5 a (x");
const LEX_BOUNDS = ["-", "+", "[a", "(a", "[b", "(b", "[m", "(hello", "[", "(", "a", "[1", "(3"];
const MEMBERS = [
  ...words("a b c d e f g h 1 2 3 4 5 10 -1 007 3.5 9223372036854775807 hello foobar"),
  ...["", "\x01\x00\xff", "long ".repeat(20)],
];
const MOST_MEMBERS = MEMBERS.slice(0, 13);
const WEIGHTS = words("1 2 0 -1 0.5 inf -inf 3 nan x");
/** Nothing has the time that makes part of an id, or the two servers would differ. */
const NEW_IDS = [
  ...words("1-1 1-2 1-* 2-1 2-* 3-0 3-* 5-5 5-* 10-1 10-* 11-* 100-1 200-* 300-1 1000-* 2000-1"),
  ...words("0-0 0-1 0-* abc 5 7 1-1-1 18446744073709551615-18446744073709551615 -1 - +"),
];
const IDS = words("0 0-0 1 1-1 1-2 2-1 2-0 3-0 5-5 10-1 10 100-1 300-1 5 abc 1-x - +");
const STREAM_BOUNDS = words(
  "- - + + 0 1 1-1 1-2 2-1 (1-1 (2-0 5-5 (5 10 10-1 100 ( abc (- 3-18446744073709551615",
);
const READ_IDS = words("0 0 0-0 1-1 2-1 5 10 > > > $ + abc");
const GROUP_IDS = words("0 0 $ 1-1 2-1 5-5 - abc");
const GROUPS = words("g1 g1 g2 g3");
const CONSUMERS = ["alice", "alice", "bob", "carol", ""];
/** Nothing is idle for long, or less than not at all: what lies between depends on the clock. */
const IDLE_TIMES = words("0 0 0 100000000 abc -1");
const BIT_OFFSETS = words("0 1 2 7 8 9 15 16 31 63 64 100 1000 10007 4294967296 -1 abc");
const FIELD_OFFSETS = words("0 1 7 8 13 64 100 #0 #1 #2 #7 -1 #-1 abc #");
const FIELD_TYPES = words("u1 u2 u4 u8 u16 u32 u63 i1 i4 i5 i8 i16 i32 i64 u64 i65 u0 x8 8 i");
const BYTE_RANGES = words("0 1 2 3 -1 -2 -3 5 10 100 -100 abc");
const LONGITUDES = words("0 1 13.361389 15.087269 -122.4 179.9 -179.99 180.1 2.35 2.36 abc 0.0001");
/** Far from the poles, over which Redis misses what we find. */
const LATITUDES = words("0 1 38.115556 37.502669 37.7 -33.9 85.1 48.85 48.86 x 0.0001");
const RADII = words("0 1 10 100 200.5 1000 2000 -1 abc");
const PLACES = words("Palermo Catania Paris London a b missing");
const SORT_PATTERNS = [
  "*",
  "nosort",
  "hash:*->a",
  "str*",
  "a",
  "#",
  "zset:*",
  "list:*",
  "hash:*->",
];
/** Without those that lead to bits: a text that begins with a zero byte is no number to us. */
const SORT_WEIGHTS = ["nosort", "hash:*->a", "hash:*->", "a", "#", "zset:*", "list:*"];
const NUMBERS = ["1", "2", "3", "10", "-1", "3.5", "100", "0", "7", "8"];

const BY_NAME: ReadonlyMap<string, readonly string[]> = new Map([
  ["seconds", SECONDS],
  ["milliseconds", MILLISECONDS],
  ["ms", words("0 1000 x")],
  ["unix-time-seconds", UNIX_SECONDS],
  ["unix-time-milliseconds", UNIX_MILLISECONDS],
  ["rank", RANKS],
  ["db", DATABASES],
  ["destination-db", DATABASES],
  ["count", COUNTS],
  ["limit", SMALL_COUNTS],
  ["num-matches", SMALL_COUNTS],
  ["len", SMALL_COUNTS],
  ["score", SCORES],
  ["weight", WEIGHTS],
  ["group", GROUPS],
  ["consumer", CONSUMERS],
  ["min-idle-time", IDLE_TIMES],
  ["encoding", FIELD_TYPES],
  ["bit", ["0", "1", "1", "2", "x"]],
  ["longitude", LONGITUDES],
  ["latitude", LATITUDES],
  ["radius", RADII],
  ["width", RADII],
  ["height", RADII],
  ["by-pattern", SORT_WEIGHTS],
  ["get-pattern", SORT_PATTERNS],
  ["timeout", ["0.01", "0.02", "-1", "x"]],
  ["last-id", ["0-0", "1-1", "300-1", "2000-1", "5000-1", "abc"]],
  ["lastid", IDS],
  ["max-deleted-id", ["0-0", "1-1", "abc", "5-5"]],
  ["entries-added", ["0", "1", "10", "100", "-1", "x"]],
  ["entries-read", ["0", "1", "10", "-1", "-2", "x"]],
  ["entriesread", ["0", "1", "10", "-1", "-2", "x"]],
  ["threshold", ["0", "1", "2", "5", "10", "2-1", "10-1", "100", "-1", "x"]],
  ["stop", RANGE_ENDS],
]);

type GroupPools = ReadonlyMap<string, readonly string[]>;

const BY_GROUP: Partial<Record<CommandGroup, GroupPools>> = {
  set: new Map([["member", MOST_MEMBERS]]),
  sorted_set: new Map([
    ["member", MOST_MEMBERS],
    ["start", [...SCORE_BOUNDS, ...LEX_BOUNDS, ...RANGE_ENDS]],
    ["stop", [...SCORE_BOUNDS, ...LEX_BOUNDS, ...RANGE_ENDS]],
    ["min", SCORE_BOUNDS],
    ["max", SCORE_BOUNDS],
    ["offset", ["0", "1", "2", "-1", "100"]],
  ]),
  stream: new Map([
    ["field", ["f", "g", "h", "", "1"]],
    ["value", MEMBERS],
    ["start", STREAM_BOUNDS],
    ["end", STREAM_BOUNDS],
    ["id", IDS],
  ]),
  bitmap: new Map([
    ["offset", BIT_OFFSETS],
    ["start", BYTE_RANGES],
    ["end", BYTE_RANGES],
    ["value", ["0", "1", "1", "2", "-1", "255", "x", "9223372036854775807"]],
    ["increment", ["1", "-1", "2", "100", "-100", "255", "x", "9223372036854775807"]],
  ]),
  hyperloglog: new Map([["element", MEMBERS]]),
  geo: new Map([
    ["member", PLACES],
    ["member1", PLACES],
    ["member2", PLACES],
  ]),
  string: new Map([["offset", ["0", "1", "5", "100", "-1", "536870912", "x"]]]),
  list: new Map([["element", [...STRINGS, ...NUMBERS]]]),
  generic: new Map([["offset", ["0", "1", "2", "-1"]]]),
};

/** Names that mean different things in commands of one group. */
const BY_COMMAND: ReadonlyMap<string, readonly string[]> = new Map([
  ["xadd id", NEW_IDS],
  ["xread id", READ_IDS],
  ["xreadgroup id", READ_IDS],
  ["xgroup|create id", GROUP_IDS],
  ["xgroup|setid id", GROUP_IDS],
  ["bitfield offset", FIELD_OFFSETS],
  ["bitfield_ro offset", FIELD_OFFSETS],
  ["setbit value", ["0", "1", "1", "2", "x"]],
  ["zrangebylex min", LEX_BOUNDS],
  ["zrangebylex max", LEX_BOUNDS],
  ["zrevrangebylex min", LEX_BOUNDS],
  ["zrevrangebylex max", LEX_BOUNDS],
  ["zremrangebylex min", LEX_BOUNDS],
  ["zremrangebylex max", LEX_BOUNDS],
  ["zlexcount min", LEX_BOUNDS],
  ["zlexcount max", LEX_BOUNDS],
  ["zremrangebyrank start", RANGE_ENDS],
  ["zremrangebyrank stop", RANGE_ENDS],
  ["zrevrange start", RANGE_ENDS],
  ["zrevrange stop", RANGE_ENDS],
  ["zincrby increment", SCORES],
  // Redis takes the lower 32 bits of this index alone.
  ["lset index", words("0 1 2 -1 -2 -3 5 100 -100 abc 9223372036854775808")],
]);

export interface ArgumentPlace {
  readonly command: string;
  readonly group: CommandGroup;
}

/** `dice` is from 0 to 1: the key of another type now and then. */
export function poolOf(
  argument: ArgumentDeclaration,
  place: ArgumentPlace,
  dice: number,
): readonly string[] {
  if (argument.type === "key") return keysOf(place.group, dice);
  const { name, type } = argument;
  return (
    BY_COMMAND.get(`${place.command} ${name}`) ??
    BY_GROUP[place.group]?.get(name) ??
    BY_NAME.get(name) ??
    (type === "pattern" ? PATTERNS : undefined) ??
    (type === "double" ? DOUBLES : undefined) ??
    (type === "integer" ? INTEGERS : STRINGS)
  );
}

function keysOf(group: CommandGroup, dice: number): readonly string[] {
  const own = group in KEYS_OF_TYPE ? KEYS_OF_TYPE[group as keyof typeof KEYS_OF_TYPE] : ALL_KEYS;
  return dice < OTHER_TYPE_SHARE ? ALL_KEYS : own;
}
