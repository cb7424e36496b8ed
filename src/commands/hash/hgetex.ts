/**
 * HGETEX: Returns the values of fields, and sets or removes their expiry.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import type { Reply } from "../../resp/frame.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";
import { expirationArgument, isExpiryUnit } from "../expiry-argument.ts";
import { fieldsArgument, notPositiveCount, parseFields } from "./field-arguments.ts";
import { parseFieldExpiry, setFieldExpiry } from "./field-expiry.ts";

export const hgetexCommand: Command = {
  name: "hgetex",
  group: "hash",
  summary:
    "Get the value of one or more fields of a given hash key, and optionally set their expiration.",
  since: "8.0.0",
  complexity: "O(N) where N is the number of specified fields",
  arity: -5,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "access", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), expirationArgument("PERSIST"), fieldsArgument],
  valueType: "hash",
  run: (context, args) => {
    const name = toBinaryString(args[1]);
    const hash = context.lookupHash(name);
    if (hash instanceof ErrorReply) return hash;
    const change = parseChange(context, args);
    if (change instanceof ErrorReply) return change;
    const fields = parseFields(args, change.fieldsAt, notPositiveCount);
    if (fields instanceof ErrorReply) return fields;
    const { expiryMs } = change;
    const isPast = expiryMs > 0 && expiryMs <= context.nowMs;
    const changed = new Set<string>();
    const values: Reply[] = [];
    for (const field of fields) {
      // The same field may come again, and is gone by then if the time has passed.
      const value = isPast && changed.has(field) ? undefined : hash?.get(field);
      values.push(value ?? null);
      if (value === undefined) continue;
      if (expiryMs > 0 || (expiryMs === 0 && hash?.expiryMsOf(field) !== 0)) changed.add(field);
    }
    setFieldExpiry(context, name, [...changed], expiryMs);
    return values;
  },
};

const UNCHANGED = -1;

/** `expiryMs` is absolute, 0 for PERSIST, -1 to leave it. A time in the past may be 0 itself. */
function parseChange(
  context: CommandContext,
  args: readonly Bytes[],
): { expiryMs: number; fieldsAt: number } | ErrorReply {
  const unit = optionName(args[2]);
  if (unit === "PERSIST") return { expiryMs: 0, fieldsAt: 3 };
  if (!isExpiryUnit(unit)) return { expiryMs: UNCHANGED, fieldsAt: 2 };
  if (args.length < 4) return errors.syntax;
  const expiryMs = parseFieldExpiry(args[3], unit, context.nowMs, "hgetex");
  return expiryMs instanceof ErrorReply
    ? expiryMs
    : { expiryMs: Math.max(1, expiryMs), fieldsAt: 4 };
}
