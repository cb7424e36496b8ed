/**
 * SORT_RO: Returns the sorted elements of a list, a set, or a sorted set.
 */
import type { Command } from "../command.ts";
import { sortArguments, sortedKey } from "./sort-options.ts";
import { sort } from "./sorting.ts";

export const sortRoCommand: Command = {
  name: "sort_ro",
  group: "generic",
  summary: "Returns the sorted elements of a list, a set, or a sorted set.",
  since: "7.0.0",
  complexity:
    "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).",
  arity: -2,
  flags: ["readonly", "movablekeys"],
  categories: ["set", "sortedset", "list", "dangerous"],
  isOutsideGroupCategory: true,
  keys: sortedKey,
  arguments: sortArguments,
  run: (context, args) => sort(context, args, false),
};
