/**
 * GEOSEARCH: the members inside a circle or a box.
 */
import { key, token } from "../argument.ts";
import type { Command } from "../command.ts";
import {
  byArgument,
  countArgument,
  fromArgument,
  orderArgument,
  searchComplexity,
  showArguments,
} from "./geo-declarations.ts";
import { searchPlaces } from "./geo-searching.ts";

const form = { from: "options", sourceAt: 1, store: "never" } as const;

export const geosearchCommand: Command = {
  name: "geosearch",
  group: "geo",
  summary: "Queries a geospatial index for members inside an area of a box or a circle.",
  since: "6.2.0",
  complexity: searchComplexity,
  arity: -7,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    fromArgument,
    byArgument,
    orderArgument,
    countArgument(token("ANY")),
    ...showArguments,
  ],
  history: [["7.0.0", "Added support for uppercase unit names."]],
  valueType: "zset",
  run: (context, args) => searchPlaces(context, args, form),
};
