/**
 * Inline commands: one line, split as Redis splits it (telnet, health checks, redis-cli's pipes).
 *
 * Words stand between white space. "…" knows the escapes \n \r \t \b \a \xHH and \ before any other
 * character; '…' knows only \'. A closing quote must be followed by white space or the end.
 */
import { type Bytes, canonicalBytes } from "../base/bytes.ts";

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["b", "\b"],
  ["a", "\x07"],
]);
const HEXADECIMAL = /^[0-9a-fA-F]{2}$/;

/** The words of the line, a binary string; undefined when its quotes are unbalanced. */
export function splitInline(line: string): Bytes[] | undefined {
  const words: Bytes[] = [];
  let at = 0;
  while (at < line.length) {
    if (isSpace(line[at])) {
      at += 1;
      continue;
    }
    const word = readWord(line, at);
    if (word === undefined) return undefined;
    words.push(canonicalBytes(word.text));
    at = word.end;
  }
  return words;
}

function readWord(line: string, start: number): { text: string; end: number } | undefined {
  let text = "";
  let at = start;
  while (at < line.length && !isSpace(line[at])) {
    const character = line[at];
    if (character !== '"' && character !== "'") {
      text += character;
      at += 1;
      continue;
    }
    const quoted = character === '"' ? readDouble(line, at + 1) : readSingle(line, at + 1);
    if (quoted === undefined) return undefined;
    if (quoted.end < line.length && !isSpace(line[quoted.end])) return undefined;
    text += quoted.text;
    at = quoted.end;
  }
  return { text, end: at };
}

function readDouble(line: string, start: number): { text: string; end: number } | undefined {
  let text = "";
  for (let at = start; at < line.length; at += 1) {
    const character = line[at];
    if (character === '"') return { text, end: at + 1 };
    if (character !== "\\" || at + 1 === line.length) {
      text += character;
      continue;
    }
    const digits = line.slice(at + 2, at + 4);
    if (line[at + 1] === "x" && HEXADECIMAL.test(digits)) {
      text += String.fromCharCode(Number.parseInt(digits, 16));
      at += 3;
    } else {
      text += ESCAPES.get(line[at + 1]) ?? line[at + 1];
      at += 1;
    }
  }
  return undefined;
}

function readSingle(line: string, start: number): { text: string; end: number } | undefined {
  let text = "";
  for (let at = start; at < line.length; at += 1) {
    if (line[at] === "'") return { text, end: at + 1 };
    if (line[at] === "\\" && line[at + 1] === "'") at += 1;
    text += line[at];
  }
  return undefined;
}

function isSpace(character: string): boolean {
  return (
    character === " " ||
    character === "\t" ||
    character === "\n" ||
    character === "\r" ||
    character === "\v" ||
    character === "\f" ||
    character === "\0"
  );
}
