/**
 * XGROUP CREATECONSUMER: Creates a consumer in a consumer group.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { NEVER_ACTIVE } from "../../keyspace/stream-group.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { requireGroup } from "./group-options.ts";

export const xgroupCreateconsumerCommand: Command = {
  name: "xgroup|createconsumer",
  group: "stream",
  summary: "Creates a consumer in a consumer group.",
  since: "6.2.0",
  complexity: "O(1)",
  arity: 5,
  flags: ["write", "denyoom"],
  keys: [{ flags: ["RW", "insert"], first: 2, last: 2, step: 1 }],
  arguments: [key(), string("group"), string("consumer")],
  run: (context, args) => {
    const found = requireGroup(context, args);
    if (found instanceof ErrorReply) return found;
    const consumer = toBinaryString(args[4]);
    if (found.group.consumers.has(consumer)) return 0;
    context.apply({
      id: EffectId.streamConsumerSet,
      database: context.database,
      key: toBinaryString(args[2]),
      group: found.group.name,
      consumer,
      seenMs: context.nowMs,
      activeMs: NEVER_ACTIVE,
    });
    return 1;
  },
};
