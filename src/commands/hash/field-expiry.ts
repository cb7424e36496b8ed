/**
 * The HEXPIRE family: sets an absolute expiry of fields, under a condition; a time that has passed
 * deletes them. Its codes: -2 no such field, 0 the condition is not met, 1 set, 2 deleted.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors, invalidExpireTime } from "../../base/errors.ts";
import { parseInt64 } from "../../base/int64.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { Reply } from "../../resp/frame.ts";
import { oneOf, optional, token } from "../argument.ts";
import { type CommandContext, optionName } from "../context.ts";
import type { ExpiryUnit } from "../expiry-argument.ts";
import { expiryOf, NO_EXPIRY, NO_FIELD, parseFields } from "./field-arguments.ts";

/** Redis's: 46 bits of milliseconds, which is the year 4199. */
const EXPIRY_MS_MAX = 2 ** 46 - 1;
const Code = { notMet: 0, set: 1, deleted: 2 } as const;

const isNegative = new ErrorReply("ERR invalid expire time, must be >= 0");
const notPositive = new ErrorReply("ERR Parameter `numFields` should be greater than 0");

/** For COMMAND DOCS. */
export const conditionArgument = optional(
  oneOf("condition", token("NX"), token("XX"), token("GT"), token("LT")),
);

/** Absolute, in milliseconds. */
export function parseFieldExpiry(
  argument: Bytes,
  unit: ExpiryUnit,
  nowMs: number,
  commandName: string,
): number | ErrorReply {
  const value = parseInt64(argument);
  if (value === undefined) return errors.notAnInteger;
  if (value < 0n) return isNegative;
  const milliseconds = Number(value) * (unit === "EX" || unit === "EXAT" ? 1000 : 1);
  const expiryMs = milliseconds + (unit === "EX" || unit === "PX" ? nowMs : 0);
  return expiryMs > EXPIRY_MS_MAX ? invalidExpireTime(commandName) : expiryMs;
}

export function expireFields(
  context: CommandContext,
  args: readonly Bytes[],
  unit: ExpiryUnit,
  commandName: string,
): Reply {
  const key = toBinaryString(args[1]);
  const hash = context.lookupHash(key);
  if (hash instanceof ErrorReply) return hash;
  const expiryMs = parseFieldExpiry(args[2], unit, context.nowMs, commandName);
  if (expiryMs instanceof ErrorReply) return expiryMs;
  const condition = parseCondition(args[3]);
  const fields = parseFields(args, condition === "" ? 3 : 4, notPositive);
  if (fields instanceof ErrorReply) return fields;
  const isPast = expiryMs <= context.nowMs;
  const changed = new Set<string>();
  const codes = fields.map((field) => {
    let presentMs = expiryOf(hash, field);
    // The same field may come again.
    if (changed.has(field)) presentMs = isPast ? NO_FIELD : expiryMs;
    if (presentMs === NO_FIELD) return NO_FIELD;
    if (!allows(condition, presentMs, expiryMs)) return Code.notMet;
    changed.add(field);
    return isPast ? Code.deleted : Code.set;
  });
  setFieldExpiry(context, key, [...changed], expiryMs);
  return codes;
}

/** Of fields that are there; they are deleted if the time has passed. 0 removes their expiry. */
export function setFieldExpiry(
  context: CommandContext,
  key: string,
  fields: readonly string[],
  expiryMs: number,
): void {
  if (fields.length === 0) return;
  const { database } = context;
  if (expiryMs !== 0 && expiryMs <= context.nowMs) {
    context.apply({ id: EffectId.hashDelete, database, key, fields });
  } else context.apply({ id: EffectId.hashFieldExpiry, database, key, expiryMs, fields });
}

function parseCondition(argument: Bytes): "" | "NX" | "XX" | "GT" | "LT" {
  const name = optionName(argument);
  return name === "NX" || name === "XX" || name === "GT" || name === "LT" ? name : "";
}

/** No expiry counts as one in the infinite future. */
function allows(
  condition: ReturnType<typeof parseCondition>,
  presentMs: number,
  expiryMs: number,
): boolean {
  const hasExpiry = presentMs !== NO_EXPIRY;
  switch (condition) {
    case "NX":
      return !hasExpiry;
    case "XX":
      return hasExpiry;
    case "GT":
      return hasExpiry && expiryMs > presentMs;
    case "LT":
      return !hasExpiry || expiryMs < presentMs;
    default:
      return true;
  }
}
