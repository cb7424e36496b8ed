/**
 * SADD: Adds one or more members to a set. Creates the key if it doesn't exist.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { SetValue } from "../../keyspace/set-value.ts";
import { key, multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const saddCommand: Command = {
  name: "sadd",
  group: "set",
  summary: "Adds one or more members to a set. Creates the key if it doesn't exist.",
  since: "1.0.0",
  complexity:
    "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.",
  arity: -3,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "insert"], first: 1, last: 1, step: 1 }],
  arguments: [key(), multiple(string("member"))],
  history: [["2.4.0", "Accepts multiple `member` arguments."]],
  valueType: "set",
  run: (context, args) => {
    const { database } = context;
    const name = toBinaryString(args[1]);
    const set = context.lookupSet(name);
    if (set instanceof ErrorReply) return set;
    const members = newMembers(set, args);
    if (members.length === 0) return 0;
    context.apply({ id: EffectId.setAdd, database, key: name, members });
    return members.length;
  },
};

/** Those that are not there yet, each once, in the order sent. */
function newMembers(set: SetValue | undefined, args: readonly Bytes[]): readonly string[] {
  if (args.length === 3) {
    const member = toBinaryString(args[2]);
    return set?.has(member) === true ? [] : [member];
  }
  const members = new Set<string>();
  for (let index = 2; index < args.length; index += 1) {
    const member = toBinaryString(args[index]);
    if (set === undefined || !set.has(member)) members.add(member);
  }
  return [...members];
}
