/**
 * Ids of stream entries in arguments: `<ms>-<sequence>`, `<ms>` alone, `-` and `+`, and `(` before
 * an exclusive end of a range. Numbers are taken as C's `strtoull` takes them, as in Redis.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import {
  ID_MAX,
  ID_MIN,
  idOf,
  idOfWide,
  nextId,
  previousId,
  type StreamId,
} from "../../data/stream-id.ts";
import { parseInteger } from "../integer-argument.ts";

export const invalidStreamId = new ErrorReply(
  "ERR Invalid stream ID specified as stream command argument",
);
const invalidStart = new ErrorReply("ERR invalid start ID for the interval");
const invalidEnd = new ErrorReply("ERR invalid end ID for the interval");

const ID_TEXT_BYTES_MAX = 127;
const UNSIGNED_MAX = 2n ** 64n - 1n;
const UNSIGNED = /^[ \t\n\v\f\r]*([+-]?)([0-9]+)$/;

/** An id of XADD: where the sequence was left to the server, `streamId` has 0 for it. */
export interface GivenId {
  readonly streamId: StreamId;
  readonly isSequenceGiven: boolean;
}

/** Without `-` and `+`; a missing sequence is 0. */
export function parseStrictId(argument: Bytes): StreamId | undefined {
  const text = textOf(argument);
  return text === undefined || text === "-" || text === "+" ? undefined : parsed(text, 0n);
}

/** `-` and `+` are the least and the greatest id; `missing` stands for a missing sequence. */
export function parseId(
  argument: Bytes,
  missing: 0n | typeof UNSIGNED_MAX = 0n,
): StreamId | undefined {
  const text = textOf(argument);
  if (text === "-") return ID_MIN;
  if (text === "+") return ID_MAX;
  return text === undefined ? undefined : parsed(text, missing);
}

export function parseGivenId(argument: Bytes): GivenId | undefined {
  const text = textOf(argument);
  if (text === undefined || text === "-" || text === "+") return undefined;
  if (!text.endsWith("-*")) return given(parsed(text, 0n), true);
  // The first dash ends the milliseconds.
  return text.indexOf("-") === text.length - 2
    ? given(parsed(text.slice(0, -2), 0n), false)
    : undefined;
}

/** The first id of a range. */
export function parseRangeStart(argument: Bytes): StreamId | ErrorReply {
  if (!isExclusive(argument)) return parseId(argument, 0n) ?? invalidStreamId;
  const id = parseStrictId(argument.slice(1));
  return id === undefined ? invalidStreamId : (nextId(id) ?? invalidStart);
}

/** The last id of a range. */
export function parseRangeEnd(argument: Bytes): StreamId | ErrorReply {
  if (!isExclusive(argument)) return parseId(argument, UNSIGNED_MAX) ?? invalidStreamId;
  const text = textOf(argument.slice(1));
  if (text === undefined || text === "-" || text === "+") return invalidStreamId;
  const id = parsed(text, UNSIGNED_MAX);
  return id === undefined ? invalidStreamId : (previousId(id) ?? invalidEnd);
}

function isExclusive(argument: Bytes): boolean {
  return argument.length > 1 && argument.slice(0, 1).toString() === "(";
}

function given(streamId: StreamId | undefined, isSequenceGiven: boolean): GivenId | undefined {
  return streamId === undefined ? undefined : { streamId, isSequenceGiven };
}

/** Up to a zero byte; undefined if it is too long for an id. */
function textOf(argument: Bytes): string | undefined {
  if (argument.length > ID_TEXT_BYTES_MAX) return undefined;
  const text = toBinaryString(argument);
  const zeroAt = text.indexOf("\x00");
  return zeroAt < 0 ? text : text.slice(0, zeroAt);
}

function parsed(text: string, missing: bigint): StreamId | undefined {
  const dashAt = text.indexOf("-");
  const msText = dashAt < 0 ? text : text.slice(0, dashAt);
  const sequenceText = dashAt < 0 ? "" : text.slice(dashAt + 1);
  const ms = parseInteger(msText);
  const sequence = dashAt < 0 && missing === 0n ? 0 : parseInteger(sequenceText);
  if (ms !== undefined && ms >= 0 && sequence !== undefined && sequence >= 0) {
    return idOf(ms, sequence);
  }
  const wideMs = unsigned(msText);
  const wideSequence = dashAt < 0 ? missing : unsigned(sequenceText);
  if (wideMs === undefined || wideSequence === undefined) return undefined;
  return idOfWide(wideMs, wideSequence);
}

function unsigned(text: string): bigint | undefined {
  const match = UNSIGNED.exec(text);
  if (match === null) return undefined;
  const value = BigInt(match[2]);
  if (value > UNSIGNED_MAX) return undefined;
  if (match[1] !== "-") return value;
  // A plain negative number is refused; what only C's function takes comes round, as there.
  return text[0] === "-" && match[2][0] !== "0" ? undefined : BigInt.asUintN(64, -value);
}

/** All from `firstAt` on, each once. */
export function parseIds(args: readonly Bytes[], firstAt: number): StreamId[] | ErrorReply {
  const ids = new Set<StreamId>();
  for (let index = firstAt; index < args.length; index += 1) {
    const id = parseStrictId(args[index]);
    if (id === undefined) return invalidStreamId;
    ids.add(id);
  }
  return [...ids];
}
