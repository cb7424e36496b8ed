/**
 * What XGROUP's subcommands share: options, and the stream and group that must be there.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { ENTRIES_READ_UNKNOWN } from "../../keyspace/stream-group.ts";
import type { StreamValue } from "../../keyspace/stream-value.ts";
import { type CommandContext, optionName } from "../context.ts";
import { parseCounter } from "./counter-argument.ts";
import { type FoundGroup, noSuchGroupOf } from "./group-lookup.ts";
import { badSubcommand } from "./subcommand-error.ts";

const keyMustExist = new ErrorReply(
  "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.",
);
const badEntriesRead = new ErrorReply("ERR value for ENTRIESREAD must be positive or -1");

export interface GroupOptions {
  /** MKSTREAM. */
  makesStream: boolean;
  entriesRead: number;
}

/** From the sixth argument on; `args` is the whole call. */
export function parseGroupOptions(
  args: readonly Bytes[],
  mayMakeStream: boolean,
): GroupOptions | ErrorReply {
  const options = { makesStream: false, entriesRead: ENTRIES_READ_UNKNOWN };
  for (let index = 5; index < args.length; index += 1) {
    const option = optionName(args[index]);
    if (mayMakeStream && option === "MKSTREAM") options.makesStream = true;
    else if (option === "ENTRIESREAD" && index + 1 < args.length) {
      index += 1;
      const count = parseCounter(args[index]);
      if (count === undefined) return errors.notAnInteger;
      if (count < ENTRIES_READ_UNKNOWN) return badEntriesRead;
      options.entriesRead = count;
    } else return badSubcommand(args);
  }
  return options;
}

/** The stream under the subcommand's key. */
export function requireStream(
  context: CommandContext,
  args: readonly Bytes[],
): StreamValue | ErrorReply {
  return context.lookupStream(toBinaryString(args[2])) ?? keyMustExist;
}

export function requireGroup(
  context: CommandContext,
  args: readonly Bytes[],
): FoundGroup | ErrorReply {
  const stream = requireStream(context, args);
  if (stream instanceof ErrorReply) return stream;
  const group = stream.group(toBinaryString(args[3]));
  return group === undefined ? noSuchGroupOf(args[2], args[3]) : { stream, group };
}
