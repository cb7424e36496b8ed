/**
 * GEORADIUS: the members within a distance from a place.
 */
import { double, key, since, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { unitArgument } from "./geo-arguments.ts";
import {
  countArgument,
  orderArgument,
  radiusComplexity,
  showArguments,
  storeArgument,
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
    storeArgument,
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
