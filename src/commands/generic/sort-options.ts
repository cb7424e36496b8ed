/**
 * What SORT and SORT_RO are asked for.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { type ErrorReply, errors } from "../../base/errors.ts";
import { block, integer, key, oneOf, optional, token, withToken } from "../argument.ts";
import type { ArgumentDeclaration, KeySpecification } from "../command.ts";
import { optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";

export interface SortOptions {
  isDescending: boolean;
  isAlphabetic: boolean;
  /** The last BY; undefined compares the elements themselves. */
  by: string | undefined;
  /** A BY without `*`, whatever other BY there is: nothing is compared. */
  isUnsorted: boolean;
  start: number;
  /** Below 0: all. */
  count: number;
  readonly patterns: string[];
  destination: string | undefined;
}

const pattern = (name: string): ArgumentDeclaration => ({
  name,
  type: "pattern",
  displayText: "pattern",
  keySpecificationIndex: 1,
});

/** What is sorted, and what BY and GET look at. */
export const sortedKey: readonly KeySpecification[] = [
  { flags: ["RO", "access"], first: 1, last: 1, step: 1 },
  {
    flags: ["RO", "access"],
    unknownBecause:
      "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
  },
];

/** As COMMAND DOCS shows them; STORE's destination is not among them. */
export const sortArguments: readonly ArgumentDeclaration[] = [
  key(),
  optional(withToken("BY", pattern("by-pattern"))),
  optional(withToken("LIMIT", block("limit", integer("offset"), integer("count")))),
  {
    ...optional(withToken("GET", pattern("get-pattern"))),
    isMultiple: true,
    isMultipleToken: true,
  },
  optional(oneOf("order", token("ASC"), token("DESC"))),
  optional({ name: "sorting", type: "pure-token", token: "ALPHA" }),
];

export function parseSortOptions(
  args: readonly Bytes[],
  isStoreAllowed: boolean,
): SortOptions | ErrorReply {
  const options: SortOptions = {
    isDescending: false,
    isAlphabetic: false,
    by: undefined,
    isUnsorted: false,
    start: 0,
    count: -1,
    patterns: [],
    destination: undefined,
  };
  for (let index = 2; index < args.length; index += 1) {
    const name = optionName(args[index]);
    const left = args.length - index - 1;
    if (name === "ASC") options.isDescending = false;
    else if (name === "DESC") options.isDescending = true;
    else if (name === "ALPHA") options.isAlphabetic = true;
    else if (name === "LIMIT" && left >= 2) {
      const start = parseClampedInteger(args[index + 1]);
      const count = parseClampedInteger(args[index + 2]);
      if (start === undefined || count === undefined) return errors.notAnInteger;
      options.start = Math.max(start, 0);
      options.count = count;
      index += 2;
    } else if (left >= 1 && takeNamed(options, name, args[index + 1], isStoreAllowed)) index += 1;
    else return errors.syntax;
  }
  return options;
}

/** BY, GET and STORE; false for any other name. */
function takeNamed(
  options: SortOptions,
  name: string,
  argument: Bytes,
  isStoreAllowed: boolean,
): boolean {
  const text = toBinaryString(argument);
  if (name === "BY") {
    options.by = text;
    if (!text.includes("*")) options.isUnsorted = true;
  } else if (name === "GET") options.patterns.push(text);
  else if (name === "STORE" && isStoreAllowed) options.destination = text;
  else return false;
  return true;
}
