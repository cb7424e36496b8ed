/**
 * `FIELDS numfields field [field ...]`, as the commands on the expiry of fields take it.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import type { HashReader } from "../../keyspace/hash-reader.ts";
import type { Reply } from "../../resp/frame.ts";
import { block, integer, multiple, string, withToken } from "../argument.ts";
import { type CommandContext, optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";

const noFields = new ErrorReply(
  "ERR Mandatory argument FIELDS is missing or not at the right position",
);
const countMismatch = new ErrorReply(
  "ERR The `numfields` parameter must match the number of arguments",
);
export const notPositiveCount = new ErrorReply("ERR Number of fields must be a positive integer");

/** What those commands answer for a field that is not there. */
export const NO_FIELD = -2;
/** And for one that does not expire. */
export const NO_EXPIRY = -1;

/** For COMMAND DOCS. */
export const fieldsArgument = withToken(
  "FIELDS",
  block("fields", integer("numfields"), multiple(string("field"))),
);

/** The fields from `FIELDS`, which must be at this place, to the end. */
export function parseFields(
  args: readonly Bytes[],
  at: number,
  countError: ErrorReply,
): string[] | ErrorReply {
  if (at >= args.length || optionName(args[at]) !== "FIELDS") return noFields;
  const count = at + 1 < args.length ? parseClampedInteger(args[at + 1]) : undefined;
  if (count === undefined || count < 1) return countError;
  if (count !== args.length - at - 2) return countMismatch;
  return args.slice(at + 2).map(toBinaryString);
}

/** The answer of a command that looks at the expiry of each field. */
export function eachExpiry(
  context: CommandContext,
  args: readonly Bytes[],
  answer: (expiryMs: number) => number,
): Reply {
  const hash = context.lookupHash(toBinaryString(args[1]));
  if (hash instanceof ErrorReply) return hash;
  const fields = parseFields(args, 2, notPositiveCount);
  if (fields instanceof ErrorReply) return fields;
  return fields.map((field) => {
    const expiryMs = expiryOf(hash, field);
    return expiryMs < 0 ? expiryMs : answer(expiryMs);
  });
}

/** Absolute, or NO_FIELD, or NO_EXPIRY. */
export function expiryOf(hash: HashReader | undefined, field: string): number {
  const expiryMs = hash?.expiryMsOf(field) ?? 0;
  if (expiryMs !== 0) return expiryMs;
  return hash?.has(field) === true ? NO_EXPIRY : NO_FIELD;
}
