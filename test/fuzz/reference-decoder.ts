/**
 * What a stream of bytes from a client means, written down as plainly as the rules can be said: the
 * whole stream at once, as text of one character for each byte, without any state between pieces.
 * It shares nothing with `src/resp`; slow, and only for comparison.
 */

export interface DecodedStream {
  readonly frames: readonly (readonly string[])[];
  /** Redis's text, without `ERR `. After it nothing is decoded any more. */
  readonly error: string | undefined;
}

export interface DecodingRules {
  readonly isAuthenticated: boolean;
  readonly bulkBytesMax: number;
}

const LINE_BYTES_MAX = 65_536;
const COUNT_MAX = 1_048_576;
const UNAUTHENTICATED_COUNT_MAX = 10;
const UNAUTHENTICATED_BULK_BYTES_MAX = 16_384;

/** Ends the decoding; without a text the stream simply ends here. */
class End extends Error {
  readonly text: string | undefined;

  constructor(text?: string) {
    super(text);
    this.text = text;
  }
}

export function referenceDecode(stream: string, rules: DecodingRules): DecodedStream {
  const frames: string[][] = [];
  const reading = { stream, at: 0 };
  try {
    while (reading.at < stream.length) {
      const frame = stream[reading.at] === "*" ? array(reading, rules) : inline(reading);
      if (frame.length > 0) frames.push(frame);
    }
  } catch (end) {
    if (!(end instanceof End)) throw end;
    return { frames, error: end.text === undefined ? undefined : `Protocol error: ${end.text}` };
  }
  return { frames, error: undefined };
}

interface Reading {
  readonly stream: string;
  at: number;
}

function array(reading: Reading, rules: DecodingRules): string[] {
  const wrong = "invalid multibulk length";
  const count = length(reading, "too big mbulk count string", wrong);
  if (count > COUNT_MAX) throw new End(wrong);
  if (!rules.isAuthenticated && count > UNAUTHENTICATED_COUNT_MAX) {
    throw new End("unauthenticated multibulk length");
  }
  const frame: string[] = [];
  while (frame.length < count) frame.push(bulk(reading, rules));
  return frame;
}

function bulk(reading: Reading, rules: DecodingRules): string {
  const { stream, at } = reading;
  if (at >= stream.length) throw new End();
  if (stream[at] !== "$") throw new End(`expected '$', got '${stream[at]}'`);
  const wrong = "invalid bulk length";
  const byteCount = length(reading, "too big bulk count string", wrong);
  if (byteCount < 0 || byteCount > rules.bulkBytesMax) throw new End(wrong);
  if (!rules.isAuthenticated && byteCount > UNAUTHENTICATED_BULK_BYTES_MAX) {
    throw new End("unauthenticated bulk length");
  }
  const start = reading.at;
  // Two bytes end it, whatever they are.
  reading.at = start + byteCount + 2;
  if (reading.at > stream.length) throw new End();
  return stream.slice(start, start + byteCount);
}

/** The number after the mark that is here; behind it stand a carriage return and one byte more. */
function length(reading: Reading, tooLong: string, wrong: string): number {
  const { stream, at } = reading;
  let end = at + 1;
  if (stream[end] === "-") end += 1;
  while (end < stream.length && stream[end] >= "0" && stream[end] <= "9") end += 1;
  if (end - at > LINE_BYTES_MAX) throw new End(tooLong);
  if (end === stream.length) throw new End();
  if (stream[end] !== "\r") throw new End(wrong);
  if (end + 1 === stream.length) throw new End();
  const digits = stream.slice(at + 1, end);
  if (!/^(?:0|[1-9]\d{0,14}|-[1-9]\d{0,14})$/.test(digits)) throw new End(wrong);
  reading.at = end + 2;
  return Number(digits);
}

function inline(reading: Reading): string[] {
  const { stream, at } = reading;
  const lineFeed = stream.indexOf("\n", at);
  const end = lineFeed < 0 ? stream.length : lineFeed;
  if (end - at > LINE_BYTES_MAX) throw new End("too big inline request");
  if (lineFeed < 0) throw new End();
  reading.at = lineFeed + 1;
  return words(stream.slice(at, lineFeed).replace(/\r$/, ""));
}

/** Of one word: what is not quoted, "…" and '…'; a closing quote ends the word. */
const PIECES = [
  /[^ \t\n\r\v\f\0"']/,
  /"(?:\\[\s\S]|[^"\\])*"(?![^ \t\n\r\v\f\0])/,
  /'(?:\\'|\\(?!')|[^'\\])*'(?![^ \t\n\r\v\f\0])/,
];
const WORD = new RegExp(`(?:${PIECES.map(({ source }) => source).join("|")})+`, "y");
const SPACE = /[ \t\n\r\v\f\0]*/y;

function words(line: string): string[] {
  const found: string[] = [];
  let at = 0;
  for (;;) {
    SPACE.lastIndex = at;
    at += SPACE.exec(line)?.[0].length ?? 0;
    if (at === line.length) return found;
    WORD.lastIndex = at;
    const word = WORD.exec(line)?.[0];
    if (word === undefined) throw new End("unbalanced quotes in request");
    at += word.length;
    if (at < line.length && !/[ \t\n\r\v\f\0]/.test(line[at])) {
      throw new End("unbalanced quotes in request");
    }
    found.push(unquoted(word));
  }
}

const PIECE = /"((?:\\[\s\S]|[^"\\])*)"|'((?:\\'|\\(?!')|[^'\\])*)'|([^"']+)/g;
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|([\s\S]))/g;
const ESCAPED = new Map(Object.entries({ n: "\n", r: "\r", t: "\t", b: "\b", a: "\x07" }));

function unquoted(word: string): string {
  return word.replace(PIECE, (_, double?: string, single?: string, plain?: string) => {
    if (plain !== undefined) return plain;
    if (single !== undefined) return single.replaceAll("\\'", "'");
    return (double ?? "").replace(ESCAPE, (_, code?: string, mark = "") =>
      code === undefined
        ? (ESCAPED.get(mark) ?? mark)
        : String.fromCharCode(Number.parseInt(code, 16)),
    );
  });
}
