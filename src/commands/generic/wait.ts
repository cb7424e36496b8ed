/**
 * WAIT: how many replicas have the writes made so far. A shard of one node has none, and a reply here
 * already means durable, so it answers 0 as soon as everything executed is durable; Redis would use
 * up the timeout first, which would help nobody.
 */
import { ErrorReply, errors } from "../../base/errors.ts";
import { integer } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseInteger } from "../integer-argument.ts";

const badTimeout = new ErrorReply("ERR timeout is not an integer or out of range");
const negativeTimeout = new ErrorReply("ERR timeout is negative");

export const waitCommand: Command = {
  name: "wait",
  group: "generic",
  summary:
    "Blocks until the asynchronous replication of all preceding write commands sent by the connection is completed.",
  since: "3.0.0",
  complexity: "O(1)",
  arity: 3,
  flags: ["blocking"],
  categories: ["connection"],
  arguments: [integer("numreplicas"), integer("timeout")],
  tips: ["request_policy:all_shards", "response_policy:agg_min"],
  run: (context, args) => {
    if (parseInteger(args[1]) === undefined) return errors.notAnInteger;
    const timeout = parseInteger(args[2]);
    if (timeout === undefined) return badTimeout;
    if (timeout < 0) return negativeTimeout;
    context.waitForEverything();
    return 0;
  },
};
