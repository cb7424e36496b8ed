/**
 * What a simulated client sends next: programs of one command or several, random ones of every data
 * type from the declarations, made so that clients meet each other: the same few keys, short
 * expirations, blocked pops and who serves them, transactions, searches.
 */
import { bitmapCommands } from "../../src/commands/bitmap/commands.ts";
import type { Command } from "../../src/commands/command.ts";
import { genericCommands } from "../../src/commands/generic/commands.ts";
import { geoCommands } from "../../src/commands/geo/commands.ts";
import { hashCommands } from "../../src/commands/hash/commands.ts";
import { hyperloglogCommands } from "../../src/commands/hyperloglog/commands.ts";
import { listCommands } from "../../src/commands/list/commands.ts";
import { setCommands } from "../../src/commands/set/commands.ts";
import { sortedSetCommands } from "../../src/commands/sorted-set/commands.ts";
import { streamCommands } from "../../src/commands/stream/commands.ts";
import { stringCommands } from "../../src/commands/string/commands.ts";
import { ALL_KEYS } from "../support/argument-pools.ts";
import { pick, type Random, randomCall } from "../support/command-grammar.ts";

export type Program = readonly (readonly string[])[];

const DOCUMENT_COUNT = 12;
const TAGS = ["red", "green", "blue"];
const INDEXES = ["all", "some"];
/** Seconds. */
const WAIT_MAX = 5;
const LONG_BYTES = 900;

/** Looks at Redis's own code and representation, and LCS, which takes as long as all others. */
const left: ReadonlySet<string> = new Set([
  "pfselftest",
  "pfdebug",
  "object",
  "wait",
  "waitaof",
  "lcs",
]);
const kept = (commands: readonly Command[]): readonly Command[] =>
  commands.filter(({ name }) => !left.has(name)).flatMap((one) => one.subcommands ?? [one]);

const groups: readonly (readonly [family: string, commands: readonly Command[]])[] = [
  ["string", kept(stringCommands)],
  ["hash", kept(hashCommands)],
  ["list", kept(listCommands)],
  ["set", kept(setCommands)],
  ["zset", [...kept(sortedSetCommands), ...kept(geoCommands)]],
  ["stream", kept(streamCommands)],
  ["bits", [...kept(bitmapCommands), ...kept(hyperloglogCommands)]],
  ["", kept(genericCommands)],
];
const families = groups.map(([family]) => family).filter((family) => family !== "");

/** Shares of a hundred; what is left are random calls. */
type Maker = (random: Random) => Program;
const makers: readonly (readonly [share: number, make: Maker])[] = [
  [8, documentProgram],
  [5, searchProgram],
  [6, transactionProgram],
  [6, queueProgram],
  [4, expiryProgram],
  [4, counterProgram],
  [3, longProgram],
  [2, clientProgram],
  [1, sessionProgram],
  [0.3, globalProgram],
  [0.5, () => [["BGSAVE"]]],
  [0.2, () => [["SAVE"]]],
];

export function nextProgram(random: Random): Program {
  let dice = random() * 100;
  for (const [share, make] of makers) {
    dice -= share;
    if (dice < 0) return make(random);
  }
  const count = dice < 20 ? 2 + Math.floor(random() * 7) : 1;
  return Array.from({ length: count }, () => randomOne(random));
}

function randomOne(random: Random): string[] {
  const [name, commands] = pick(groups, random);
  const words = randomCall(pick(commands, random), random);
  const family = name === "" || random() < 0.1 ? pick(families, random) : name;
  return withFiniteWait(words.map((word, at) => (at > 0 ? keyOf(family, word) : word)));
}

/** A key of that family in place of any of the grammar's keys. */
function keyOf(family: string, word: string): string {
  const at = ALL_KEYS.indexOf(word);
  return at < 0 ? word : `${family}:${at % 4}`;
}

