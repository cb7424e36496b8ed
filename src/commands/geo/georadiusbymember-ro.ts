/**
 * GEORADIUSBYMEMBER_RO: the members within a distance from a member, never stored.
 */
import { double, key, string, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { unitArgument } from "./geo-arguments.ts";
import {
  countArgument,
  orderArgument,
  radiusComplexity,
  showArguments,
} from "./geo-declarations.ts";
import { searchPlaces } from "./geo-searching.ts";

const form = { from: "member", sourceAt: 1, store: "never" } as const;

export const georadiusbymemberRoCommand: Command = {
  name: "georadiusbymember_ro",
  group: "geo",
  summary: "Returns members from a geospatial index that are within a distance from a member.",
  since: "3.2.10",
  complexity: radiusComplexity,
  arity: -5,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    string("member"),
    double("radius"),
    unitArgument,
    ...showArguments,
    countArgument(token("ANY")),
    orderArgument,
  ],
  deprecatedSince: "6.2.0",
  replacedBy: "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments",
  valueType: "zset",
  run: (context, args) => searchPlaces(context, args, form),
};
