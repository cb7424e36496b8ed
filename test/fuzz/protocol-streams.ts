/**
 * Streams of bytes as clients send them: calls of all commands from their declarations, as arrays
 * and inline, in pipelines; and what an attacker makes of them: bytes changed, pieces left out or
 * doubled, lengths declared that are huge, negative or too large for any number.
 */
import type { Command } from "../../src/commands/command.ts";
import { commandTable } from "../../src/commands/registry.ts";
import { pick, type Random, randomCall } from "../support/command-grammar.ts";

/** What `isUsed` lets through of all commands; containers only by their subcommands. */
export function fuzzedCommands(isUsed: (command: Command) => boolean): readonly Command[] {
  return commandTable.all
    .filter(({ subcommands }) => subcommands === null)
    .map(({ declaration }) => declaration)
    .filter(isUsed);
}

/** Around the sizes where decoders change their ways: a byte, a string, a buffer, a chunk. */
const SIZES = [0, 1, 15, 16, 17, 511, 512, 513, 4096, 16_384, 16_385, 32_767, 32_768, 40_000];
const LARGE_SHARE = 0.01;

/** A call of one of them; now and then with an argument of an odd size. */
export function fuzzedCall(commands: readonly Command[], random: Random): string[] {
  const call = randomCall(pick(commands, random), random);
  if (random() < 0.3) call[0] = call[0].toUpperCase();
  if (random() < LARGE_SHARE && call.length > 1) {
    const at = 1 + Math.floor(random() * (call.length - 1));
    call[at] = String.fromCharCode(Math.floor(random() * 256)).repeat(pick(SIZES, random));
  }
  return call;
}

/** Bytes are characters, here and below. */
export function arrayFrame(call: readonly string[]): string {
  return `*${call.length}\r\n${call.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join("")}`;
}

/** The call as one line; undefined if none can say it within the limit. */
export function inlineFrame(call: readonly string[], random: Random): string | undefined {
  const line = call.map((arg) => inlineWord(arg, random)).join(random() < 0.9 ? " " : " \t ");
  if (line.length > 60_000 || line.startsWith("*")) return undefined;
  return line + (random() < 0.9 ? "\r\n" : "\n");
}

function inlineWord(arg: string, random: Random): string {
  if (/^[a-zA-Z0-9:._*-]+$/.test(arg) && random() < 0.9) return arg;
  if (!/['\n\r\\]/.test(arg) && random() < 0.5) return `'${arg}'`;
  const text = arg.replaceAll(/[^a-zA-Z0-9:._ -]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, "0");
    return `\\x${code}`;
  });
  return `"${text}"`;
}

/** As it is sent: nearly always an array. */
export function framed(call: readonly string[], random: Random): string {
  const inline = random() < 0.15 ? inlineFrame(call, random) : undefined;
  return inline ?? arrayFrame(call);
}

/** What may stand where a length is declared. */
const DECLARED = [
  ..."0 1 -1 -0 00 01 007 +1 2 3 9 10 11 100 511 512 513 16384 16385 65536 1048576".split(" "),
  ..."1048577 2147483647 2147483648 4294967295 4294967296 536870888 536870889".split(" "),
  ..."536870912 999999999999999 1000000000000000 9007199254740993".split(" "),
  ..."9223372036854775807 9223372036854775808 -9223372036854775808 -99999999999999".split(" "),
  ..."18446744073709551616 1e3 0x10 NaN Infinity".split(" "),
  ...["", "-", " 1", "1 ", "\r", "\n", "\0", "1\r", "1".repeat(20), "1".repeat(70_000)],
];
const STRAY = [
  "\r",
  "\n",
  "\r\n",
  "*",
  "$",
  "*1\r\n",
  "$1\r\n",
  "*-1\r\n",
  "$-1\r\n",
  "\0",
  '"',
  "'",
];
/** Beginnings of headers; the rest of the line is what is declared. */
const HEADER = /[*$][^\r\n]*(?=\r)/g;

/** One to three changes. */
export function mutated(stream: string, random: Random): string {
  let text = stream;
  for (let left = 1 + Math.floor(random() * 3); left > 0 && text.length > 0; left -= 1) {
    text = mutatedOnce(text, random);
  }
  return text;
}

function mutatedOnce(text: string, random: Random): string {
  const at = Math.floor(random() * text.length);
  const replaced = (from: number, to: number, by: string): string =>
    text.slice(0, from) + by + text.slice(to);
  const dice = random();
  if (dice < 0.25) {
    return replaced(at, at + 1, String.fromCharCode(Math.floor(random() * 256)));
  }
  if (dice < 0.35) return replaced(at, at + 1, "");
  if (dice < 0.45) return replaced(at, at, pick(STRAY, random));
  if (dice < 0.52) return replaced(at, Math.min(text.length, at + Math.floor(random() * 40)), "");
  if (dice < 0.58) return replaced(at, at, text.slice(at, at + Math.floor(random() * 40)));
  if (dice < 0.62) return text.slice(0, at);
  const headers = [...text.matchAll(HEADER)];
  if (headers.length === 0) return replaced(at, at + 1, "*");
  const header = pick(headers, random);
  const start = header.index + 1;
  return replaced(start, start + header[0].length - 1, pick(DECLARED, random));
}