/** Nobody waits for ever: XREAD BLOCK takes any number as its time, and pops take 0. */
function withFiniteWait(words: string[]): string[] {
  const isTooLong = (word: string): boolean => Number(word) === 0 || Number(word) > WAIT_MAX;
  if (/^b[lrz]/i.test(words[0])) return words.map((word) => (isTooLong(word) ? "0.1" : word));
  const at = words.findIndex((word) => word.toUpperCase() === "BLOCK");
  if (at >= 0 && at + 1 < words.length) words[at + 1] = "300";
  return words;
}

function documentProgram(random: Random): Program {
  const key = `doc:${Math.floor(random() * DOCUMENT_COUNT)}`;
  const other = `doc:${Math.floor(random() * DOCUMENT_COUNT)}`;
  const number = String(Math.floor(random() * 20) - 5);
  const tags = random() < 0.3 ? `${pick(TAGS, random)},${pick(TAGS, random)}` : pick(TAGS, random);
  const vector = Array.from({ length: 4 }, () => pick(["\x00", "\x01", "\x7f"], random)).join("");
  const changes: readonly (readonly string[])[] = [
    ["HSET", key, "t", tags, "n", number, "v", vector],
    ["HSET", key, "t", tags, "n", number, "v", vector],
    ["HSET", key, "t", tags],
    ["HSET", key, "n", random() < 0.1 ? "abc" : number],
    ["HINCRBY", key, "n", "3"],
    ["HDEL", key, pick(["t", "n", "v"], random)],
    ["DEL", key],
    ["RENAME", key, other],
    ["COPY", key, other, "REPLACE"],
    ["PEXPIRE", key, String(1 + Math.floor(random() * 60))],
    ["PERSIST", key],
    ["HPEXPIRE", key, String(1 + Math.floor(random() * 60)), "FIELDS", "1", "t"],
    ["SET", key, "no hash"],
  ];
  return [pick(changes, random)];
}

function searchProgram(random: Random): Program {
  const name = pick(INDEXES, random);
  const dice = random();
  if (dice < 0.1) return [["FT.DROPINDEX", name]];
  if (dice < 0.35) {
    const prefix = name === "all" ? "" : "doc:1";
    const vector = ["VECTOR", "HNSW", "6", "TYPE", "INT8", "DIM", "4", "DISTANCE_METRIC", "L2"];
    const schema = ["SCHEMA", "t", "TAG", "n", "NUMERIC", "v", ...vector];
    return [["FT.CREATE", name, "PREFIX", "1", prefix, ...schema]];
  }
  const low = Math.floor(random() * 20) - 5;
  const [tag, range] = [`@t:{${pick(TAGS, random)}}`, `@n:[${low} ${low + 6}]`];
  if (random() < 0.2) {
    const nearest = `${pick(["*", tag], random)}=>[KNN 3 @v $q]`;
    const vector = ["PARAMS", "2", "q", pick(["\x00\x01\x7f\x01", "abcd"], random)];
    return [["FT.SEARCH", name, nearest, "NOCONTENT", ...vector, "DIALECT", "2"]];
  }
  const query = pick(["*", tag, range, `${tag} ${range}`], random);
  return [["FT.SEARCH", name, query, "NOCONTENT", "LIMIT", "0", "1000", "DIALECT", "2"]];
}

/** Asks both indexes for everything that they can be asked for. */
export function searchEverything(): Program {
  const queries = ["*", ...TAGS.map((tag) => `@t:{${tag}}`), "@n:[-1000 0]", "@n:[1 1000]"];
  const how = ["NOCONTENT", "LIMIT", "0", "1000", "DIALECT", "2"];
  return INDEXES.flatMap((name) => queries.map((query) => ["FT.SEARCH", name, query, ...how]));
}

/** Short, since one call that is refused at once undoes it all. */
function transactionProgram(random: Random): Program {
  const inside = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
    random() < 0.5 ? randomOne(random) : pick(MARKS, random).concat(String(random())),
  );
  const watch = random() < 0.3 ? [["WATCH", pick(["string:0", "list:1", "doc:1"], random)]] : [];
  return [...watch, ["MULTI"], ...inside, [random() < 0.9 ? "EXEC" : "DISCARD"]];
}

