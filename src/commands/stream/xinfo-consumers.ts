/**
 * XINFO CONSUMERS: Returns a list of the consumers in a consumer group.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { NEVER_ACTIVE } from "../../keyspace/stream-group.ts";
import { MapReply } from "../../resp/frame.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { byName, noSuchGroupOf } from "./group-lookup.ts";

export const xinfoConsumersCommand: Command = {
  name: "xinfo|consumers",
  group: "stream",
  summary: "Returns a list of the consumers in a consumer group.",
  since: "5.0.0",
  complexity: "O(1)",
  arity: 4,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 2, last: 2, step: 1 }],
  arguments: [key(), string("group")],
  history: [["7.2.0", "Added the `inactive` field."]],
  tips: ["nondeterministic_output"],
  run: (context, args) => {
    const stream = context.lookupStream(toBinaryString(args[2]));
    if (stream === undefined) return errors.noSuchKey;
    if (stream instanceof ErrorReply) return stream;
    const group = stream.group(toBinaryString(args[3]));
    if (group === undefined) return noSuchGroupOf(args[2], args[3]);
    const { nowMs } = context;
    return byName(group.consumers.values()).map(({ name, pending, seenMs, activeMs }) => {
      const inactiveMs = activeMs === NEVER_ACTIVE ? NEVER_ACTIVE : nowMs - activeMs;
      const idleMs = Math.max(0, nowMs - seenMs);
      return new MapReply([
        "name",
        name,
        "pending",
        pending.size,
        "idle",
        idleMs,
        "inactive",
        inactiveMs,
      ]);
    });
  },
};
