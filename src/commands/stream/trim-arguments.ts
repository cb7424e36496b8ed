/**
 * The options of XADD and XTRIM: MAXLEN and MINID with `=` or `~`, LIMIT, NOMKSTREAM, and the id
 * of XADD.
 */
import type { Bytes } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import type { StreamId } from "../../data/stream-id.ts";
import { optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { type GivenId, invalidStreamId, parseGivenId, parseStrictId } from "./id-argument.ts";

/** What a stream is to be cut to: an approximate trim takes whole blocks only. */
export interface TrimTarget {
  /** Entries to keep; undefined where `minId` says what goes. */
  readonly maxLength: number | undefined;
  /** What is before it goes. */
  readonly minId: StreamId;
  readonly isApproximate: boolean;
}

export interface TrimOptions {
  target: TrimTarget | undefined;
  /** Entries to remove at most; undefined if it was not given. */
  limit: number | undefined;
  isExistingOnly: boolean;
  /** Undefined for `*`. */
  streamId: GivenId | undefined;
  /** Where XADD's fields begin. */
  nextAt: number;
}

const bothStrategies = new ErrorReply(
  "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
);
const badMaxLength = new ErrorReply("ERR The MAXLEN argument must be >= 0.");
const badLimit = new ErrorReply("ERR The LIMIT argument must be >= 0.");
const limitAlone = new ErrorReply(
  "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
);
const noStrategy = new ErrorReply(
  "ERR syntax error, XTRIM must be called with a trimming strategy",
);
const limitOfExact = new ErrorReply(
  "ERR syntax error, LIMIT cannot be used without the special ~ option",
);

/** `args` is the whole call of XADD or XTRIM. */
export function parseTrimOptions(
  args: readonly Bytes[],
  isAdding: boolean,
): TrimOptions | ErrorReply {
  const options: TrimOptions = {
    target: undefined,
    limit: undefined,
    isExistingOnly: false,
    streamId: undefined,
    nextAt: args.length,
  };
  let index = 2;
  for (; index < args.length; index += 1) {
    if (isAdding && args[index] === "*") break;
    const option = optionName(args[index]);
    const hasMore = index + 1 < args.length;
    let error: ErrorReply | undefined;
    if (hasMore && (option === "MAXLEN" || option === "MINID")) {
      if (hasOperator(args, index)) index += 1;
      index += 1;
      error = setTarget(options, args, index, option);
    } else if (hasMore && option === "LIMIT") {
      index += 1;
      error = setLimit(options, args[index]);
    } else if (isAdding && option === "NOMKSTREAM") options.isExistingOnly = true;
    else if (isAdding) {
      options.streamId = parseGivenId(args[index]);
      if (options.streamId === undefined) return invalidStreamId;
      break;
    } else return errors.syntax;
    if (error !== undefined) return error;
  }
  options.nextAt = index + 1;
  return mismatch(options, isAdding) ?? options;
}

/** `MAXLEN ~ 5`: an operator, unless it is the last argument. */
function hasOperator(args: readonly Bytes[], index: number): boolean {
  const next = args[index + 1];
  return index + 2 < args.length && (next === "~" || next === "=");
}

/** The value is at `index`. */
function setTarget(
  options: TrimOptions,
  args: readonly Bytes[],
  index: number,
  strategy: string,
): ErrorReply | undefined {
  if (options.target !== undefined) return bothStrategies;
  const isApproximate = args[index - 1] === "~";
  if (strategy === "MAXLEN") {
    const maxLength = parseClampedInteger(args[index]);
    if (maxLength === undefined) return errors.notAnInteger;
    if (maxLength < 0) return badMaxLength;
    options.target = { maxLength, minId: "", isApproximate };
    return undefined;
  }
  const minId = parseStrictId(args[index]);
  if (minId === undefined) return invalidStreamId;
  options.target = { maxLength: undefined, minId, isApproximate };
  return undefined;
}

function setLimit(options: TrimOptions, argument: Bytes): ErrorReply | undefined {
  const limit = parseClampedInteger(argument);
  if (limit === undefined) return errors.notAnInteger;
  if (limit < 0) return badLimit;
  options.limit = limit;
  return undefined;
}

function mismatch({ target, limit }: TrimOptions, isAdding: boolean): ErrorReply | undefined {
  if (target === undefined) {
    // As in Redis a limit of 0 is as good as none here, but not with an exact trim.
    if (limit !== undefined && limit > 0) return limitAlone;
    if (!isAdding) return noStrategy;
  }
  return limit !== undefined && target?.isApproximate !== true ? limitOfExact : undefined;
}
