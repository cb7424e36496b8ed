/**
 * WAITAOF: whether the writes made so far are on disk here, and on how many replicas: `[1, 0]`,
 * once they are.
 */
import { ErrorReply, errors } from "../../base/errors.ts";
import { integer } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { checkTimeout } from "../timeout-argument.ts";

const badLocalCount = new ErrorReply("ERR value is out of range, value must between 0 and 1");
export const waitaofCommand: Command = {
  name: "waitaof",
  group: "generic",
  summary:
    "Blocks until all of the preceding write commands sent by the connection are written to the log of the primary and its replicas.",
  since: "7.2.0",
  complexity: "O(1)",
  arity: 4,
  flags: ["noscript"],
  categories: ["connection"],
  arguments: [integer("numlocal"), integer("numreplicas"), integer("timeout")],
  tips: ["request_policy:all_shards", "response_policy:agg_min"],
  run: (context, args) => {
    const localCount = parseClampedInteger(args[1]);
    if (localCount === undefined) return errors.notAnInteger;
    if (localCount < 0 || localCount > 1) return badLocalCount;
    const replicaCount = parseClampedInteger(args[2]);
    if (replicaCount === undefined) return errors.notAnInteger;
    if (replicaCount < 0) return errors.mustBePositive;
    const refusal = checkTimeout(args[3], context.nowMs);
    if (refusal !== undefined) return refusal;
    context.waitForEverything();
    return [1, 0];
  },
};
