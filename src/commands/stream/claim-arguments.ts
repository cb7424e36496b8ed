/**
 * The arguments of XCLAIM from the least idle time on: ids, then options.
 */
import type { Bytes } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { ID_MIN, type StreamId } from "../../data/stream-id.ts";
import { optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { parseCounter } from "./counter-argument.ts";
import { quoted } from "./group-lookup.ts";
import { invalidStreamId, parseStrictId } from "./id-argument.ts";

export interface ClaimArguments {
  readonly minIdleMs: number;
  /** As sent, also twice. */
  readonly ids: readonly StreamId[];
  deliveredMs: number;
  /** Below 0: not given. */
  retryCount: number;
  isForced: boolean;
  isJustId: boolean;
  lastId: StreamId;
}

const badMinIdle = new ErrorReply("ERR Invalid min-idle-time argument for XCLAIM");
const badIdle = new ErrorReply("ERR Invalid IDLE option argument for XCLAIM");
const badTime = new ErrorReply("ERR Invalid TIME option argument for XCLAIM");
const badRetryCount = new ErrorReply("ERR Invalid RETRYCOUNT option argument for XCLAIM");

/** `args` is the whole call. */
export function parseClaimArguments(
  args: readonly Bytes[],
  nowMs: number,
): ClaimArguments | ErrorReply {
  const minIdleMs = parseClampedInteger(args[4]);
  if (minIdleMs === undefined) return badMinIdle;
  const ids: StreamId[] = [];
  let index = 5;
  for (; index < args.length; index += 1) {
    const id = parseStrictId(args[index]);
    if (id === undefined) break;
    ids.push(id);
  }
  const claim: ClaimArguments = {
    minIdleMs: Math.max(0, minIdleMs),
    ids,
    deliveredMs: nowMs,
    retryCount: -1,
    isForced: false,
    isJustId: false,
    lastId: ID_MIN,
  };
  for (; index < args.length; index += 1) {
    const taken = takeOption(claim, args, index, nowMs);
    if (taken instanceof ErrorReply) return taken;
    index += taken;
  }
  // A time that cannot be is as good as none: clients compute it from clocks of their own.
  if (claim.deliveredMs < 0 || claim.deliveredMs > nowMs) claim.deliveredMs = nowMs;
  return claim;
}

/** How many arguments the option has. */
function takeOption(
  claim: ClaimArguments,
  args: readonly Bytes[],
  index: number,
  nowMs: number,
): number | ErrorReply {
  const option = optionName(args[index]);
  if (option === "FORCE") {
    claim.isForced = true;
    return 0;
  }
  if (option === "JUSTID") {
    claim.isJustId = true;
    return 0;
  }
  if (index + 1 === args.length) return unrecognized(args[index]);
  const value = args[index + 1];
  switch (option) {
    case "IDLE": {
      const idleMs = parseClampedInteger(value);
      if (idleMs === undefined) return badIdle;
      claim.deliveredMs = nowMs - idleMs;
      return 1;
    }
    case "TIME": {
      const timeMs = parseClampedInteger(value);
      if (timeMs === undefined) return badTime;
      claim.deliveredMs = timeMs;
      return 1;
    }
    case "RETRYCOUNT": {
      const count = parseCounter(value);
      if (count === undefined) return badRetryCount;
      claim.retryCount = count;
      return 1;
    }
    case "LASTID": {
      const id = parseStrictId(value);
      if (id === undefined) return invalidStreamId;
      claim.lastId = id;
      return 1;
    }
    default:
      return unrecognized(args[index]);
  }
}

function unrecognized(option: Bytes): ErrorReply {
  return new ErrorReply(`ERR Unrecognized XCLAIM option '${quoted(option)}'`);
}
