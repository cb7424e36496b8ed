/**
 * Replies → bytes, RESP2 or RESP3, into a buffer that grows and is used again.
 *
 * `frame.ts` says what each value is in each protocol. A PendingReply never comes here: the reply
 * gate settles it first. Texts of simple strings and errors never hold CR or LF (they become
 * spaces).
 */
import { assert } from "../base/assert.ts";
import { writeBinaryString } from "../base/bytes.ts";
import { ErrorReply } from "../base/errors.ts";
import { doubleText } from "../base/float-text.ts";
import {
  BigNumberReply,
  DoubleReply,
  DoubleText,
  MapReply,
  NoReply,
  NullArray,
  OK,
  PendingReply,
  type Protocol,
  PushReply,
  type Reply,
  SetReply,
  SimpleString,
  VerbatimReply,
} from "./frame.ts";

const NUMBER_BYTES_MAX = 32;
const COLON = 58;
const DOLLAR = 36;
const ASTERISK = 42;
const PERCENT = 37;
const TILDE = 126;
const GREATER = 62;
const MINUS = 45;

export class ReplyEncoder {
  #buffer: Buffer;
  #length: number;

  constructor(capacity = 4096) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
    this.#length = 0;
  }

  get length(): number {
    return this.#length;
  }

  get capacity(): number {
    return this.#buffer.length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** A view, valid until the next write. */
  written(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  encode(reply: Reply, protocol: Protocol): void {
    if (typeof reply === "string") this.#bulk(reply);
    else if (typeof reply === "number") this.#header(COLON, reply);
    else if (reply === OK) this.#ascii("+OK\r\n");
    else if (reply === null) this.#ascii(protocol === 3 ? "_\r\n" : "$-1\r\n");
    else if (reply instanceof Uint8Array) this.#bulk(reply);
    else if (Array.isArray(reply)) this.#items(ASTERISK, reply, protocol);
    else if (reply instanceof ErrorReply) this.#line("-", reply.text);
    else this.#encodeRare(reply as Exclude<Reply, readonly Reply[]>, protocol);
  }

  #encodeRare(reply: Exclude<Reply, readonly Reply[]>, protocol: Protocol): void {
    if (reply instanceof SimpleString) this.#line("+", reply.text);
    else if (reply instanceof MapReply) this.#map(reply, protocol);
    else if (reply instanceof SetReply) {
      this.#items(protocol === 3 ? TILDE : ASTERISK, reply.members, protocol);
    } else if (reply instanceof DoubleReply) this.#double(doubleText(reply.value), protocol);
    else if (reply instanceof DoubleText) this.#double(reply.text, protocol);
    else if (typeof reply === "boolean") this.#boolean(reply, protocol);
    else if (typeof reply === "bigint") this.#ascii(`:${reply}\r\n`);
    else if (reply instanceof NullArray) this.#ascii(protocol === 3 ? "_\r\n" : "*-1\r\n");
    else if (reply instanceof PushReply) {
      this.#items(protocol === 3 ? GREATER : ASTERISK, reply.items, protocol);
    } else if (reply instanceof VerbatimReply) this.#verbatim(reply, protocol);
    else if (reply instanceof BigNumberReply) {
      if (protocol === 3) this.#ascii(`(${reply.value}\r\n`);
      else this.#bulk(String(reply.value));
    } else {
      assert(!(reply instanceof PendingReply), "a pending reply never reaches the encoder");
      assert(reply instanceof NoReply, "the reply is of a known kind");
    }
  }

  #items(type: number, items: readonly Reply[], protocol: Protocol): void {
    this.#header(type, items.length);
    for (let index = 0; index < items.length; index += 1) this.encode(items[index], protocol);
  }

  #map(reply: MapReply, protocol: Protocol): void {
    const { entries } = reply;
    if (protocol === 3) this.#header(PERCENT, entries.length >>> 1);
    else this.#header(ASTERISK, entries.length);
    for (let index = 0; index < entries.length; index += 1) this.encode(entries[index], protocol);
  }

  #double(text: string, protocol: Protocol): void {
    if (protocol === 3) this.#ascii(`,${text}\r\n`);
    else this.#bulk(text);
  }

  #boolean(value: boolean, protocol: Protocol): void {
    if (protocol === 3) this.#ascii(value ? "#t\r\n" : "#f\r\n");
    else this.#ascii(value ? ":1\r\n" : ":0\r\n");
  }

  #verbatim(reply: VerbatimReply, protocol: Protocol): void {
    if (protocol === 2) {
      this.#bulk(typeof reply.text === "string" ? Buffer.from(reply.text, "utf8") : reply.text);
      return;
    }
    const text = typeof reply.text === "string" ? Buffer.from(reply.text, "utf8") : reply.text;
    this.#ascii(`=${text.length + 4}\r\n${reply.format}:`);
    this.#reserve(text.length + 2);
    this.#length += text.copy(this.#buffer, this.#length);
    this.#lineEnd();
  }

  #bulk(bytes: string | Uint8Array): void {
    const byteCount = bytes.length;
    this.#reserve(byteCount + NUMBER_BYTES_MAX);
    this.#writeHeader(DOLLAR, byteCount);
    if (typeof bytes === "string") {
      writeBinaryString(this.#buffer, bytes, this.#length);
    } else {
      this.#buffer.set(bytes, this.#length);
    }
    this.#length += byteCount;
    this.#lineEnd();
  }

  /** `text` is UTF-8 to be; errors may quote what a client sent, as a binary string. */
  #line(type: string, text: string): void {
    this.#ascii(`${type}${text.replaceAll(/[\r\n]/g, " ")}\r\n`);
  }

  #ascii(text: string): void {
    this.#reserve(text.length);
    writeBinaryString(this.#buffer, text, this.#length);
    this.#length += text.length;
  }

  #header(type: number, value: number): void {
    this.#reserve(NUMBER_BYTES_MAX);
    this.#writeHeader(type, value);
  }

  /** Small numbers are most numbers, and need no string. */
  #writeHeader(type: number, value: number): void {
    const buffer = this.#buffer;
    buffer[this.#length] = type;
    this.#length += 1;
    if (value >= 0 && value < 10) {
      buffer[this.#length] = 48 + value;
      this.#length += 1;
    } else if (value >= 10 && value < 1_000_000) {
      this.#digits(value);
    } else {
      const text = value < 0 ? negativeText(value) : String(value);
      this.#length += buffer.latin1Write(text, this.#length, text.length);
    }
    this.#lineEnd();
  }

  #digits(value: number): void {
    let digitCount = 2;
    for (let bound = 100; value >= bound; bound *= 10) digitCount += 1;
    let rest = value;
    for (let at = this.#length + digitCount - 1; at >= this.#length; at -= 1) {
      this.#buffer[at] = 48 + (rest % 10);
      rest = (rest / 10) | 0;
    }
    this.#length += digitCount;
  }

  #lineEnd(): void {
    this.#buffer[this.#length] = 13;
    this.#buffer[this.#length + 1] = 10;
    this.#length += 2;
  }

  #reserve(byteCount: number): void {
    const needed = this.#length + byteCount;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

function negativeText(value: number): string {
  return String.fromCharCode(MINUS) + String(-value);
}
