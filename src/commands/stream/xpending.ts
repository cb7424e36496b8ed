/**
 * XPENDING: Returns the information and entries from a stream consumer group's pending entries
 * list.
 */
import type { Bytes } from "../../base/bytes.ts";
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { idText, type StreamId } from "../../data/stream-id.ts";
import type { StreamGroup } from "../../keyspace/stream-group.ts";
import { NULL_ARRAY, type Reply } from "../../resp/frame.ts";
import { block, integer, key, optional, since, string, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { byName, findGroup, noSuchGroup } from "./group-lookup.ts";
import { parseRangeEnd, parseRangeStart } from "./id-argument.ts";

interface PendingRange {
  readonly start: StreamId;
  readonly end: StreamId;
  readonly count: number;
  readonly minIdleMs: number;
  readonly consumer: string | undefined;
}

export const xpendingCommand: Command = {
  name: "xpending",
  group: "stream",
  summary:
    "Returns the information and entries from a stream consumer group's pending entries list.",
  since: "5.0.0",
  complexity:
    "O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.",
  arity: -3,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    string("group"),
    optional(
      block(
        "filters",
        optional(since("6.2.0", withToken("IDLE", integer("min-idle-time")))),
        string("start"),
        string("end"),
        integer("count"),
        optional(string("consumer")),
      ),
    ),
  ],
  history: [["6.2.0", "Added the `IDLE` option and exclusive range intervals."]],
  tips: ["nondeterministic_output"],
  valueType: "stream",
  run: (context, args) => {
    const range = args.length === 3 ? undefined : parseRange(args);
    if (range instanceof ErrorReply) return range;
    const found = findGroup(context, args[1], args[2]);
    if (found instanceof ErrorReply) return found;
    if (found === undefined) return noSuchGroup(args[1], args[2]);
    if (range === undefined) return summary(found.group);
    return pendingEntries(found.group, range, context.nowMs);
  },
};

function parseRange(args: readonly Bytes[]): PendingRange | ErrorReply {
  if (args.length < 6 || args.length > 9) return errors.syntax;
  let startAt = 3;
  let minIdleMs: number | undefined = 0;
  if (optionName(args[3]) === "IDLE") {
    minIdleMs = parseClampedInteger(args[4]);
    if (minIdleMs === undefined) return errors.notAnInteger;
    if (args.length < 8) return errors.syntax;
    startAt = 5;
  }
  const count = parseClampedInteger(args[startAt + 2]);
  if (count === undefined) return errors.notAnInteger;
  const start = parseRangeStart(args[startAt]);
  if (start instanceof ErrorReply) return start;
  const end = parseRangeEnd(args[startAt + 1]);
  if (end instanceof ErrorReply) return end;
  const consumer = startAt + 3 < args.length ? toBinaryString(args[startAt + 3]) : undefined;
  return { start, end, count: Math.max(0, count), minIdleMs, consumer };
}

function summary({ pending, consumers }: StreamGroup): Reply {
  const first = pending.first();
  const last = pending.last();
  if (first === undefined || last === undefined) return [0, null, null, NULL_ARRAY];
  const counts: Reply[] = [];
  for (const consumer of byName(consumers.values())) {
    if (consumer.pending.size > 0) counts.push([consumer.name, String(consumer.pending.size)]);
  }
  return [pending.size, idText(first.id), idText(last.id), counts];
}

function pendingEntries(group: StreamGroup, range: PendingRange, nowMs: number): Reply {
  const { start, end, count, minIdleMs, consumer: name } = range;
  const pending = name === undefined ? group.pending : group.consumers.get(name)?.pending;
  const replies: Reply[] = [];
  if (count === 0) return replies;
  pending?.visitFrom(start, ({ id, consumer, deliveredMs, deliveryCount }) => {
    if (id > end) return false;
    const idleMs = nowMs - deliveredMs;
    if (minIdleMs !== 0 && idleMs < minIdleMs) return true;
    replies.push([idText(id), consumer.name, Math.max(0, idleMs), deliveryCount]);
    return replies.length < count;
  });
  return replies;
}
