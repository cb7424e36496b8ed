/**
 * FT.SEARCH: filters, vector ranges and nearest neighbors; always complete, also while an index is
 * being filled or its graph built.
 *
 * Everything that can be wrong is found before any work. `search-run.ts` does the work.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import type { Reply } from "../../resp/frame.ts";
import {
  block,
  double,
  integer,
  multiple,
  oneOf,
  optional,
  string,
  token,
  withToken,
} from "../argument.ts";
import type { Command } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { ArgumentCursor } from "./argument-cursor.ts";
import { readSearchOptions } from "./search-options.ts";
import { runSearch } from "./search-run.ts";

const QUERY_PLACE = 2;

export const ftSearchCommand: Command = {
  name: "ft.search",
  group: "search",
  summary: "Finds documents by words, tags, numbers and vectors.",
  since: "1.0.0",
  complexity: "O(N), where N is the number of documents that match; far less for a KNN query",
  arity: -3,
  flags: ["readonly"],
  arguments: [
    string("index"),
    string("query"),
    optional(token("NOCONTENT")),
    optional(token("VERBATIM")),
    optional(token("NOSTOPWORDS")),
    optional(token("WITHSCORES")),
    optional(token("WITHPAYLOADS")),
    optional(token("WITHSORTKEYS")),
    optional(
      withToken(
        "FILTER",
        multiple(block("filter", string("numeric_field"), double("min"), double("max"))),
      ),
    ),
    optional(withToken("INKEYS", block("in_keys", integer("count"), multiple(string("key"))))),
    optional(
      withToken("INFIELDS", block("in_fields", integer("count"), multiple(string("field")))),
    ),
    optional(
      withToken(
        "RETURN",
        block(
          "return",
          integer("count"),
          multiple(
            block("field", string("identifier"), optional(withToken("AS", string("property")))),
          ),
        ),
      ),
    ),
    optional(withToken("TIMEOUT", integer("milliseconds"))),
    optional(withToken("LANGUAGE", string("language"))),
    optional(withToken("SCORER", string("scorer"))),
    optional(
      withToken(
        "SORTBY",
        block("sortby", string("name"), optional(oneOf("order", token("ASC"), token("DESC")))),
      ),
    ),
    optional(withToken("LIMIT", block("limit", integer("offset"), integer("num")))),
    optional(token("COUNT")),
    optional(
      withToken(
        "PARAMS",
        block("params", integer("nargs"), multiple(block("pair", string("name"), string("value")))),
      ),
    ),
    optional(withToken("DIALECT", integer("dialect"))),
  ],
  run: search,
};

function search(context: CommandContext, args: readonly Bytes[]): Reply {
  const options = readSearchOptions(new ArgumentCursor(args, QUERY_PLACE + 1));
  if (options instanceof ErrorReply) return options;
  return runSearch(context, toBinaryString(args[1]), toBinaryString(args[QUERY_PLACE]), options);
}
