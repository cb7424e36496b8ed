/**
 * SET: sets a string, with conditions and an expiry.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
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
import { type CommandContext, optionName } from "../context.ts";
import { isExpiryUnit, parseExpiry } from "../expiry-argument.ts";

interface SetOptions {
  condition: "NX" | "XX" | undefined;
  isGet: boolean;
  isKeepTtl: boolean;
  /** 0: none given. */
  expiryMs: number;
}

export const setCommand: Command = {
  name: "set",
  group: "string",
  summary:
    "Sets the string value of a key, ignoring its type. The key is created if it is missing.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [{ flags: ["RW", "access", "update"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    string("value"),
    optional(oneOf("condition", token("NX"), token("XX"))),
    since("6.2.0", optional(token("GET"))),
    optional(
      oneOf(
        "expiration",
        withToken("EX", integer("seconds")),
        withToken("PX", integer("milliseconds")),
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
    if (args.length === 3) return store(context, name, args[2], plain);
    const options = parseOptions(context, args);
    return options instanceof ErrorReply ? options : store(context, name, args[2], options);
  },
};

const plain: SetOptions = { condition: undefined, isGet: false, isKeepTtl: false, expiryMs: 0 };

function parseOptions(context: CommandContext, args: readonly Bytes[]): SetOptions | ErrorReply {
  const options = { ...plain };
  for (let index = 3; index < args.length; index += 1) {
    const option = optionName(args[index]);
    if ((option === "NX" || option === "XX") && options.condition === undefined) {
      options.condition = option;
    } else if (option === "GET") options.isGet = true;
    else if (option === "KEEPTTL" && options.expiryMs === 0) options.isKeepTtl = true;
    else if (
      isExpiryUnit(option) &&
      index + 1 < args.length &&
      options.expiryMs === 0 &&
      !options.isKeepTtl
    ) {
      index += 1;
      const expiryMs = parseExpiry(args[index], option, context.nowMs, "set");
      if (expiryMs instanceof ErrorReply) return expiryMs;
      options.expiryMs = expiryMs;
    } else if (option === options.condition) continue;
    else return errors.syntax;
  }
  return options;
}

function store(context: CommandContext, name: string, value: Bytes, options: SetOptions): Reply {
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
  const expiryMs = options.expiryMs === 0 ? kept : options.expiryMs;
  if (options.expiryMs !== 0 && expiryMs <= context.nowMs) {
    // A time that has passed already: the key is set and gone at once.
    if (entry !== undefined) remove(context, name);
  } else {
    const database = context.database;
    context.apply({ id: EffectId.stringSet, database, key: name, value, expiryMs });
  }
  return options.isGet ? previous : OK;
}

function remove(context: CommandContext, name: string): void {
  const { database } = context;
  context.apply({ id: EffectId.keyDelete, database, key: name, reason: "deleted" });
}
