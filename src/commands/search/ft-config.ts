/**
 * FT.CONFIG: what clients ask of RediSearch's settings. They are read only here: what can be set
 * is in CONFIG, and SET takes nothing but the value that a setting has anyway.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, wrongArgumentCount } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { MapReply, OK, type Reply, SimpleString } from "../../resp/frame.ts";
import { oneOf, optional, string, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";

const settings: ReadonlyMap<string, string> = new Map([
  ["MAXSEARCHRESULTS", String(limits.searchResultsMax)],
  ["DEFAULT_DIALECT", "2"],
]);

export const ftConfigCommand: Command = {
  name: "ft.config",
  group: "search",
  summary: "Returns settings of search, in RediSearch's names.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: -3,
  flags: ["readonly", "fast"],
  arguments: [
    oneOf("action", token("GET"), token("SET")),
    string("option"),
    optional(string("value")),
  ],
  run: configure,
};

function configure(context: CommandContext, args: readonly Bytes[]): Reply {
  const action = optionName(args[1]);
  const name = toBinaryString(args[2]).toUpperCase();
  if (action === "GET") return args.length === 3 ? get(context, name) : wrongCount();
  if (action === "SET") return args.length === 4 ? set(name, args[3]) : wrongCount();
  return new ErrorReply("ERR No such configuration action");
}

function get(context: CommandContext, wanted: string): Reply {
  const found = [...settings].filter(([name]) => wanted === "*" || wanted === name);
  if (context.session.protocol === 2) {
    return found.map(([name, value]) => [new SimpleString(name), value]);
  }
  return new MapReply(found.flatMap(([name, value]) => [new SimpleString(name), value]));
}

function set(name: string, value: Bytes): Reply {
  const present = settings.get(name);
  if (present === undefined) return new ErrorReply("Invalid option");
  if (toBinaryString(value) === present) return OK;
  return new ErrorReply("Not modifiable at runtime");
}

function wrongCount(): ErrorReply {
  return wrongArgumentCount("ft.config");
}
