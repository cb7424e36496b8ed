/**
 * Cuts text into words, for documents and queries alike, with RediSearch's separators, escapes and
 * stop words. Everything is a binary string (one character per byte), as in the keyspace.
 *
 * A word's position is its index in the list: stop words take none, as in RediSearch.
 */

const BACKSLASH = 0x5c;
const SPACE = 0x20;
const DELETE = 0x7f;

/** RediSearch's separators, and line ends, which RediSearch glues words over. */
const isSeparator = new Uint8Array(256);
for (const character of " \t\n\r\v\f,./(){}[]:;~!@#$%^&*-=+|'`\"<>?\0") {
  isSeparator[character.charCodeAt(0)] = 1;
}

export const defaultStopwords: readonly string[] = (
  "a is the an and are as at be but by for if in into it no not of on or such that their " +
  "then there these they this to was will with"
).split(" ");

/** Whether the byte ends a word where no backslash stands before it. */
export function isWordSeparator(byte: number): boolean {
  return isSeparator[byte] === 1;
}

/**
 * Lower case. What is not valid UTF-8 is folded in its ASCII letters only, so that no two
 * different byte strings become one by accident.
 */
export function foldCase(text: string): string {
  if (!hasHighBytes(text)) return text.toLowerCase();
  const bytes = Buffer.from(text, "latin1");
  const decoded = bytes.toString("utf8");
  if (decoded.includes("\ufffd")) return text.replace(/[A-Z]+/g, (part) => part.toLowerCase());
  const folded = Buffer.from(decoded.toLowerCase(), "utf8");
  return folded.latin1Slice(0, folded.length);
}

/** The words of a text, folded, without stop words, in order. */
export function tokenize(text: string, stopwords: ReadonlySet<string>): string[] {
  const words: string[] = [];
  const end = text.length;
  let start = 0;
  for (let place = 0; place <= end; place += 1) {
    if (place < end) {
      const byte = text.charCodeAt(place);
      if (byte === BACKSLASH && place + 1 < end) {
        place += 1;
        continue;
      }
      if (isSeparator[byte] === 0) continue;
    }
    if (place > start) {
      const word = normalizeWord(text.slice(start, place));
      if (word.length > 0 && !stopwords.has(word)) words.push(word);
    }
    start = place + 1;
  }
  return words;
}

/** Takes the escapes and control characters out of one word and folds its case. */
export function normalizeWord(raw: string): string {
  let isPlain = true;
  for (let place = 0; place < raw.length; place += 1) {
    const byte = raw.charCodeAt(place);
    if (byte === BACKSLASH || byte < SPACE || byte === DELETE) {
      isPlain = false;
      break;
    }
  }
  return foldCase(isPlain ? raw : withoutEscapes(raw));
}

function withoutEscapes(raw: string): string {
  let plain = "";
  let isEscaped = false;
  for (let place = 0; place < raw.length; place += 1) {
    const byte = raw.charCodeAt(place);
    if (byte === BACKSLASH && !isEscaped) {
      isEscaped = true;
      continue;
    }
    isEscaped = false;
    if (byte < SPACE || byte === DELETE) continue;
    plain += raw[place];
  }
  return plain;
}

function hasHighBytes(text: string): boolean {
  for (let place = 0; place < text.length; place += 1) {
    if (text.charCodeAt(place) > DELETE) return true;
  }
  return false;
}
