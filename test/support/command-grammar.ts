/**
 * Random calls from the declarations' grammar, with arguments chosen to hurt: edge integers, wrong
 * types, empty and binary strings, and now and then an argument dropped, doubled or swapped.
 */
import type { ArgumentDeclaration, Command } from "../../src/commands/command.ts";

export type Random = () => number;

/** A small generator with a printable seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const KEYS = ["a", "b", "c", "list:1", "list:2", "hash:1", "hash:2", "num", "k\x00\xff"];
/** Long enough to be held as a Buffer, not as a string. */
const LONG_STRINGS = ["y".repeat(513), "\xffz\x00".repeat(250)];
const STRINGS = [
  ..."a b c d".split(" "),
  ..."1 2 10 -1 3.5 0 007 +1 1e3 9223372036854775807 -9223372036854775808".split(" "),
  ..."hello foobar inf nan".split(" "),
  ...["", " ", "\x00\x01\xff", "long ".repeat(20), "with\r\nbreaks", "0.1", "5.0e-3"],
  ...LONG_STRINGS,
];
const INTEGERS = [
  ..."0 1 2 3 -1 -2 -3 5 10 100 -100".split(" "),
  ..."9223372036854775807 -9223372036854775808 9223372036854775808 abc 1.5".split(" "),
];
const DOUBLES = "0 1 -1 0.1 0.2 3.0 -2.5 1e5 5.0e3 1e-5 abc inf 1.17 200.001 1000.1 1e17".split(
  " ",
);
const PATTERNS = ["*", "a*", "?", "[a-c]", "h[^x]sh*", "list:\\1", "nothing", "h**", "[", "\\"];
/** Far enough that nothing expires while a sequence runs. */
const SECONDS = "1000 100000 0 -1 -1000 9223372036854775807 9223372036854776 abc 3000000000".split(
  " ",
);
const MILLISECONDS = "1000000 100000000 0 -1 9223372036854775807 abc".split(" ");
const UNIX_SECONDS = "4000000000 5000000000 0 1 -1 abc 9223372036854775807".split(" ");
const DATABASES = ["0", "1", "2", "15", "16", "-1", "x", "2147483648"];
/** Times beyond 2^53 milliseconds are a departure. */
const UNIX_MILLISECONDS = "4000000000000 5000000000001 0 1 -1 abc 9223372036854775808".split(" ");
/** Without the least 64-bit integer, which Redis 7.0 takes and 7.2 refuses. */
const RANKS = INTEGERS.filter((text) => text !== "-9223372036854775808");

export function randomCall(command: Command, random: Random): string[] {
  const args = command.name.split("|");
  for (const argument of command.arguments ?? []) appendArgument(args, argument, random);
  if (random() < 0.03 && args.length > 1) args.splice(1 + pickIndex(args.length - 1, random), 1);
  if (random() < 0.03) args.push(pick(STRINGS, random));
  if (random() < 0.02 && args.length > 2) args.push(args[2]);
  fixKeyCount(command, args, random);
  return args;
}

export function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[pickIndex(items.length, random)];
}

function pickIndex(count: number, random: Random): number {
  return Math.floor(random() * count);
}

function appendArgument(args: string[], argument: ArgumentDeclaration, random: Random): void {
  if (argument.isOptional === true && random() < 0.6) return;
  const times = argument.isMultiple === true ? 1 + pickIndex(3, random) : 1;
  for (let time = 0; time < times; time += 1) {
    const isTokenWanted = time === 0 || argument.isMultipleToken === true;
    if (argument.token !== undefined && isTokenWanted) {
      args.push(random() < 0.5 ? argument.token : argument.token.toLowerCase());
    }
    appendValue(args, argument, random);
  }
}

function appendValue(args: string[], argument: ArgumentDeclaration, random: Random): void {
  const parts = argument.arguments ?? [];
  if (argument.type === "pure-token") return;
  if (argument.type === "oneof") appendArgument(args, pick(parts, random), random);
  else if (argument.type === "block") {
    for (const part of parts) appendArgument(args, part, random);
  } else args.push(pick(poolOf(argument), random));
}

function poolOf(argument: ArgumentDeclaration): readonly string[] {
  if (argument.type === "key") return KEYS;
  if (argument.type === "pattern") return PATTERNS;
  if (argument.type === "double") return DOUBLES;
  if (argument.name === "seconds") return SECONDS;
  if (argument.name === "milliseconds") return MILLISECONDS;
  if (argument.name === "unix-time-seconds") return UNIX_SECONDS;
  if (argument.name === "unix-time-milliseconds") return UNIX_MILLISECONDS;
  if (argument.name === "rank") return RANKS;
  if (argument.name === "encoding") return ["u8", "i5", "i64", "u63", "i1", "u64", "x"];
  if (argument.name.endsWith("db")) return DATABASES;
  if (argument.name === "offset") return ["0", "1", "5", "100", "-1", "4294967296", "x"];
  return argument.type === "integer" ? INTEGERS : STRINGS;
}

/** LMPOP's count of keys is right most of the time. */
function fixKeyCount(command: Command, args: string[], random: Random): void {
  const hasCount = (command.keys ?? []).some((keys) => "countAt" in keys);
  if (!hasCount || random() < 0.2) return;
  let count = 0;
  while (2 + count < args.length && KEYS.includes(args[2 + count])) count += 1;
  args[1] = String(Math.max(1, count));
}
