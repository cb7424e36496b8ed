/**
 * XGROUP DELCONSUMER: Deletes a consumer from a consumer group.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { requireGroup } from "./group-options.ts";

export const xgroupDelconsumerCommand: Command = {
  name: "xgroup|delconsumer",
  group: "stream",
  summary: "Deletes a consumer from a consumer group.",
  since: "5.0.0",
  complexity: "O(1)",
  arity: 5,
  flags: ["write"],
  keys: [{ flags: ["RW", "delete"], first: 2, last: 2, step: 1 }],
  arguments: [key(), string("group"), string("consumer")],
  run: (context, args) => {
    const found = requireGroup(context, args);
    if (found instanceof ErrorReply) return found;
    const consumer = found.group.consumers.get(toBinaryString(args[4]));
    if (consumer === undefined) return 0;
    const pendingCount = consumer.pending.size;
    context.apply({
      id: EffectId.streamConsumerDelete,
      database: context.database,
      key: toBinaryString(args[2]),
      group: found.group.name,
      consumer: consumer.name,
    });
    return pendingCount;
  },
};
