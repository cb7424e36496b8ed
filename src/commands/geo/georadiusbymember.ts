/**
 * GEORADIUSBYMEMBER: the members within a distance from a member.
 */
import { double, key, string, token } from "../argument.ts";
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

const form = { from: "member", sourceAt: 1, store: "options" } as const;

export const georadiusbymemberCommand: Command = {
  name: "georadiusbymember",
  group: "geo",
  summary:
    "Queries a geospatial index for members within a distance from a member, optionally stores the result.",
  since: "3.2.0",
  complexity: radiusComplexity,
  arity: -5,
  flags: ["write", "denyoom", "movablekeys"],
  keys: [
    { flags: ["RO", "access"], first: 1, last: 1, step: 1 },
    { flags: ["OW", "update"], keyword: "STORE", searchFrom: 5, isSingle: true },
    { flags: ["OW", "update"], keyword: "STOREDIST", searchFrom: 5, isSingle: true },
  ],
  arguments: [
    key(),
    string("member"),
    double("radius"),
    unitArgument,
    ...showArguments,
    countArgument(token("ANY")),
    orderArgument,
    storeArgument,
  ],
  history: [["7.0.0", "Added support for uppercase unit names."]],
  deprecatedSince: "6.2.0",
  replacedBy: "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments",
  valueType: "zset",
  run: (context, args) => searchPlaces(context, args, form),
};
