/**
 * WAIT: how many replicas have the writes made so far. A shard of one node has none, and a reply
 * here already means durable, so it answers 0 as soon as everything executed is durable; Redis
 * would use up the timeout first, which would help nobody.
 */
import { errors } from "../../base/errors.ts";
import { integer } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { checkTimeout } from "../timeout-argument.ts";

export const waitCommand: Command = {
  name: "wait",
  group: "generic",
  summary:
    "Blocks until the asynchronous replication of all preceding write commands sent by the connection is completed.",
  since: "3.0.0",
  complexity: "O(1)",
  arity: 3,
  flags: [],
  categories: ["connection"],
  arguments: [integer("numreplicas"), integer("timeout")],
  tips: ["request_policy:all_shards", "response_policy:agg_min"],
  run: (context, args) => {
    if (parseClampedInteger(args[1]) === undefined) return errors.notAnInteger;
    const refusal = checkTimeout(args[2], context.nowMs);
    if (refusal !== undefined) return refusal;
    context.waitForEverything();
    return 0;
  },
};
