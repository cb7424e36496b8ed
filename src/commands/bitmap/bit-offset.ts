/**
 * Offsets of bits as SETBIT, GETBIT and BITFIELD take them: up to the last bit of the longest
 * string there may be.
 */
import type { Bytes } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { parseInt64 } from "../../base/int64.ts";
import type { CommandContext } from "../context.ts";

const badOffset = new ErrorReply("ERR bit offset is not an integer or out of range");

/** With a `width`, `#3` counts integers of that width. */
export function parseBitOffset(
  context: CommandContext,
  argument: Bytes,
  width = 0,
): number | ErrorReply {
  const isCounted = width > 0 && typeof argument === "string" && argument.startsWith("#");
  const parsed = parseInt64(isCounted ? argument.slice(1) : argument);
  if (parsed === undefined) return badOffset;
  // Redis multiplies in 64 bits, without a look at what does not fit.
  const offset = isCounted ? BigInt.asIntN(64, parsed * BigInt(width)) : parsed;
  const bytesMax = context.server.configuration.number("proto-max-bulk-len");
  if (offset < 0n || offset >> 3n >= BigInt(bytesMax)) return badOffset;
  return Number(offset);
}
