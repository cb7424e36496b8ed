/**
 * How XADD and XTRIM declare the options of a trim.
 */

import { block, integer, oneOf, optional, since, string, token, withToken } from "../argument.ts";
import type { ArgumentDeclaration } from "../command.ts";

export const trimArgument: ArgumentDeclaration = block(
  "trim",
  oneOf("strategy", token("MAXLEN"), since("6.2.0", token("MINID"))),
  optional(
    oneOf("operator", { ...token("="), name: "equal" }, { ...token("~"), name: "approximately" }),
  ),
  string("threshold"),
  optional(since("6.2.0", withToken("LIMIT", integer("count")))),
);
