/**
 * HSETEX: Sets fields together with when they expire, if they are or are not there.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, wrongArgumentCount } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { HashReader } from "../../keyspace/hash-reader.ts";
import {
  block,
  integer,
  key,
  multiple,
  oneOf,
  optional,
  string,
  token,
  withToken,
} from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";
import { expirationArgument, isExpiryUnit } from "../expiry-argument.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { parseFieldExpiry, setFieldExpiry } from "./field-expiry.ts";

const missingTime = new ErrorReply("ERR missing expire time");
const badCount = new ErrorReply("ERR invalid number of fields");
const twoConditions = new ErrorReply("ERR Only one of FXX or FNX arguments can be specified");
const twoTimes = new ErrorReply(
  "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified",
);
const wrongCount = wrongArgumentCount("hsetex");

interface Options {
  condition: "" | "FNX" | "FXX";
  /** Absolute; 0 for none. */
  expiryMs: number;
  keepsExpiry: boolean;
  pairs: readonly Bytes[];
}

export const hsetexCommand: Command = {
  name: "hsetex",
  group: "hash",
  summary:
    "Set the value of one or more fields of a given hash key, and optionally set their expiration.",
  since: "8.0.0",
  complexity: "O(N) where N is the number of fields being set.",
  arity: -6,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    optional(oneOf("condition", token("FNX"), token("FXX"))),
    expirationArgument("KEEPTTL"),
    withToken(
      "FIELDS",
      block(
        "fields",
        integer("numfields"),
        multiple(block("data", string("field"), string("value"))),
      ),
    ),
  ],
  valueType: "hash",
  run: (context, args) => {
    const options = parseOptions(context, args);
    if (options instanceof ErrorReply) return options;
    const name = toBinaryString(args[1]);
    const hash = context.lookupHash(name);
    if (hash instanceof ErrorReply) return hash;
    if (!isMet(options, hash)) return 0;
    set(context, name, hash, options);
    return 1;
  },
};

function set(
  context: CommandContext,
  key: string,
  hash: HashReader | undefined,
  { pairs, expiryMs, keepsExpiry }: Options,
): void {
  const { database } = context;
  const fields = new Set<string>();
  for (let index = 0; index < pairs.length; index += 2) fields.add(toBinaryString(pairs[index]));
  if (expiryMs > 0 && expiryMs <= context.nowMs) {
    // They would be set and gone in the same moment.
    const present = [...fields].filter((field) => hash?.has(field));
    setFieldExpiry(context, key, present, expiryMs);
    return;
  }
  const keeping: Bytes[] = [];
  const others: Bytes[] = [];
  for (let index = 0; index < pairs.length; index += 2) {
    const isKept = keepsExpiry && (hash?.expiryMsOf(toBinaryString(pairs[index])) ?? 0) !== 0;
    (isKept ? keeping : others).push(pairs[index], pairs[index + 1]);
  }
  if (keeping.length > 0) {
    context.apply({ id: EffectId.hashUpdate, database, key, pairs: keeping });
  }
  if (others.length > 0) context.apply({ id: EffectId.hashSet, database, key, pairs: others });
  if (expiryMs !== 0) setFieldExpiry(context, key, [...fields], expiryMs);
}

function isMet({ condition, pairs }: Options, hash: HashReader | undefined): boolean {
  if (condition === "") return true;
  for (let index = 0; index < pairs.length; index += 2) {
    const isThere = hash?.has(toBinaryString(pairs[index])) === true;
    if (isThere !== (condition === "FXX")) return false;
  }
  return true;
}

function parseOptions(context: CommandContext, args: readonly Bytes[]): Options | ErrorReply {
  const options: Options = { condition: "", expiryMs: 0, keepsExpiry: false, pairs: [] };
  for (let index = 2; index < args.length; index += 1) {
    const option = optionName(args[index]);
    if (option === "FIELDS") {
      const failure = parsePairs(args, index, options);
      return failure ?? options;
    }
    if (option === "FNX" || option === "FXX") {
      if (options.condition !== "") return twoConditions;
      options.condition = option;
    } else if (option === "KEEPTTL" || isExpiryUnit(option)) {
      if (options.keepsExpiry || options.expiryMs !== 0) return twoTimes;
      if (option === "KEEPTTL") {
        options.keepsExpiry = true;
        continue;
      }
      index += 1;
      if (index >= args.length) return missingTime;
      const expiryMs = parseFieldExpiry(args[index], option, context.nowMs, "hsetex");
      if (expiryMs instanceof ErrorReply) return expiryMs;
      options.expiryMs = Math.max(1, expiryMs);
    } else return new ErrorReply(`ERR unknown argument: ${toBinaryString(args[index])}`);
  }
  return wrongCount;
}

function parsePairs(args: readonly Bytes[], at: number, into: Options): ErrorReply | undefined {
  if (at >= args.length - 3) return wrongCount;
  const count = parseClampedInteger(args[at + 1]);
  if (count === undefined || count < 1 || count >= 2 ** 31) return badCount;
  if (args.length - at - 2 !== count * 2) return wrongCount;
  into.pairs = args.slice(at + 2);
  return undefined;
}
