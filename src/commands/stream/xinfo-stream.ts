/**
 * XINFO STREAM: Returns information about a stream; FULL lists entries, groups and what is pending.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import type { SortedById } from "../../data/sorted-by-id.ts";
import { ID_MAX, ID_MIN, idText } from "../../data/stream-id.ts";
import {
  ENTRIES_READ_UNKNOWN,
  type PendingEntry,
  type StreamConsumer,
  type StreamGroup,
} from "../../keyspace/stream-group.ts";
import type { StreamValue } from "../../keyspace/stream-value.ts";
import { MapReply, type Reply } from "../../resp/frame.ts";
import { block, integer, key, optional, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { rangeReply } from "./entry-reply.ts";
import { byName } from "./group-lookup.ts";
import { radixNodeCount } from "./radix-nodes.ts";
import { lagOf } from "./read-counter.ts";
import { badSubcommand } from "./subcommand-error.ts";

const DEFAULT_COUNT = 10;

export const xinfoStreamCommand: Command = {
  name: "xinfo|stream",
  group: "stream",
  summary: "Returns information about a stream.",
  since: "5.0.0",
  complexity: "O(1)",
  arity: -3,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 2, last: 2, step: 1 }],
  arguments: [
    key(),
    optional(block("full-block", token("FULL"), optional(withToken("COUNT", integer("count"))))),
  ],
  history: [
    ["6.0.0", "Added the `FULL` modifier."],
    [
      "7.0.0",
      "Added the `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` and `lag` fields",
    ],
    ["7.2.0", "Added the `active-time` field, and changed the meaning of `seen-time`."],
  ],
  run: (context, args) => {
    const stream = context.lookupStream(toBinaryString(args[2]));
    if (stream === undefined) return errors.noSuchKey;
    if (stream instanceof ErrorReply) return stream;
    if (args.length === 3) return new MapReply([...facts(stream), ...ends(stream)]);
    const count = parseCount(args);
    if (count instanceof ErrorReply) return count;
    return new MapReply([
      ...facts(stream),
      "entries",
      rangeReply(stream, ID_MIN, ID_MAX, count, false),
      "groups",
      byName(stream.groups).map((group) => groupReply(stream, group, count)),
    ]);
  },
};

/** Of `FULL [COUNT count]`; 0 is no bound. */
function parseCount(args: readonly Bytes[]): number | ErrorReply {
  if (args.length !== 4 && args.length !== 6) return badSubcommand(args);
  if (optionName(args[3]) !== "FULL") return badSubcommand(args);
  if (args.length === 4) return DEFAULT_COUNT;
  if (optionName(args[4]) !== "COUNT") return badSubcommand(args);
  const count = parseClampedInteger(args[5]);
  if (count === undefined) return errors.notAnInteger;
  return count < 0 ? DEFAULT_COUNT : count;
}

function facts(stream: StreamValue): Reply[] {
  const { entries } = stream;
  return [
    "length",
    entries.length,
    "radix-tree-keys",
    entries.blocks.count,
    "radix-tree-nodes",
    radixNodeCount(entries.blocks),
    "last-generated-id",
    idText(stream.lastId),
    "max-deleted-entry-id",
    idText(stream.maxDeletedId),
    "entries-added",
    stream.entriesAdded,
    "recorded-first-entry-id",
    idText(entries.firstId()),
  ];
}

function ends(stream: StreamValue): Reply[] {
  const [first] = rangeReply(stream, ID_MIN, ID_MAX, 1, false);
  const [last] = rangeReply(stream, ID_MIN, ID_MAX, 1, true);
  return ["groups", stream.groupCount, "first-entry", first ?? null, "last-entry", last ?? null];
}

function groupReply(stream: StreamValue, group: StreamGroup, count: number): Reply {
  const { name, lastId, entriesRead, pending, consumers } = group;
  return new MapReply([
    "name",
    name,
    "last-delivered-id",
    idText(lastId),
    "entries-read",
    entriesRead === ENTRIES_READ_UNKNOWN ? null : entriesRead,
    "lag",
    lagOf(stream, group),
    "pel-count",
    pending.size,
    "pending",
    firstOf(pending, count, ({ id, consumer, deliveredMs, deliveryCount }) => [
      idText(id),
      consumer.name,
      deliveredMs,
      deliveryCount,
    ]),
    "consumers",
    byName(consumers.values()).map((consumer) => consumerReply(consumer, count)),
  ]);
}

function consumerReply({ name, seenMs, activeMs, pending }: StreamConsumer, count: number): Reply {
  return new MapReply([
    "name",
    name,
    "seen-time",
    seenMs,
    "active-time",
    activeMs,
    "pel-count",
    pending.size,
    "pending",
    firstOf(pending, count, ({ id, deliveredMs, deliveryCount }) => [
      idText(id),
      deliveredMs,
      deliveryCount,
    ]),
  ]);
}

function firstOf(
  pending: SortedById<PendingEntry>,
  count: number,
  replyOf: (entry: PendingEntry) => Reply,
): Reply[] {
  const replies: Reply[] = [];
  pending.visitFrom(ID_MIN, (entry) => {
    replies.push(replyOf(entry));
    return replies.length !== count;
  });
  return replies;
}
