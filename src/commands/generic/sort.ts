/**
 * SORT: Sorts the elements in a list, a set, or a sorted set, optionally storing the result.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { key, optional, withToken } from "../argument.ts";
import type { Command, KeyUse } from "../command.ts";
import { optionName } from "../context.ts";
import { sortArguments, sortedKey } from "./sort-options.ts";
import { sort } from "./sorting.ts";

export const sortCommand: Command = {
  name: "sort",
  group: "generic",
  summary: "Sorts the elements in a list, a set, or a sorted set, optionally storing the result.",
  since: "1.0.0",
  complexity:
    "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).",
  arity: -2,
  flags: ["write", "denyoom", "movablekeys"],
  categories: ["set", "sortedset", "list", "dangerous"],
  isOutsideGroupCategory: true,
  keys: [
    ...sortedKey,
    {
      flags: ["OW", "update"],
      unknownBecause:
        "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array",
    },
  ],
  furtherKeys: destinationOf,
  arguments: [...sortArguments, optional(withToken("STORE", key("destination", 2)))],
  run: (context, args) => sort(context, args, true),
};

/** The last STORE's, whatever else is wrong. */
function destinationOf(args: readonly Bytes[]): readonly KeyUse[] {
  let found: readonly KeyUse[] = [];
  for (let index = 2; index < args.length; index += 1) {
    const name = optionName(args[index]);
    if (name === "LIMIT") index += 2;
    else if (name === "BY" || name === "GET") index += 1;
    else if (name === "STORE" && index + 1 < args.length) {
      found = [{ key: toBinaryString(args[index + 1]), flags: ["OW", "update"] }];
    }
  }
  return found;
}
