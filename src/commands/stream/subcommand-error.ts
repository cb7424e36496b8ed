/**
 * What XGROUP and XINFO say of options that do not fit the subcommand.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { quoted } from "./group-lookup.ts";

const SHOWN_BYTES_MAX = 128;

/** `args` is the whole call. */
export function badSubcommand(args: readonly Bytes[]): ErrorReply {
  const container = toBinaryString(args[0]).toUpperCase();
  const name = quoted(args[1]).slice(0, SHOWN_BYTES_MAX);
  return new ErrorReply(
    `ERR unknown subcommand or wrong number of arguments for '${name}'. Try ${container} HELP.`,
  );
}
