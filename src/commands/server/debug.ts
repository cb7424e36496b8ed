/**
 * DEBUG: for tests and for people who look inside; refused unless `debug-commands` is `yes`.
 * Subcommands of Redis that have no meaning here are refused by name, not ignored.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { OK, type Reply, SimpleString } from "../../resp/frame.ts";
import { multiple, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";
import { debugObject } from "./debug-object.ts";
import { debugProtocol } from "./debug-protocol.ts";
import { debugReload } from "./debug-reload.ts";
import { keyDigest, keyspaceDigest } from "./digest.ts";

const SLEEP_SECONDS_MAX = 3600;

const disabled = new ErrorReply(
  "ERR DEBUG command not allowed. Start the server with --debug-commands yes to allow it.",
);

/** What Redis has and this server, by its nature, does not. */
const notSupported = new Set([
  "AOF-FLUSH-SLEEP",
  "ASSERT",
  "CHANGE-REPL-ID",
  "CLIENT-EVICTION",
  "CLUSTERLINK",
  "CONFIG-REWRITE-FORCE-ALL",
  "CRASH-AND-RECOVER",
  "DROP-CLUSTER-PACKET-FILTER",
  "HTSTATS",
  "HTSTATS-KEY",
  "JMAP",
  "LEAK",
  "LISTPACK",
  "MALLCTL",
  "MALLCTL-STR",
  "OOM",
  "PANIC",
  "PAUSE-CRON",
  "POPULATE",
  "QUICKLIST",
  "REPLICATE",
  "RESTART",
  "SDSLEN",
  "SEGFAULT",
  "SET-SKIP-CHECKSUM-VALIDATION",
  "STRINGMATCH-TEST",
  "STRUCTSIZE",
  "ZIPLIST",
]);

/** What tunes a part of Redis that has no counterpart here, so that there is nothing to do. */
const withoutEffect: ReadonlyMap<string, { readonly argumentCount: number }> = new Map([
  ["QUICKLIST-PACKED-THRESHOLD", { argumentCount: 1 }],
  ["REPLYBUFFER", { argumentCount: 2 }],
  ["SET-DISABLE-DENY-SCRIPTS", { argumentCount: 1 }],
]);

const help = [
  "DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
  "DIGEST",
  "    A digest of the whole keyspace; equal keyspaces have equal digests.",
  "DIGEST-VALUE <key> [<key> ...]",
  "    A digest of each value.",
  "ERROR <string>",
  "    Answers the string as an error.",
  "LOADAOF",
  "    The same as RELOAD.",
  "LOG <message>",
  "    Writes the message to the server's log.",
  "OBJECT <key>",
  "    What is known about the key's entry.",
  "PROTOCOL <type>",
  "    Answers a value of that protocol type.",
  "QUICKLIST-PACKED-THRESHOLD, REPLYBUFFER, SET-DISABLE-DENY-SCRIPTS",
  "    Accepted, because suites set them; they change nothing here.",
  "RELOAD",
  "    Gives up what is in memory and reads it back: from the log where that is in files, else from",
  "    each value's flat form. Others get LOADING meanwhile. Refused while there are indexes.",
  "SET-ACTIVE-EXPIRE <0|1>",
  "    Turns active expiry off or on.",
  "SLEEP <seconds>",
  "    Holds the whole server for that time; decimals are allowed.",
];

export const debugCommand: Command = {
  name: "debug",
  group: "server",
  summary: "A container for debugging commands.",
  since: "1.0.0",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: ["admin", "noscript", "loading", "stale"],
  arguments: [string("subcommand"), optional(multiple(string("arg")))],
  readsWholeKeyspace: true,
  run: (context, args) => {
    if (!context.server.isDebugEnabled()) return disabled;
    const subcommand = optionName(args[1]);
    if (notSupported.has(subcommand)) {
      return new ErrorReply(`ERR DEBUG ${subcommand} is not supported by this server`);
    }
    return runSubcommand(context, subcommand, args);
  },
};

function runSubcommand(context: CommandContext, subcommand: string, args: readonly Bytes[]): Reply {
  switch (subcommand) {
    case "HELP":
      return help.map((line) => new SimpleString(line));
    case "SLEEP":
      return args.length === 3 ? sleep(Number(toBinaryString(args[2]))) : unknown(args);
    case "SET-ACTIVE-EXPIRE": {
      if (args.length !== 3) return unknown(args);
      context.server.setActiveExpire(toBinaryString(args[2]) !== "0");
      return OK;
    }
    case "RELOAD":
    case "LOADAOF":
      return args.length === 2 ? debugReload(context) : unknown(args);
    case "LOG":
      if (args.length !== 3) return unknown(args);
      context.server.writeLogLine(`DEBUG LOG: ${toBinaryString(args[2])}`);
      return OK;
    case "OBJECT":
      return args.length >= 3 ? debugObject(context, toBinaryString(args[2])) : unknown(args);
    case "DIGEST":
      return args.length === 2 ? new SimpleString(keyspaceDigest(context.keyspace)) : unknown(args);
    case "DIGEST-VALUE":
      return args.slice(2).map((name) => {
        const key = toBinaryString(name);
        return new SimpleString(keyDigest(key, context.peek(key), false));
      });
    case "PROTOCOL":
      return args.length === 3 ? debugProtocol(optionName(args[2])) : unknown(args);
    case "ERROR":
      return args.length === 3 ? new ErrorReply(toBinaryString(args[2])) : unknown(args);
    default:
      return withoutEffect.get(subcommand)?.argumentCount === args.length - 2 ? OK : unknown(args);
  }
}

/** Holds the whole server, which is the point of it. */
function sleep(seconds: number): Reply {
  if (!(seconds >= 0 && seconds <= SLEEP_SECONDS_MAX)) return errors.notAFloat;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
  return OK;
}

function unknown(args: readonly Bytes[]): ErrorReply {
  const name = toBinaryString(args[1]).slice(0, 128);
  return new ErrorReply(
    `ERR unknown subcommand or wrong number of arguments for '${name}'. Try DEBUG HELP.`,
  );
}
