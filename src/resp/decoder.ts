/**
 * Bytes from a client → commands: RESP arrays of bulk strings, and inline commands.
 *
 * - Any split of the stream gives the same commands; nothing is allocated for declared lengths,
 *   only for bytes that have come.
 * - Arguments are owned: short ones strings, long ones a copy, so that no socket chunk stays alive.
 * - What breaks the protocol is `error`, Redis's text; after it the decoder gives nothing more.
 * Next in the flow: engine/session.
 */
import { type Bytes, SHORT_BYTES_MAX } from "../base/bytes.ts";
import { limits } from "../base/limits.ts";
import { splitInline } from "./inline.ts";
import { COMMAND_NAME_BYTES_MAX, NameCache } from "./name-cache.ts";

const CARRIAGE_RETURN = 13;
const LINE_FEED = 10;
const ASTERISK = 42;
const DOLLAR = 36;
const MINUS = 45;
const ZERO = 48;
/** A bulk that is longer than this and not here yet is gathered chunk by chunk. */
const GATHER_BYTES_MIN = 32 * 1024;
const INCOMPLETE = -2;
const INVALID = -3;
const EMPTY = Buffer.alloc(0);
/** One for all connections: it only saves work, whatever it holds. */
const sharedNames = new NameCache();

export class FrameDecoder {
  /** Set by the connection before it asks for commands: before it, the limits are small. */
  isAuthenticated: boolean;
  bulkBytesMax: number;
  /** What broke the protocol, without `ERR `. */
  error: string | undefined;
  #chunk: Buffer;
  #offset: number;
  /** The frame under way: its arguments so far, and how many are missing (-1: no frame). */
  #args: Bytes[];
  #argumentsLeft: number;
  /** Length of the bulk under way, -1 when its header has not come. */
  #bulkLength: number;
  /**
   * What has come of a large bulk and its line end: it doubles as bytes come, never ahead of them.
   */
  #gathered: Buffer;
  #gatheredBytes: number;
  #heldBytes: number;
  readonly #names: NameCache;

  constructor(isAuthenticated: boolean) {
    this.isAuthenticated = isAuthenticated;
    this.bulkBytesMax = limits.argumentBytesMax;
    this.error = undefined;
    this.#chunk = EMPTY;
    this.#offset = 0;
    this.#args = [];
    this.#argumentsLeft = -1;
    this.#bulkLength = -1;
    this.#gathered = EMPTY;
    this.#gatheredBytes = 0;
    this.#heldBytes = 0;
    this.#names = sharedNames;
  }

  /** Bytes received that are not part of a whole command yet. */
  get bufferedBytes(): number {
    return this.#chunk.length - this.#offset + this.#gatheredBytes + this.#heldBytes;
  }

  /** The chunk is lent until `release`. */
  push(chunk: Buffer): void {
    if (this.#offset === this.#chunk.length) {
      this.#chunk = chunk;
    } else {
      this.#chunk = Buffer.concat([this.#chunk.subarray(this.#offset), chunk]);
    }
    this.#offset = 0;
  }

  /** The chunk goes back to who lent it: what is left of it is copied. */
  release(): void {
    this.#chunk =
      this.#offset === this.#chunk.length ? EMPTY : Buffer.from(this.#chunk.subarray(this.#offset));
    this.#offset = 0;
  }

