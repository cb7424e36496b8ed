/**
 * The EXPIRE family: sets an absolute expiry, under a condition; a time that has passed deletes.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { parseInt64 } from "../../base/int64.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { Reply } from "../../resp/frame.ts";
import { type CommandContext, optionName } from "../context.ts";
import { absoluteExpiry, type ExpiryUnit } from "../expiry-argument.ts";

interface Conditions {
  isNew: boolean;
  isExisting: boolean;
  isGreater: boolean;
  isLess: boolean;
}

const clashNew = new ErrorReply(
  "ERR NX and XX, GT or LT options at the same time are not compatible",
);
const clashOrder = new ErrorReply("ERR GT and LT options at the same time are not compatible");

export function expire(
  context: CommandContext,
  args: readonly Bytes[],
  unit: ExpiryUnit,
  commandName: string,
): Reply {
  const { database, nowMs } = context;
  const conditions = parseConditions(args);
  if (conditions instanceof ErrorReply) return conditions;
  const value = parseInt64(args[2]);
  if (value === undefined) return errors.notAnInteger;
  const expiryMs = absoluteExpiry(value, unit, nowMs, commandName);
  if (expiryMs instanceof ErrorReply) return expiryMs;
  const key = toBinaryString(args[1]);
  const entry = context.lookup(key);
  if (entry === undefined || !allows(conditions, entry.expiryMs, expiryMs)) return 0;
  if (expiryMs <= nowMs) {
    context.apply({ id: EffectId.keyDelete, database, key, reason: "deleted" });
  } else context.apply({ id: EffectId.expirySet, database, key, expiryMs });
  return 1;
}

function parseConditions(args: readonly Bytes[]): Conditions | ErrorReply {
  const conditions = { isNew: false, isExisting: false, isGreater: false, isLess: false };
  for (let index = 3; index < args.length; index += 1) {
    const option = optionName(args[index]);
    if (option === "NX") conditions.isNew = true;
    else if (option === "XX") conditions.isExisting = true;
    else if (option === "GT") conditions.isGreater = true;
    else if (option === "LT") conditions.isLess = true;
    else return new ErrorReply(`ERR Unsupported option ${toBinaryString(args[index])}`);
  }
  const { isNew, isExisting, isGreater, isLess } = conditions;
  if (isNew && (isExisting || isGreater || isLess)) return clashNew;
  return isGreater && isLess ? clashOrder : conditions;
}

/** No expiry counts as one in the infinite future. */
function allows(conditions: Conditions, presentMs: number, expiryMs: number): boolean {
  if (conditions.isNew && presentMs !== 0) return false;
  if (conditions.isExisting && presentMs === 0) return false;
  const present = presentMs === 0 ? Number.POSITIVE_INFINITY : presentMs;
  if (conditions.isGreater && expiryMs <= present) return false;
  return !(conditions.isLess && expiryMs >= present);
}
