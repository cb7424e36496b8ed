/**
 * XAUTOCLAIM: Changes, or acquires, ownership of messages in a consumer group that have been
 * pending for long, in the order of their ids from a start on.
 */
import type { Bytes } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { parseInt64 } from "../../base/int64.ts";
import { ID_MIN, idText, type StreamId } from "../../data/stream-id.ts";
import type { Reply } from "../../resp/frame.ts";
import { integer, key, optional, string, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { Claims } from "./claiming.ts";
import { type FoundGroup, findGroup, noSuchGroup } from "./group-lookup.ts";
import { parseRangeStart } from "./id-argument.ts";

const badMinIdle = new ErrorReply("ERR Invalid min-idle-time argument for XAUTOCLAIM");
const badCount = new ErrorReply("ERR COUNT must be > 0");
const DEFAULT_COUNT = 100;
/** Redis's bound: what 16 bytes for each fit 63 bits. */
const COUNT_MAX = (2n ** 63n - 1n) / 16n;
/** Pending entries that are looked at for each one asked for. */
const ATTEMPTS_EACH = 10;

interface AutoclaimArguments {
  readonly minIdleMs: number;
  readonly start: StreamId;
  count: number;
  isJustId: boolean;
}

export const xautoclaimCommand: Command = {
  name: "xautoclaim",
  group: "stream",
  summary:
    "Changes, or acquires, ownership of messages in a consumer group, as if the messages were delivered to as consumer group member.",
  since: "6.2.0",
  complexity: "O(1) if COUNT is small.",
  arity: -6,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "delete"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    string("group"),
    string("consumer"),
    string("min-idle-time"),
    string("start"),
    optional(withToken("COUNT", integer("count"))),
    optional(token("JUSTID")),
  ],
  history: [
    [
      "7.0.0",
      "Added an element to the reply array, containing deleted entries the command cleared from the PEL",
    ],
  ],
  tips: ["nondeterministic_output"],
  valueType: "stream",
  run: (context, args) => {
    const options = parseArguments(args);
    if (options instanceof ErrorReply) return options;
    const found = findGroup(context, args[1], args[2]);
    if (found instanceof ErrorReply) return found;
    if (found === undefined) return noSuchGroup(args[1], args[2]);
    return autoclaim(context, args, found, options);
  },
};

function autoclaim(
  context: CommandContext,
  args: readonly Bytes[],
  found: FoundGroup,
  { minIdleMs, start, count, isJustId }: AutoclaimArguments,
): Reply {
  const claims = new Claims(found, context.nowMs, isJustId);
  let attemptsLeft = count * ATTEMPTS_EACH;
  let left = count;
  let nextStart = ID_MIN;
  found.group.pending.visitFrom(start, ({ id, deliveredMs, deliveryCount }) => {
    if (attemptsLeft === 0 || left === 0) {
      nextStart = id;
      return false;
    }
    attemptsLeft -= 1;
    if (!claims.has(id)) left -= 1;
    else if (minIdleMs === 0 || context.nowMs - deliveredMs >= minIdleMs) {
      claims.claim(id, isJustId ? deliveryCount : deliveryCount + 1);
      left -= 1;
    }
    return true;
  });
  if (!claims.apply(context, args[1], args[3])) return errors.unitTooLarge;
  return [idText(nextStart), claims.replies, claims.goneIds.map(idText)];
}

function parseArguments(args: readonly Bytes[]): AutoclaimArguments | ErrorReply {
  const minIdleMs = parseClampedInteger(args[4]);
  if (minIdleMs === undefined) return badMinIdle;
  const start = parseRangeStart(args[5]);
  if (start instanceof ErrorReply) return start;
  const options: AutoclaimArguments = {
    minIdleMs: Math.max(0, minIdleMs),
    start,
    count: DEFAULT_COUNT,
    isJustId: false,
  };
  for (let index = 6; index < args.length; index += 1) {
    const option = optionName(args[index]);
    if (option === "COUNT" && index + 1 < args.length) {
      index += 1;
      const count = parseInt64(args[index]);
      if (count === undefined || count < 1n || count > COUNT_MAX) return badCount;
      options.count = Number(count);
    } else if (option === "JUSTID") options.isJustId = true;
    else return errors.syntax;
  }
  return options;
}
