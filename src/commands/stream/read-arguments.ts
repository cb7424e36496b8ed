/**
 * The arguments of XREAD and XREADGROUP, in Redis's order of errors.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { parseTimeoutMs } from "../timeout-argument.ts";

export interface ReadArguments {
  readonly keys: readonly string[];
  /** As sent, one for each key. */
  readonly ids: readonly Bytes[];
  /** Of each stream; 0 for no bound. */
  readonly count: number;
  /** Undefined: does not wait. */
  readonly timeoutMs: number | undefined;
  readonly isNoAck: boolean;
  /** Of XREADGROUP. */
  readonly reader: GroupReader | undefined;
}

export interface GroupReader {
  readonly group: string;
  readonly consumer: string;
}

const groupOfRead = onlyOfReadGroup("GROUP");
const noackOfRead = onlyOfReadGroup("NOACK");
const missingGroup = new ErrorReply("ERR Missing GROUP option for XREADGROUP");

interface Draft {
  count: number;
  timeoutMs: number | undefined;
  isNoAck: boolean;
  reader: GroupReader | undefined;
}

/** `args` is the whole call. */
export function parseReadArguments(
  args: readonly Bytes[],
  isGroup: boolean,
  nowMs: number,
): ReadArguments | ErrorReply {
  const draft: Draft = { count: 0, timeoutMs: undefined, isNoAck: false, reader: undefined };
  let streamsAt = 0;
  for (let index = 1; index < args.length && streamsAt === 0; index += 1) {
    const option = optionName(args[index]);
    const left = args.length - 1 - index;
    if (option === "STREAMS" && left > 0) streamsAt = index + 1;
    else {
      const taken = takeOption(draft, args, index, isGroup, nowMs);
      if (taken instanceof ErrorReply) return taken;
      index += taken;
    }
  }
  const streamCount = (args.length - streamsAt) / 2;
  if (streamsAt > 0 && !Number.isInteger(streamCount)) return unbalanced(isGroup);
  if (streamsAt === 0) return errors.syntax;
  if (isGroup && draft.reader === undefined) return missingGroup;
  const idsAt = streamsAt + streamCount;
  return {
    ...draft,
    keys: args.slice(streamsAt, idsAt).map(toBinaryString),
    ids: args.slice(idsAt),
  };
}

/** How many arguments the option has. */
function takeOption(
  draft: Draft,
  args: readonly Bytes[],
  index: number,
  isGroup: boolean,
  nowMs: number,
): number | ErrorReply {
  const option = optionName(args[index]);
  const left = args.length - 1 - index;
  if (option === "BLOCK" && left > 0) {
    const timeoutMs = parseTimeoutMs(args[index + 1], nowMs);
    if (timeoutMs instanceof ErrorReply) return timeoutMs;
    draft.timeoutMs = timeoutMs;
    return 1;
  }
  if (option === "COUNT" && left > 0) {
    const count = parseClampedInteger(args[index + 1]);
    if (count === undefined) return errors.notAnInteger;
    draft.count = Math.max(0, count);
    return 1;
  }
  if (option === "GROUP" && left > 1) {
    if (!isGroup) return groupOfRead;
    const [group, consumer] = args.slice(index + 1, index + 3).map(toBinaryString);
    draft.reader = { group, consumer };
    return 2;
  }
  if (option !== "NOACK") return errors.syntax;
  if (!isGroup) return noackOfRead;
  draft.isNoAck = true;
  return 0;
}

function onlyOfReadGroup(option: string): ErrorReply {
  return new ErrorReply(
    `ERR The ${option} option is only supported by XREADGROUP. You called XREAD instead.`,
  );
}

function unbalanced(isGroup: boolean): ErrorReply {
  const name = isGroup ? "xreadgroup" : "xread";
  return new ErrorReply(
    `ERR Unbalanced '${name}' list of streams: for each stream key an ID or '${isGroup ? ">" : "$"}' must be specified.`,
  );
}
