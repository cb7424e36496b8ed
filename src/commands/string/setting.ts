/**
 * What several string commands share: setting a value with or without an expiry.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { OK, type Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import { type ExpiryUnit, parseExpiry } from "../expiry-argument.ts";

export function setString(
  context: CommandContext,
  key: string,
  value: Bytes,
  expiryMs: number,
): void {
  const { database, nowMs } = context;
  const isPast = expiryMs !== 0 && expiryMs <= nowMs;
  // Whoever watches a missing key sees that it was set, though nobody can meet it.
  if (!isPast || !context.isThere(key)) {
    context.apply({ id: EffectId.stringSet, database, key, value, expiryMs });
  }
  if (isPast) context.apply({ id: EffectId.keyDelete, database, key, reason: "deleted" });
}

/** If it is there. */
export function deleteKey(context: CommandContext, key: string): void {
  const { database } = context;
  if (!context.isThere(key)) return;
  context.apply({ id: EffectId.keyDelete, database, key, reason: "deleted" });
}

/** `args` are the command's name and then keys and values in turn. */
export function setAll(context: CommandContext, args: readonly Bytes[]): void {
  for (let index = 1; index < args.length; index += 2) {
    const name = toBinaryString(args[index]);
    context.has(name);
    setString(context, name, args[index + 1], 0);
  }
}

/** `args` are key, time, value. */
export function setWithExpiry(
  context: CommandContext,
  args: readonly Bytes[],
  unit: ExpiryUnit,
  commandName: string,
): Reply {
  const expiryMs = parseExpiry(args[2], unit, context.nowMs, commandName);
  if (expiryMs instanceof ErrorReply) return expiryMs;
  const name = toBinaryString(args[1]);
  context.has(name);
  setString(context, name, args[3], expiryMs);
  return OK;
}
