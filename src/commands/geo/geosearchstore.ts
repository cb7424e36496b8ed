/**
 * GEOSEARCHSTORE: stores the members inside a circle or a box, with their places or distances.
 */
import { key, optional, token } from "../argument.ts";
import type { Command } from "../command.ts";
import {
  byArgument,
  countArgument,
  fromArgument,
  orderArgument,
  searchComplexity,
} from "./geo-declarations.ts";
import { searchPlaces } from "./geo-searching.ts";

const form = { from: "options", sourceAt: 2, store: "first key" } as const;

export const geosearchstoreCommand: Command = {
  name: "geosearchstore",
  group: "geo",
  summary:
    "Queries a geospatial index for members inside an area of a box or a circle, optionally stores the result.",
  since: "6.2.0",
  complexity: searchComplexity,
  arity: -8,
  flags: ["write", "denyoom"],
  keys: [
    { flags: ["OW", "update"], first: 1, last: 1, step: 1 },
    { flags: ["RO", "access"], first: 2, last: 2, step: 1 },
  ],
  arguments: [
    key("destination"),
    key("source", 1),
    fromArgument,
    byArgument,
    orderArgument,
    countArgument(token("ANY")),
    optional(token("STOREDIST")),
  ],
  history: [["7.0.0", "Added support for uppercase unit names."]],
  run: (context, args) => searchPlaces(context, args, form),
};
