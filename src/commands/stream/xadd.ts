/**
 * XADD: Appends a new message to a stream. Creates the key if it doesn't exist.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, wrongArgumentCount } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import {
  ID_MAX,
  ID_MIN,
  idOf,
  idText,
  msOf,
  nextId,
  type StreamId,
  wideMsOf,
} from "../../data/stream-id.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { EncodingLimits } from "../../keyspace/encoding-limits.ts";
import type { StreamValue } from "../../keyspace/stream-value.ts";
import type { Reply } from "../../resp/frame.ts";
import { block, key, multiple, oneOf, optional, since, string, token } from "../argument.ts";
import type { Command } from "../command.ts";
import type { CommandContext } from "../context.ts";
import type { GivenId } from "./id-argument.ts";
import { parseTrimOptions } from "./trim-arguments.ts";
import { trimArgument } from "./trim-declaration.ts";
import { trim } from "./trimming.ts";

const zeroId = new ErrorReply("ERR The ID specified in XADD must be greater than 0-0");
const exhausted = new ErrorReply(
  "ERR The stream has exhausted the last possible ID, unable to add more items",
);
const idTooSmall = new ErrorReply(
  "ERR The ID specified in XADD is equal or smaller than the target stream top item",
);
const tooLarge = new ErrorReply("ERR Elements are too large to be stored");

export const xaddCommand: Command = {
  name: "xadd",
  group: "stream",
  summary: "Appends a new message to a stream. Creates the key if it doesn't exist.",
  since: "5.0.0",
  complexity:
    "O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.",
  arity: -5,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    optional(since("6.2.0", token("NOMKSTREAM"))),
    optional(trimArgument),
    oneOf("id-selector", { ...token("*"), name: "auto-id" }, string("id")),
    multiple(block("data", string("field"), string("value"))),
  ],
  history: [
    ["6.2.0", "Added the `NOMKSTREAM` option, `MINID` trimming strategy and the `LIMIT` option."],
    ["7.0.0", "Added support for the `<ms>-*` explicit ID form."],
  ],
  tips: ["nondeterministic_output"],
  valueType: "stream",
  run: add,
};

function add(context: CommandContext, args: readonly Bytes[]): Reply {
  const options = parseTrimOptions(args, true);
  if (options instanceof ErrorReply) return options;
  const { nextAt, streamId: given } = options;
  if (args.length - nextAt < 2 || (args.length - nextAt) % 2 === 1) {
    return wrongArgumentCount("xadd");
  }
  if (given?.isSequenceGiven === true && given.streamId === ID_MIN) return zeroId;
  const name = toBinaryString(args[1]);
  const stream = context.lookupStream(name);
  if (stream instanceof ErrorReply) return stream;
  if (stream === undefined && options.isExistingOnly) return null;
  const lastId = stream?.lastId ?? ID_MIN;
  if (lastId === ID_MAX) return exhausted;
  const streamId = idAfter(lastId, given, context.nowMs);
  if (streamId === undefined || streamId <= lastId) return idTooSmall;
  const pairs = args.slice(nextAt);
  const byteCount = bytesOf(pairs);
  if (byteCount > limits.streamEntryBytesMax) return tooLarge;
  const { database } = context;
  const isNewBlock = isLastBlockFull(stream, byteCount, context.keyspace.encodingLimits);
  context.apply({
    id: EffectId.streamAdd,
    database,
    key: name,
    streamId,
    isNewBlock,
    pairs,
  });
  if (options.target !== undefined) {
    const added = context.lookupStream(name);
    if (added !== undefined && !(added instanceof ErrorReply)) trim(context, name, added, options);
  }
  return idText(streamId);
}

/** Undefined when the milliseconds given have no sequence left. */
function idAfter(
  lastId: StreamId,
  given: GivenId | undefined,
  nowMs: number,
): StreamId | undefined {
  // The clock may stand still or go back: ids do not.
  if (given === undefined) return nowMs > msOf(lastId) ? idOf(nowMs, 0) : nextId(lastId);
  if (given.isSequenceGiven || wideMsOf(given.streamId) !== wideMsOf(lastId)) return given.streamId;
  const next = nextId(lastId);
  return next !== undefined && wideMsOf(next) === wideMsOf(lastId) ? next : undefined;
}

/** By Redis's limits on a node, of which only the bytes have a bound here. */
function isLastBlockFull(
  stream: StreamValue | undefined,
  byteCount: number,
  { streamNodeBytes, streamNodeEntries }: EncodingLimits,
): boolean {
  const last = stream?.entries.blocks.last();
  if (last === undefined) return false;
  const bytesMax =
    streamNodeBytes === 0
      ? limits.streamBlockBytesMax
      : Math.min(streamNodeBytes, limits.streamBlockBytesMax);
  if (last.byteCount + byteCount >= bytesMax) return true;
  return streamNodeEntries > 0 && last.liveCount + last.deletedCount >= streamNodeEntries;
}

function bytesOf(pairs: readonly Bytes[]): number {
  let byteCount = 0;
  for (let index = 0; index < pairs.length; index += 1) byteCount += pairs[index].length;
  return byteCount;
}
