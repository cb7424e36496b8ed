/**
 * XGROUP CREATE: Creates a consumer group.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { ID_MIN } from "../../data/stream-id.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { OK } from "../../resp/frame.ts";
import { integer, key, oneOf, optional, string, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseGroupOptions, requireStream } from "./group-options.ts";
import { invalidStreamId, parseStrictId } from "./id-argument.ts";
import { badSubcommand } from "./subcommand-error.ts";

const busyGroup = new ErrorReply("BUSYGROUP Consumer Group name already exists");
const ARGUMENTS_MAX = 8;

export const xgroupCreateCommand: Command = {
  name: "xgroup|create",
  group: "stream",
  summary: "Creates a consumer group.",
  since: "5.0.0",
  complexity: "O(1)",
  arity: -5,
  flags: ["write", "denyoom"],
  keys: [{ flags: ["RW", "insert"], first: 2, last: 2, step: 1 }],
  arguments: [
    key(),
    string("group"),
    oneOf("id-selector", string("id"), { ...token("$"), name: "new-id" }),
    optional(token("MKSTREAM")),
    optional(withToken("ENTRIESREAD", integer("entries-read"))),
  ],
  history: [["7.0.0", "Added the `entries_read` named argument."]],
  run: (context, args) => {
    const options = parseGroupOptions(args, true);
    if (options instanceof ErrorReply) return options;
    const name = toBinaryString(args[2]);
    const stream = options.makesStream ? context.lookupStream(name) : requireStream(context, args);
    if (stream instanceof ErrorReply) return stream;
    if (args.length > ARGUMENTS_MAX) return badSubcommand(args);
    const lastId = args[4] === "$" ? (stream?.lastId ?? ID_MIN) : parseStrictId(args[4]);
    if (lastId === undefined) return invalidStreamId;
    const group = toBinaryString(args[3]);
    if (stream?.group(group) !== undefined) return busyGroup;
    context.apply({
      id: EffectId.streamGroupCreate,
      database: context.database,
      key: name,
      group,
      lastId,
      entriesRead: options.entriesRead,
    });
    return OK;
  },
};
