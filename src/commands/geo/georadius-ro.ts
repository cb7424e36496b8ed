/**
 * GEORADIUS_RO: the members within a distance from a place, never stored.
 */
import { double, key, since, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { unitArgument } from "./geo-arguments.ts";
import {
  countArgument,
  orderArgument,
  radiusComplexity,
  showArguments,
} from "./geo-declarations.ts";
import { searchPlaces } from "./geo-searching.ts";

const form = { from: "position", sourceAt: 1, store: "never" } as const;

export const georadiusRoCommand: Command = {
  name: "georadius_ro",
  group: "geo",
  summary: "Returns members from a geospatial index that are within a distance from a coordinate.",
  since: "3.2.10",
  complexity: radiusComplexity,
  arity: -6,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    double("longitude"),
    double("latitude"),
    double("radius"),
    unitArgument,
    ...showArguments,
    countArgument(since("6.2.0", token("ANY"))),
    orderArgument,
  ],
  history: [["6.2.0", "Added the `ANY` option for `COUNT`."]],
  deprecatedSince: "6.2.0",
  replacedBy: "`GEOSEARCH` with the `BYRADIUS` argument",
  valueType: "zset",
  run: (context, args) => searchPlaces(context, args, form),
};
