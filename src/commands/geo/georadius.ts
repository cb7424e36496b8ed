/**
 * GEORADIUS: the members within a distance from a place.
 */
import { double, key, oneOf, optional, since, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { unitArgument } from "./geo-arguments.ts";
import {
  countArgument,
  orderArgument,
  radiusComplexity,
  showArguments,
} from "./geo-declarations.ts";
import { searchPlaces } from "./geo-searching.ts";

const form = { from: "position", sourceAt: 1, store: "options" } as const;

export const georadiusCommand: Command = {
  name: "georadius",
  group: "geo",
  summary:
    "Queries a geospatial index for members within a distance from a coordinate, optionally stores the result.",
  since: "3.2.0",
  complexity: radiusComplexity,
  arity: -6,
  flags: ["write", "denyoom", "movablekeys"],
  keys: [
    { flags: ["RO", "access"], first: 1, last: 1, step: 1 },
    { flags: ["OW", "update"], keyword: "STORE", searchFrom: 6, isSingle: true },
    { flags: ["OW", "update"], keyword: "STOREDIST", searchFrom: 6, isSingle: true },
  ],
  arguments: [
    key(),
    double("longitude"),
    double("latitude"),
    double("radius"),
    unitArgument,
    ...showArguments,
    countArgument(since("6.2.0", token("ANY"))),
    orderArgument,
    optional(
      oneOf(
        "store",
        withToken("STORE", { ...key("storekey", 1), displayText: "key" }),
        withToken("STOREDIST", { ...key("storedistkey", 2), displayText: "key" }),
      ),
    ),
  ],
  history: [
    ["6.2.0", "Added the `ANY` option for `COUNT`."],
    ["7.0.0", "Added support for uppercase unit names."],
  ],
  deprecatedSince: "6.2.0",
  replacedBy: "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument",
  valueType: "zset",
  run: (context, args) => searchPlaces(context, args, form),
};
