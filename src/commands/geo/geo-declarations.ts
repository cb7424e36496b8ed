/**
 * Arguments that several geo commands declare alike.
 */
import {
  block,
  double,
  integer,
  key,
  oneOf,
  optional,
  string,
  token,
  withToken,
} from "../argument.ts";
import type { ArgumentDeclaration } from "../command.ts";
import { unitArgument } from "./geo-arguments.ts";

export const fromArgument = oneOf(
  "from",
  withToken("FROMMEMBER", string("member")),
  withToken("FROMLONLAT", block("fromlonlat", double("longitude"), double("latitude"))),
);

export const byArgument = oneOf(
  "by",
  block("circle", withToken("BYRADIUS", double("radius")), unitArgument),
  block("box", withToken("BYBOX", double("width")), double("height"), unitArgument),
);

export const orderArgument = optional(oneOf("order", token("ASC"), token("DESC")));

export function countArgument(anyArgument: ArgumentDeclaration): ArgumentDeclaration {
  return optional(
    block("count-block", withToken("COUNT", integer("count")), optional(anyArgument)),
  );
}

export const showArguments: readonly ArgumentDeclaration[] = [
  optional(token("WITHCOORD")),
  optional(token("WITHDIST")),
  optional(token("WITHHASH")),
];

/** GEORADIUS and GEORADIUSBYMEMBER. */
export const storeArgument = optional(
  oneOf(
    "store",
    withToken("STORE", { ...key("storekey", 1), displayText: "key" }),
    withToken("STOREDIST", { ...key("storedistkey", 2), displayText: "key" }),
  ),
);

export const searchComplexity =
  "O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape";
export const radiusComplexity =
  "O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.";
