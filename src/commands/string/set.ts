/**
 * SET: sets a string, with conditions and an expiry.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { OK, type Reply } from "../../resp/frame.ts";
import {
  integer,
  key,
  oneOf,
  optional,
  since,
  string,
  token,
  unixTime,
  withToken,
} from "../argument.ts";
import type { Command } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { parseExpiry } from "../expiry-argument.ts";
import { parseSetOptions, type SetOptions } from "./set-options.ts";
import { setString } from "./setting.ts";

export const setCommand: Command = {
  name: "set",
  group: "string",
  summary:
    "Sets the string value of a key, ignoring its type. The key is created if it is missing.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [{ flags: ["RW", "access", "update", "variable_flags"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    string("value"),
    since("2.6.12", optional(oneOf("condition", token("NX"), token("XX")))),
    since("6.2.0", optional(token("GET"))),
    optional(
      oneOf(
        "expiration",
        since("2.6.12", withToken("EX", integer("seconds"))),
        since("2.6.12", withToken("PX", integer("milliseconds"))),
        since("6.2.0", withToken("EXAT", unixTime("unix-time-seconds"))),
        since("6.2.0", withToken("PXAT", unixTime("unix-time-milliseconds"))),
        since("6.0.0", token("KEEPTTL")),
      ),
    ),
  ],
  history: [
    ["2.6.12", "Added the `EX`, `PX`, `NX` and `XX` options."],
    ["6.0.0", "Added the `KEEPTTL` option."],
    ["6.2.0", "Added the `GET`, `EXAT` and `PXAT` option."],
    ["7.0.0", "Allowed the `NX` and `GET` options to be used together."],
  ],
  run: (context, args) => {
    const name = toBinaryString(args[1]);
    if (args.length === 3) {
      context.has(name);
      setString(context, name, args[2], 0);
      return OK;
    }
    const options = parseSetOptions(args, 3, false);
    if (options instanceof ErrorReply) return options;
    const { expiryUnit, expiryArgument } = options;
    if (expiryUnit === undefined) return store(context, name, args[2], options, 0);
    const expiryMs = parseExpiry(expiryArgument, expiryUnit, context.nowMs, "set");
    if (expiryMs instanceof ErrorReply) return expiryMs;
    return store(context, name, args[2], options, expiryMs);
  },
};

/** `newExpiryMs` 0: none was given. */
function store(
  context: CommandContext,
  name: string,
  value: Bytes,
  options: Readonly<SetOptions>,
  newExpiryMs: number,
): Reply {
  const entry = context.lookup(name);
  let previous: Bytes | null = null;
  if (options.isGet && entry !== undefined) {
    if (entry.value.type !== "string") return errors.wrongType;
    previous = entry.value.bytes;
  }
  const isRefused =
    (options.condition === "NX" && entry !== undefined) ||
    (options.condition === "XX" && entry === undefined);
  if (isRefused) return options.isGet ? previous : null;
  const kept = options.isKeepTtl && entry !== undefined ? entry.expiryMs : 0;
  setString(context, name, value, newExpiryMs === 0 ? kept : newExpiryMs);
  return options.isGet ? previous : OK;
}
