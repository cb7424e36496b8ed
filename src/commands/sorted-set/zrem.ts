/**
 * ZREM: Removes one or more members from a sorted set. Deletes the sorted set if all members were
 * removed.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { key, multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const zremCommand: Command = {
  name: "zrem",
  group: "sorted_set",
  summary:
    "Removes one or more members from a sorted set. Deletes the sorted set if all members were removed.",
  since: "1.2.0",
  complexity:
    "O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.",
  arity: -3,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "delete"], first: 1, last: 1, step: 1 }],
  arguments: [key(), multiple(string("member"))],
  history: [["2.4.0", "Accepts multiple elements."]],
  valueType: "zset",
  run: (context, args) => {
    const key = toBinaryString(args[1]);
    const set = context.lookupSortedSet(key);
    if (set instanceof ErrorReply) return set;
    if (set === undefined) return 0;
    const removed = new Set<string>();
    for (let index = 2; index < args.length; index += 1) {
      const member = toBinaryString(args[index]);
      if (set.score(member) !== undefined) removed.add(member);
    }
    if (removed.size === 0) return 0;
    const { database } = context;
    context.apply({ id: EffectId.sortedSetRemove, database, key, members: [...removed] });
    return removed.size;
  },
};
