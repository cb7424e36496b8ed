/**
 * SMOVE: Moves a member from one set to another.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { key, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const smoveCommand: Command = {
  name: "smove",
  group: "set",
  summary: "Moves a member from one set to another.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "fast"],
  keys: [
    { flags: ["RW", "access", "delete"], first: 1, last: 1, step: 1 },
    { flags: ["RW", "insert"], first: 2, last: 2, step: 1 },
  ],
  arguments: [key("source"), key("destination", 1), string("member")],
  valueType: "set",
  run: (context, args) => {
    const { database } = context;
    const from = toBinaryString(args[1]);
    const to = toBinaryString(args[2]);
    const member = toBinaryString(args[3]);
    const source = context.lookupSet(from);
    const destination = context.lookupSet(to);
    // Where there is no source, Redis does not look at the destination's type.
    if (source === undefined || source instanceof ErrorReply) return source ?? 0;
    if (destination instanceof ErrorReply) return destination;
    if (!source.has(member)) return 0;
    if (from === to) return 1;
    const members = [member];
    const isNew = destination === undefined || !destination.has(member);
    context.apply({ id: EffectId.setRemove, database, key: from, members });
    if (isNew) context.apply({ id: EffectId.setAdd, database, key: to, members });
    return 1;
  },
};
