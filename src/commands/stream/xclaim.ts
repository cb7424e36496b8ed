/**
 * XCLAIM: Changes, or acquires, ownership of a message in a consumer group.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import type { StreamId } from "../../data/stream-id.ts";
import { EffectId } from "../../keyspace/effect.ts";
import {
  integer,
  key,
  multiple,
  optional,
  string,
  token,
  unixTime,
  withToken,
} from "../argument.ts";
import type { Command } from "../command.ts";
import { type ClaimArguments, parseClaimArguments } from "./claim-arguments.ts";
import { Claims } from "./claiming.ts";
import { findGroup, noSuchGroup } from "./group-lookup.ts";

export const xclaimCommand: Command = {
  name: "xclaim",
  group: "stream",
  summary:
    "Changes, or acquires, ownership of a message in a consumer group, as if the message was delivered a consumer group member.",
  since: "5.0.0",
  complexity: "O(log N) with N being the number of messages in the PEL of the consumer group.",
  arity: -6,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    string("group"),
    string("consumer"),
    string("min-idle-time"),
    multiple(string("id")),
    optional(withToken("IDLE", integer("ms"))),
    optional(withToken("TIME", unixTime("unix-time-milliseconds"))),
    optional(withToken("RETRYCOUNT", integer("count"))),
    optional(token("FORCE")),
    optional(token("JUSTID")),
    optional(withToken("LASTID", string("lastid"))),
  ],
  tips: ["nondeterministic_output"],
  valueType: "stream",
  run: (context, args) => {
    const found = findGroup(context, args[1], args[2]);
    if (found instanceof ErrorReply) return found;
    if (found === undefined) return noSuchGroup(args[1], args[2]);
    const options = parseClaimArguments(args, context.nowMs);
    if (options instanceof ErrorReply) return options;
    const claims = new Claims(found, options.deliveredMs, options.isJustId);
    for (const id of options.ids) claimOne(claims, id, options, context.nowMs);
    if (!claims.apply(context, args[1], args[3])) return errors.unitTooLarge;
    const { group } = found;
    if (options.lastId > group.lastId) {
      context.apply({
        id: EffectId.streamGroupSetId,
        database: context.database,
        key: toBinaryString(args[1]),
        group: group.name,
        lastId: options.lastId,
        entriesRead: group.entriesRead,
      });
    }
    return claims.replies;
  },
};

function claimOne(claims: Claims, id: StreamId, options: ClaimArguments, nowMs: number): void {
  if (!claims.has(id)) return;
  const pending = claims.pending(id);
  if (pending === undefined && !options.isForced) return;
  const isIdle = pending === undefined || nowMs - pending.deliveredMs >= options.minIdleMs;
  if (options.minIdleMs > 0 && !isIdle) return;
  const before = pending?.count ?? 1;
  if (options.retryCount >= 0) claims.claim(id, options.retryCount);
  else claims.claim(id, options.isJustId ? before : before + 1);
}
