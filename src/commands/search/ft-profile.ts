/**
 * FT.PROFILE: runs a search and tells what it took. `profile-reply.ts` has the layout.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import type { Reply } from "../../resp/frame.ts";
import { SearchProfile } from "../../search/query/profile.ts";
import { multiple, optional, string, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";
import { ArgumentCursor } from "./argument-cursor.ts";
import { readSearchOptions } from "./search-options.ts";
import { runSearch } from "./search-run.ts";

export const ftProfileCommand: Command = {
  name: "ft.profile",
  group: "search",
  summary: "Runs a search and explains how it was answered.",
  since: "2.2.0",
  complexity: "O(N), as the search itself",
  arity: -5,
  flags: ["readonly"],
  arguments: [
    string("index"),
    token("SEARCH"),
    optional(token("LIMITED")),
    withToken("QUERY", string("query")),
    optional(multiple(string("option"))),
  ],
  run: profile,
};

function profile(context: CommandContext, args: readonly Bytes[]): Reply {
  const kind = optionName(args[2]);
  if (kind === "AGGREGATE") return new ErrorReply("ERR AGGREGATE is not supported yet");
  if (kind !== "SEARCH") return new ErrorReply("No `SEARCH` or `AGGREGATE` provided");
  const isLimited = optionName(args[3]) === "LIMITED";
  const queryPlace = isLimited ? 5 : 4;
  if (optionName(args[queryPlace - 1]) !== "QUERY") {
    return new ErrorReply("The QUERY keyword is expected");
  }
  if (args.length <= queryPlace) return new ErrorReply("No query string provided");
  const { server } = context;
  const noted = new SearchProfile(isLimited, () => server.monotonicMs());
  const options = readSearchOptions(new ArgumentCursor(args.slice(queryPlace - 2), 3));
  if (options instanceof ErrorReply) return options;
  const name = toBinaryString(args[1]);
  return runSearch(context, name, toBinaryString(args[queryPlace]), options, noted);
}
