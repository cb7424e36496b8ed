/**
 * XGROUP SETID: Sets the last-delivered ID of a consumer group.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { OK } from "../../resp/frame.ts";
import { integer, key, oneOf, optional, string, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseGroupOptions, requireGroup } from "./group-options.ts";
import { invalidStreamId, parseId } from "./id-argument.ts";
import { badSubcommand } from "./subcommand-error.ts";

const ARGUMENTS_MAX = 7;

export const xgroupSetidCommand: Command = {
  name: "xgroup|setid",
  group: "stream",
  summary: "Sets the last-delivered ID of a consumer group.",
  since: "5.0.0",
  complexity: "O(1)",
  arity: -5,
  flags: ["write"],
  keys: [{ flags: ["RW", "update"], first: 2, last: 2, step: 1 }],
  arguments: [
    key(),
    string("group"),
    oneOf("id-selector", string("id"), { ...token("$"), name: "new-id" }),
    optional({
      ...withToken("ENTRIESREAD", integer("entriesread")),
      displayText: "entries-read",
    }),
  ],
  history: [["7.0.0", "Added the optional `entries_read` argument."]],
  run: (context, args) => {
    const options = parseGroupOptions(args, false);
    if (options instanceof ErrorReply) return options;
    const found = requireGroup(context, args);
    if (found instanceof ErrorReply) return found;
    if (args.length > ARGUMENTS_MAX) return badSubcommand(args);
    const lastId = args[4] === "$" ? found.stream.lastId : parseId(args[4]);
    if (lastId === undefined) return invalidStreamId;
    context.apply({
      id: EffectId.streamGroupSetId,
      database: context.database,
      key: toBinaryString(args[2]),
      group: found.group.name,
      lastId,
      entriesRead: options.entriesRead,
    });
    return OK;
  },
};
