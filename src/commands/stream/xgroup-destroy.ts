/**
 * XGROUP DESTROY: Destroys a consumer group.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { requireStream } from "./group-options.ts";

export const xgroupDestroyCommand: Command = {
  name: "xgroup|destroy",
  group: "stream",
  summary: "Destroys a consumer group.",
  since: "5.0.0",
  complexity: "O(N) where N is the number of entries in the group's pending entries list (PEL).",
  arity: 4,
  flags: ["write"],
  keys: [{ flags: ["RW", "delete"], first: 2, last: 2, step: 1 }],
  arguments: [key(), string("group")],
  run: (context, args) => {
    const stream = requireStream(context, args);
    if (stream instanceof ErrorReply) return stream;
    const group = toBinaryString(args[3]);
    if (stream.group(group) === undefined) return 0;
    const name = toBinaryString(args[2]);
    context.apply({
      id: EffectId.streamGroupDestroy,
      database: context.database,
      key: name,
      group,
    });
    return 1;
  },
};
