/**
 * Values for everything that moves between Redis and us: commands that make each of them, and reads
 * that tell two of them apart.
 */
import { ErrorReply } from "../../src/base/errors.ts";

export type Send = (...args: string[]) => Promise<unknown>;

export interface RdbCase {
  readonly name: string;
  /** `k` is the key. */
  readonly commands: readonly (readonly string[])[];
}

function range<Item>(count: number, item: (index: number) => Item): Item[] {
  return Array.from({ length: count }, (_, index) => item(index));
}

function pairs(count: number, value: (index: number) => string): string[] {
  return range(count, (index) => [`field:${index}`, value(index)]).flat();
}

function stringName(text: string): string {
  return `string of ${text.length}: ${text.slice(0, 20).replace(/[^ -~]/g, "?")}`;
}

const group = ["xgroup", "create", "k"];

const streamEntries: readonly (readonly string[])[] = [
  ["xadd", "k", "1-1", "a", "1", "b", "two"],
  ["xadd", "k", "1-2", "a", "3", "b", "four"],
  ["xadd", "k", "5-0", "other", "field", "and", "x".repeat(300), "n", "-70000"],
  ["xadd", "k", "7-7", "a", "9223372036854775807", "b", ""],
  ["xdel", "k", "1-2"],
];

export const rdbCases: readonly RdbCase[] = [
  ...["", "hello", "0", "-1", "127", "-128", "128", "32767", "-32769", "2147483647", "2147483648"]
    .concat(["-2147483648", "007", "1e3", "9223372036854775807", "\x00\xff\x80", "x".repeat(63)])
    .concat(["x".repeat(64), "ab".repeat(9000), range(3000, String).join(" "), "y".repeat(200_000)])
    .map((text) => ({ name: stringName(text), commands: [["set", "k", text]] })),
  { name: "bitmap", commands: [["setbit", "k", "100000", "1"]] },
  { name: "hyperloglog", commands: [["pfadd", "k", ...range(2000, String)]] },
  { name: "small list", commands: [["rpush", "k", "a", "1", "-300", "", "x".repeat(100)]] },
  { name: "list of long values", commands: [["rpush", "k", "x".repeat(5000), "y".repeat(9000)]] },
  {
    name: "list with a very long value",
    commands: [["rpush", "k", "a", "z".repeat(300_000), "b", "c".repeat(70_000)]],
  },
  { name: "large list", commands: [["rpush", "k", ...range(5000, (index) => `value ${index}`)]] },
  { name: "set of small integers", commands: [["sadd", "k", "1", "2", "-5", "300"]] },
  { name: "set of integers", commands: [["sadd", "k", "1", "70000", "-70000"]] },
  { name: "set of wide integers", commands: [["sadd", "k", "1", "9223372036854775807"]] },
  { name: "large set of integers", commands: [["sadd", "k", ...range(3000, String)]] },
  { name: "small set", commands: [["sadd", "k", "a", "b", "1", "", "c".repeat(60)]] },
  { name: "set of long members", commands: [["sadd", "k", "a", "b".repeat(1000)]] },
  { name: "large set", commands: [["sadd", "k", ...range(3000, (index) => `member ${index}`)]] },
  {
    name: "small sorted set",
    commands: [
      ["zadd", "k", "1", "a", "0.1", "b", "-inf", "c", "inf", "d", "1e300", "e", "-2.5e-7", "7"],
    ],
  },
  { name: "sorted set of equal scores", commands: [["zadd", "k", "0", "b", "0", "a", "0", "c"]] },
  {
    name: "large sorted set",
    commands: [["zadd", "k", ...range(3000, (index) => [`${index / 7}`, `m${index}`]).flat()]],
  },
  { name: "sorted set of a long member", commands: [["zadd", "k", "-0.5", "m".repeat(900)]] },
  { name: "geo set", commands: [["geoadd", "k", "13.36", "38.11", "P", "15.08", "37.5", "C"]] },
  { name: "small hash", commands: [["hset", "k", "a", "1", "", "", "b", "x".repeat(50)]] },
  { name: "hash of a long value", commands: [["hset", "k", "a", "x".repeat(5000), "b", "2"]] },
  { name: "large hash", commands: [["hset", "k", ...pairs(2000, (index) => `${index * 1e9}`)]] },
  { name: "stream", commands: streamEntries },
  {
    name: "empty stream",
    commands: [
      ["xadd", "k", "3-3", "a", "b"],
      ["xdel", "k", "3-3"],
      [...group, "g", "$"],
    ],
  },
  {
    name: "large stream",
    commands: range(1500, (index) => `${index + 1}-0`).map((id, index) => [
      ...["xadd", "k", id, "temperature", String(index % 40), "note", `n${index}`],
    ]),
  },
  {
    name: "stream of wide ids",
    commands: [
      ["xadd", "k", "18446744073709551614-9", "a", "b"],
      ["xadd", "k", "18446744073709551615-18446744073709551615", "a", "c"],
    ],
  },
  {
    name: "stream with groups",
    commands: [
      ...streamEntries,
      [...group, "g1", "0"],
      [...group, "g2", "5-0", "entriesread", "3"],
      [...group, "g3", "$"],
      ["xreadgroup", "group", "g1", "alice", "count", "2", "streams", "k", ">"],
      ["xreadgroup", "group", "g1", "bob", "count", "1", "streams", "k", ">"],
      ["xreadgroup", "group", "g2", "carol", "streams", "k", ">"],
      ["xclaim", "k", "g1", "bob", "0", "1-1", "time", "1000", "retrycount", "7"],
      ["xack", "k", "g1", "5-0"],
      ["xgroup", "createconsumer", "k", "g3", "idle"],
    ],
  },
];