const MARKS = [
  ["SET", "mark:1"],
  ["SET", "mark:2"],
  ["RPUSH", "list:1"],
];

/** Pops that wait, and who feeds them. */
function queueProgram(random: Random): Program {
  const list = `list:${Math.floor(random() * 3)}`;
  const other = `list:${Math.floor(random() * 3)}`;
  const wait = pick(["0.05", "0.5", "3"], random);
  const value = `job ${Math.floor(random() * 1e9)}`;
  return [
    pick<readonly string[]>(
      [
        ["BLPOP", list, other, wait],
        ["BRPOP", list, wait],
        ["BLMOVE", list, other, "LEFT", "RIGHT", wait],
        ["BLMPOP", wait, "1", list, "LEFT", "COUNT", "2"],
        ["BZPOPMIN", "zset:0", "zset:1", wait],
        ["XREAD", "BLOCK", "200", "STREAMS", "stream:0", "$"],
        ["XREADGROUP", "GROUP", "g1", "alice", "BLOCK", "200", "STREAMS", "stream:0", ">"],
        ["LPUSH", list, value],
        ["RPUSH", list, value, `${value} too`],
        ["ZADD", "zset:0", "1", value],
        ["XADD", "stream:0", "*", "f", value],
        ["DEL", list],
      ],
      random,
    ),
  ];
}

function expiryProgram(random: Random): Program {
  const key = `${pick(families, random)}:${Math.floor(random() * 4)}`;
  const time = String(1 + Math.floor(random() * 80));
  return [
    pick<readonly string[]>(
      [
        ["PEXPIRE", key, time],
        ["PEXPIRE", key, time],
        ["SET", "string:0", `for ${time}`, "PX", time],
        ["HPEXPIRE", "hash:1", time, "FIELDS", "2", "f", "g"],
        ["HSETEX", "hash:1", "PX", time, "FIELDS", "1", "f", time],
        ["PERSIST", key],
        ["PTTL", key],
      ],
      random,
    ),
  ];
}

function counterProgram(random: Random): Program {
  const key = `counter:${Math.floor(random() * 2)}`;
  return [random() < 0.5 ? ["INCR", key] : ["GET", key]];
}

function longProgram(random: Random): Program {
  const long = pick(["x", "\x00", "\xff"], random).repeat(LONG_BYTES + Math.floor(random() * 3000));
  return [
    pick<readonly string[]>(
      [
        ["APPEND", "string:1", long],
        ["SET", "string:2", long],
        ["RPUSH", "list:1", long],
        ["SADD", "set:1", long],
        ["HSET", "hash:1", "long", long],
        ["XADD", "stream:1", "*", "long", long],
      ],
      random,
    ),
  ];
}

function clientProgram(random: Random): Program {
  const id = String(1 + Math.floor(random() * 30));
  return [
    pick<readonly string[]>(
      [
        ["CLIENT", "KILL", "ID", id],
        ["CLIENT", "UNBLOCK", id, pick(["TIMEOUT", "ERROR"], random)],
        ["CLIENT", "PAUSE", String(1 + Math.floor(random() * 40)), pick(["WRITE", "ALL"], random)],
        ["CLIENT", "UNPAUSE"],
        ["CLIENT", "ID"],
      ],
      random,
    ),
  ];
}

function sessionProgram(random: Random): Program {
  return [
    pick<readonly string[]>(
      [
        ["SELECT", pick(["0", "0", "1", "99"], random)],
        ["PING", "here"],
        ["RESET"],
        ["HELLO", "3"],
        ["HELLO", "2"],
        ["NOSUCH", "command"],
        ["GET"],
      ],
      random,
    ),
  ];
}

function globalProgram(random: Random): Program {
  return [
    pick<readonly string[]>(
      [["SWAPDB", "0", "1"], ["SWAPDB", "0", "1"], ["FLUSHDB"], ["FLUSHALL"]],
      random,
    ),
  ];
}
