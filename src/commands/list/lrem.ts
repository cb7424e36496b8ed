/**
 * LREM: Removes elements from a list. Deletes the list if the last element was removed.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { ListValue } from "../../keyspace/list-value.ts";
import { integer, key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseClampedInteger } from "../integer-argument.ts";

export const lremCommand: Command = {
  name: "lrem",
  group: "list",
  summary: "Removes elements from a list. Deletes the list if the last element was removed.",
  since: "1.0.0",
  complexity: "O(N+M) where N is the length of the list and M is the number of elements removed",
  arity: 4,
  flags: ["write"],
  keys: [{ flags: ["RW", "delete"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("count"), string("element")],
  valueType: "list",
  run: (context, args) => {
    const { database } = context;
    const count = parseClampedInteger(args[2]);
    if (count === undefined) return errors.notAnInteger;
    const name = toBinaryString(args[1]);
    const list = context.lookupList(name);
    if (list instanceof ErrorReply) return list;
    if (list === undefined) return 0;
    const indexes = findIndexes(list, args[3], count);
    if (indexes.length > 0) {
      context.apply({ id: EffectId.listRemove, database, key: name, indexes });
    }
    return indexes.length;
  },
};

/** Ascending; from the left for a positive count, from the right for a negative one, 0: all. */
function findIndexes(list: ListValue, element: Bytes, count: number): number[] {
  const indexes: number[] = [];
  const wanted = count === 0 ? list.length : Math.abs(count);
  const isFromRight = count < 0;
  for (const index of list.matches(element, isFromRight)) {
    indexes.push(index);
    if (indexes.length === wanted) break;
  }
  return isFromRight ? indexes.reverse() : indexes;
}