  /** The next whole command, or undefined when more bytes are needed or the protocol was broken. */
  next(): Bytes[] | undefined {
    while (this.error === undefined) {
      if (this.#argumentsLeft < 0) {
        if (this.#offset === this.#chunk.length) return undefined;
        if (this.#chunk[this.#offset] !== ASTERISK) {
          const args = this.#inline();
          if (args === undefined || args.length > 0) return args;
          continue;
        }
        const whole = this.#wholeFrame();
        if (whole !== undefined) return whole;
        if (!this.#beginFrame()) return undefined;
      }
      while (this.#argumentsLeft > 0) {
        if (!this.#argument()) return undefined;
      }
      this.#argumentsLeft = -1;
      this.#heldBytes = 0;
      if (this.#args.length === 0) continue;
      const args = this.#args;
      this.#args = [];
      return args;
    }
    return undefined;
  }

  /**
   * A frame of few and short arguments that is all here, as nearly every one: no state is kept on
   * the way. Undefined leaves it to the long way, errors too.
   */
  #wholeFrame(): Bytes[] | undefined {
    const chunk = this.#chunk;
    const end = chunk.length;
    const count = chunk[this.#offset + 1] - ZERO;
    let at = this.#offset + 4;
    if (at >= end || chunk[at - 2] !== CARRIAGE_RETURN || !(count >= 1 && count <= 9)) {
      return undefined;
    }
    const args = emptyArguments(count);
    for (let index = 0; index < count; index += 1) {
      if (at >= end || chunk[at] !== DOLLAR) return undefined;
      let byteCount = 0;
      at += 1;
      const digitsStart = at;
      for (; at < end; at += 1) {
        const digit = chunk[at] - ZERO;
        if (digit < 0 || digit > 9) break;
        byteCount = byteCount * 10 + digit;
      }
      const start = at + 2;
      const stop = start + byteCount;
      if (stop + 2 > end || chunk[at] !== CARRIAGE_RETURN || at === digitsStart) return undefined;
      if (chunk[digitsStart] === ZERO && at - digitsStart > 1) return undefined;
      if (byteCount > SHORT_BYTES_MAX || byteCount > this.bulkBytesMax) return undefined;
      const isName = index === 0 && byteCount <= COMMAND_NAME_BYTES_MAX;
      args[index] = isName
        ? this.#names.textOf(chunk, start, stop)
        : chunk.latin1Slice(start, stop);
      at = stop + 2;
    }
    this.#offset = at;
    return args;
  }

  /** Reads `*count`; false when it is not all here or wrong. */
  #beginFrame(): boolean {
    const count = this.#header("too big mbulk count string");
    if (count === INCOMPLETE) return false;
    const isTooLong = count > limits.multibulkCountMax;
    if (count === INVALID || isTooLong) return this.#fail("invalid multibulk length");
    if (!this.isAuthenticated && count > limits.unauthenticatedMultibulkCountMax) {
      return this.#fail("unauthenticated multibulk length");
    }
    this.#argumentsLeft = Math.max(0, count);
    return true;
  }

  /** Reads one bulk; false when it is not all here or wrong. */
  #argument(): boolean {
    if (this.#bulkLength < 0 && !this.#beginBulk()) return false;
    const byteCount = this.#bulkLength;
    if (this.#gatheredBytes > 0) return this.#gather();
    const end = this.#offset + byteCount;
    if (end + 2 > this.#chunk.length) {
      if (byteCount >= GATHER_BYTES_MIN) return this.#gather();
      return false;
    }
    const isName = this.#args.length === 0 && byteCount <= COMMAND_NAME_BYTES_MAX;
    this.#args.push(
      isName
        ? this.#names.textOf(this.#chunk, this.#offset, end)
        : owned(this.#chunk, this.#offset, end),
    );
    this.#offset = end + 2;
    this.#finishBulk();
    return true;
  }

  #beginBulk(): boolean {
    if (this.#offset === this.#chunk.length) return false;
    const first = this.#chunk[this.#offset];
    if (first !== DOLLAR) return this.#fail(`expected '$', got '${String.fromCharCode(first)}'`);
    const byteCount = this.#header("too big bulk count string");
    if (byteCount === INCOMPLETE) return false;
    if (byteCount < 0 || byteCount > this.bulkBytesMax) return this.#fail("invalid bulk length");
    if (!this.isAuthenticated && byteCount > limits.unauthenticatedBulkBytesMax) {
      return this.#fail("unauthenticated bulk length");
    }
    this.#bulkLength = byteCount;
    return true;
  }

  #finishBulk(): void {
    this.#heldBytes += this.#bulkLength;
    this.#bulkLength = -1;
    this.#argumentsLeft -= 1;
  }

  /** Takes what has come of a large bulk: one buffer, so that small pieces cost no objects. */
  #gather(): boolean {
    const byteCount = this.#bulkLength;
    const missing = byteCount + 2 - this.#gatheredBytes;
    const end = Math.min(this.#chunk.length, this.#offset + missing);
    const gatheredBytes = this.#gatheredBytes + end - this.#offset;
    if (Math.min(gatheredBytes, byteCount) > this.#gathered.length) {
      const capacity = Math.max(gatheredBytes, this.#gathered.length * 2, GATHER_BYTES_MIN);
      // The last growth is to the bulk's own size: then the buffer is the argument.
      const grown = Buffer.allocUnsafeSlow(Math.min(byteCount, capacity));
      this.#gathered.copy(grown, 0, 0, Math.min(this.#gatheredBytes, byteCount));
      this.#gathered = grown;
    }
    // The line end does not fit, and is not part of the bulk.
    this.#chunk.copy(this.#gathered, this.#gatheredBytes, this.#offset, end);
    this.#gatheredBytes = gatheredBytes;
    this.#offset = end;
    if (gatheredBytes < byteCount + 2) return false;
    this.#args.push(this.#gathered);
    this.#gathered = EMPTY;
    this.#gatheredBytes = 0;
    this.#finishBulk();
    return true;
  }

  /** The integer of a header line, INCOMPLETE or INVALID; moves on only when it is whole. */
  #header(tooLong: string): number {
    const chunk = this.#chunk;
    let at = this.#offset + 1;
    const isNegative = chunk[at] === MINUS;
    if (isNegative) at += 1;
    const digitsStart = at;
    let value = 0;
    while (at < chunk.length) {
      const digit = chunk[at] - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at += 1;
    }
    // Asked before the line is whole and after alike, so that the answer is no matter of splits.
    if (at - this.#offset > limits.inlineBytesMax) {
      this.#fail(tooLong);
      return INCOMPLETE;
    }
    if (at === chunk.length) return INCOMPLETE;
    if (chunk[at] === CARRIAGE_RETURN && at + 1 === chunk.length) return INCOMPLETE;
    const digitCount = at - digitsStart;
    const isWhole = chunk[at] === CARRIAGE_RETURN && digitCount > 0 && digitCount <= 15;
    // As in Redis no zero leads: neither 01 nor -0 is a length.
    const hasLeadingZero = chunk[digitsStart] === ZERO && (digitCount > 1 || isNegative);
    if (!isWhole || hasLeadingZero) return INVALID;
    this.#offset = at + 2;
    return isNegative ? -1 : value;
  }

  /** An inline command; empty for an empty line, undefined when it is not all here or wrong. */
  #inline(): Bytes[] | undefined {
    const lineEnd = this.#chunk.indexOf(LINE_FEED, this.#offset);
    if (lineEnd < 0) {
      if (this.#chunk.length - this.#offset > limits.inlineBytesMax) {
        this.#fail("too big inline request");
      }
      return undefined;
    }
    if (lineEnd - this.#offset > limits.inlineBytesMax) {
      this.#fail("too big inline request");
      return undefined;
    }
    const hasReturn = lineEnd > this.#offset && this.#chunk[lineEnd - 1] === CARRIAGE_RETURN;
    const line = this.#chunk.latin1Slice(this.#offset, hasReturn ? lineEnd - 1 : lineEnd);
    this.#offset = lineEnd + 1;
    const args = splitInline(line);
    if (args === undefined) this.#fail("unbalanced quotes in request");
    return args;
  }

  #fail(what: string): false {
    this.error ??= `Protocol error: ${what}`;
    return false;
  }
}

/** Literals, because V8 makes those in place and knows that they have no holes. */
function emptyArguments(count: number): Bytes[] {
  if (count === 2) return ["", ""];
  if (count === 3) return ["", "", ""];
  if (count === 1) return [""];
  return new Array<Bytes>(count).fill("");
}

function owned(chunk: Buffer, start: number, end: number): Bytes {
  if (end - start <= SHORT_BYTES_MAX) return chunk.latin1Slice(start, end);
  const copy = Buffer.allocUnsafeSlow(end - start);
  chunk.copy(copy, 0, start, end);
  return copy;
}