const reads: Readonly<Record<string, readonly (readonly string[])[]>> = {
  none: [],
  string: [["get", "k"]],
  list: [["lrange", "k", "0", "-1"]],
  set: [["smembers", "k"]],
  zset: [["zrange", "k", "0", "-1", "withscores"]],
  hash: [["hgetall", "k"]],
  stream: [
    ["xrange", "k", "-", "+"],
    ["xinfo", "stream", "k", "full", "count", "0"],
  ],
};

/** Everything that the value shows, in a form that can be compared. */
export async function described(send: Send): Promise<unknown> {
  const type = String(await send("type", "k"));
  const replies: unknown[] = [];
  for (const call of reads[type]) {
    const reply = await send(...call);
    if (reply instanceof Error || reply instanceof ErrorReply) throw new Error(String(reply));
    if (type === "set") replies.push([...(reply as string[])].sort());
    else if (type === "hash") replies.push(sortedPairs(reply as string[]));
    else if (type === "zset") replies.push((reply as string[]).map(scoreOrMember));
    else if (call[0] === "xinfo") replies.push(streamFacts(reply as unknown[]));
    else replies.push(reply);
  }
  return { type, replies };
}

/** 7.0 writes scores with more digits. */
function scoreOrMember(text: string, index: number): string | number {
  return index % 2 === 0 ? text : Number(text.replace("inf", "Infinity"));
}

function sortedPairs(flat: readonly string[]): string[][] {
  const pairsOf: string[][] = [];
  for (let index = 0; index < flat.length; index += 2) {
    pairsOf.push([flat[index], flat[index + 1]]);
  }
  return pairsOf.sort();
}

/** What stands in memory beside the stream, and what 7.0 does not know, is left out. */
const LEFT_OUT = new Set(["radix-tree-keys", "radix-tree-nodes", "entries", "active-time"]);

function streamFacts(flat: readonly unknown[]): unknown {
  const facts: Record<string, unknown> = {};
  for (let index = 0; index < flat.length; index += 2) {
    const name = String(flat[index]);
    const value = flat[index + 1];
    if (LEFT_OUT.has(name)) continue;
    const isList = name === "groups" || name === "consumers";
    facts[name] = isList ? (value as unknown[][]).map(streamFacts).sort(byName) : value;
  }
  return facts;
}

function byName(left: unknown, right: unknown): number {
  return nameOf(left) < nameOf(right) ? -1 : 1;
}

function nameOf(facts: unknown): string {
  return String((facts as Record<string, unknown>)["name"]);
}
