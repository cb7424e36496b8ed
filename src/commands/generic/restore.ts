/**
 * RESTORE: a key from what DUMP gave. The payload is checked to its last byte before anything is
 * changed.
 */
import { type Bytes, toBinaryString, toBuffer } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { parseInt64 } from "../../base/int64.ts";
import { EffectId, type RestoredValue } from "../../keyspace/effect.ts";
import { restoredSize } from "../../keyspace/restored-value.ts";
import { type PayloadProblem, readPayload } from "../../rdb/payload.ts";
import { OK } from "../../resp/frame.ts";
import { integer, key, optional, since, string, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";
import { absoluteExpiry } from "../expiry-argument.ts";

interface RestoreOptions {
  isReplace: boolean;
  isAbsolute: boolean;
  /** Seconds since the key was used; -1 if nobody said so. */
  idleSeconds: number;
  /** Checked, and then nothing is done with it: no eviction counts how often a key is used. */
  frequency: number;
}

const busyKey = new ErrorReply("BUSYKEY Target key name already exists.");
const badIdleTime = new ErrorReply("ERR Invalid IDLETIME value, must be >= 0");
const badFrequency = new ErrorReply("ERR Invalid FREQ value, must be >= 0 and <= 255");
const badExpiry = new ErrorReply("ERR Invalid TTL value, must be >= 0");
const problems: Record<PayloadProblem, ErrorReply> = {
  footer: new ErrorReply("ERR DUMP payload version or checksum are wrong"),
  content: new ErrorReply("ERR Bad data format"),
  "too large": errors.unitTooLarge,
};
const FREQUENCY_MAX = 255n;

export const restoreCommand: Command = {
  name: "restore",
  group: "generic",
  summary: "Creates a key from the serialized representation of a value.",
  since: "2.6.0",
  complexity:
    "O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).",
  arity: -4,
  flags: ["write", "denyoom"],
  categories: ["dangerous"],
  keys: [{ flags: ["OW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    integer("ttl"),
    string("serialized-value"),
    since("3.0.0", optional(token("REPLACE"))),
    since("5.0.0", optional(token("ABSTTL"))),
    since("5.0.0", optional(withToken("IDLETIME", integer("seconds")))),
    since("5.0.0", optional(withToken("FREQ", integer("frequency")))),
  ],
  history: [
    ["3.0.0", "Added the `REPLACE` modifier."],
    ["5.0.0", "Added the `ABSTTL` modifier."],
    ["5.0.0", "Added the `IDLETIME` and `FREQ` options."],
  ],
  run: (context, args) => {
    const options = parseOptions(args);
    if (options instanceof ErrorReply) return options;
    const name = toBinaryString(args[1]);
    const isThere = context.has(name);
    if (isThere && !options.isReplace) return busyKey;
    const ttl = parseInt64(args[2]);
    if (ttl === undefined) return errors.notAnInteger;
    if (ttl < 0n) return badExpiry;
    const roomBytes = context.roomBytes();
    const value = readPayload(toBuffer(args[3]), roomBytes);
    if (typeof value === "string") return problems[value];
    if (restoredSize(value) > roomBytes) return errors.unitTooLarge;
    // After the payload, as in Redis, which looks no further at a time that is too far away.
    const expiryMs = expiryMsOf(context, ttl, options.isAbsolute);
    if (expiryMs instanceof ErrorReply) return expiryMs;
    put(context, name, value, expiryMs, isThere);
    if (options.idleSeconds >= 0) setIdle(context, name, options.idleSeconds);
    return OK;
  },
};

/** 0 for none. */
function expiryMsOf(
  context: CommandContext,
  ttl: bigint,
  isAbsolute: boolean,
): number | ErrorReply {
  if (ttl === 0n) return 0;
  return absoluteExpiry(ttl, isAbsolute ? "PXAT" : "PX", context.nowMs, "restore");
}

function put(
  context: CommandContext,
  key: string,
  value: RestoredValue,
  expiryMs: number,
  isThere: boolean,
): void {
  const { database } = context;
  if (isThere) context.apply({ id: EffectId.keyDelete, database, key, reason: "deleted" });
  // A time that has passed leaves nothing, and is no mistake.
  if (expiryMs !== 0 && expiryMs <= context.nowMs) return;
  context.apply({ id: EffectId.keyRestore, database, key, value, expiryMs });
}

/** When a key was used is no part of the state: it is not written to the log. */
function setIdle(context: CommandContext, key: string, idleSeconds: number): void {
  const store = context.keyspace.databases[context.database];
  const location = store.find(key);
  if (location === 0) return;
  store.setAccess(location, Math.max(0, context.nowMs - idleSeconds * 1000));
}

function parseOptions(args: readonly Bytes[]): RestoreOptions | ErrorReply {
  const options = { isReplace: false, isAbsolute: false, idleSeconds: -1, frequency: -1 };
  for (let index = 4; index < args.length; index += 1) {
    const option = optionName(args[index]);
    const hasMore = index + 1 < args.length;
    if (option === "REPLACE") options.isReplace = true;
    else if (option === "ABSTTL") options.isAbsolute = true;
    else if (option === "IDLETIME" && hasMore && options.frequency === -1) {
      index += 1;
      const value = parseInt64(args[index]);
      if (value === undefined) return errors.notAnInteger;
      if (value < 0n) return badIdleTime;
      options.idleSeconds = Number(value);
    } else if (option === "FREQ" && hasMore && options.idleSeconds === -1) {
      index += 1;
      const value = parseInt64(args[index]);
      if (value === undefined) return errors.notAnInteger;
      if (value < 0n || value > FREQUENCY_MAX) return badFrequency;
      options.frequency = Number(value);
    } else return errors.syntax;
  }
  return options;
}
