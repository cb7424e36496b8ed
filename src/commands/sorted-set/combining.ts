/**
 * ZUNION, ZINTER, ZDIFF, ZINTERCARD and the forms that store: arguments and sources, of which each
 * may be a sorted set or a set (whose members all have score 1).
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import type { Scored } from "../../keyspace/effect-parts.ts";
import type { SetValue } from "../../keyspace/set-value.ts";
import type { SortedSetValue } from "../../keyspace/sorted-set-value.ts";
import type { Reply } from "../../resp/frame.ts";
import { type CommandContext, optionName } from "../context.ts";
import { parseDouble } from "../double-argument.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { type Aggregate, type Combination, combined, inOrder, type Source } from "./combination.ts";
import { scoredReply } from "./scored-reply.ts";
import { storeScored } from "./storing.ts";

const badWeight = new ErrorReply("ERR weight value is not a float");
const badLimit = new ErrorReply("ERR LIMIT can't be negative");
const AGGREGATES: readonly string[] = ["SUM", "MIN", "MAX"] satisfies Aggregate[];

interface Combining {
  readonly sources: readonly Source[];
  aggregate: Aggregate;
  isWithScores: boolean;
  /** 0: none. */
  limit: number;
}

/** Which options there are. */
interface CombiningForm {
  readonly commandName: string;
  readonly kind: Combination;
  readonly isStored: boolean;
  readonly isCounted: boolean;
}

/** ZUNION, ZINTER and ZDIFF. */
export function combine(
  context: CommandContext,
  args: readonly Bytes[],
  kind: Combination,
  commandName: string,
): Reply {
  const form = { commandName, kind, isStored: false, isCounted: false };
  const combining = parseCombining(context, args, 1, form);
  if (combining instanceof ErrorReply) return combining;
  const { sources, aggregate } = combining;
  const { hashKey } = context.keyspace;
  const { members, scores } = inOrder(combined(kind, sources, aggregate, hashKey));
  if (!combining.isWithScores) return members;
  return scoredReply(members, scores, context.session.protocol);
}

/** ZUNIONSTORE, ZINTERSTORE and ZDIFFSTORE. */
export function combineAndStore(
  context: CommandContext,
  args: readonly Bytes[],
  kind: Combination,
  commandName: string,
): Reply {
  const form = { commandName, kind, isStored: true, isCounted: false };
  const combining = parseCombining(context, args, 2, form);
  if (combining instanceof ErrorReply) return combining;
  const { sources, aggregate } = combining;
  const result: Scored = combined(kind, sources, aggregate, context.keyspace.hashKey);
  return storeScored(context, toBinaryString(args[1]), result);
}

/** ZINTERCARD. */
export function countCommon(context: CommandContext, args: readonly Bytes[]): Reply {
  const form = {
    commandName: "zintercard",
    kind: "intersection",
    isStored: false,
    isCounted: true,
  } as const;
  const combining = parseCombining(context, args, 1, form);
  if (combining instanceof ErrorReply) return combining;
  const { sources, limit } = combining;
  const countMax = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  const { hashKey } = context.keyspace;
  return combined("intersection", sources, "SUM", hashKey, countMax).members.length;
}

function parseCombining(
  context: CommandContext,
  args: readonly Bytes[],
  countAt: number,
  form: CombiningForm,
): Combining | ErrorReply {
  const keyCount = parseClampedInteger(args[countAt]);
  if (keyCount === undefined) return errors.notAnInteger;
  if (keyCount < 1) {
    return new ErrorReply(`ERR at least 1 input key is needed for '${form.commandName}' command`);
  }
  const optionsAt = countAt + 1 + keyCount;
  if (optionsAt > args.length) return errors.syntax;
  const sources: Source[] = [];
  for (let index = countAt + 1; index < optionsAt; index += 1) {
    const value = sourceValue(context, toBinaryString(args[index]));
    if (value instanceof ErrorReply) return value;
    sources.push({ value, weight: 1 });
  }
  const combining: Combining = { sources, aggregate: "SUM", isWithScores: false, limit: 0 };
  for (let at = optionsAt; at < args.length; ) {
    const next = parseOption(args, at, form, combining);
    if (next instanceof ErrorReply) return next;
    at = next;
  }
  return combining;
}

function sourceValue(
  context: CommandContext,
  key: string,
): SortedSetValue | SetValue | undefined | ErrorReply {
  const value = context.lookup(key)?.value;
  if (value === undefined || value.type === "zset" || value.type === "set") return value;
  return errors.wrongType;
}

/** Where the next option is. */
function parseOption(
  args: readonly Bytes[],
  at: number,
  form: CombiningForm,
  into: Combining,
): number | ErrorReply {
  const option = optionName(args[at]);
  const left = args.length - at;
  const isWeighted = form.kind !== "difference" && !form.isCounted;
  if (option === "WEIGHTS" && isWeighted && left > into.sources.length) {
    for (let index = 0; index < into.sources.length; index += 1) {
      const weight = parseDouble(args[at + 1 + index]);
      if (weight === undefined) return badWeight;
      into.sources[index].weight = weight;
    }
    return at + 1 + into.sources.length;
  }
  if (option === "AGGREGATE" && isWeighted && left >= 2) {
    const name = optionName(args[at + 1]);
    if (!AGGREGATES.includes(name)) return errors.syntax;
    into.aggregate = name as Aggregate;
    return at + 2;
  }
  if (option === "WITHSCORES" && !form.isStored && !form.isCounted) {
    into.isWithScores = true;
    return at + 1;
  }
  if (option === "LIMIT" && form.isCounted && left >= 2) {
    const limit = parseClampedInteger(args[at + 1]);
    if (limit === undefined || limit < 0) return badLimit;
    into.limit = limit;
    return at + 2;
  }
  return errors.syntax;
}
