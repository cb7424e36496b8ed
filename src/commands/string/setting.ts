/**
 * What several string commands share: setting a value with or without an expiry.
 */
import type { Bytes } from "../../base/bytes.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { CommandContext } from "../context.ts";

export function setString(
  context: CommandContext,
  key: string,
  value: Bytes,
  expiryMs: number,
): void {
  const { database, nowMs } = context;
  if (expiryMs !== 0 && expiryMs <= nowMs) {
    deleteKey(context, key);
    return;
  }
  context.apply({ id: EffectId.stringSet, database, key, value, expiryMs });
}

/** If it is there. */
export function deleteKey(context: CommandContext, key: string): void {
  const { database } = context;
  if (context.peek(key) === undefined) return;
  context.apply({ id: EffectId.keyDelete, database, key, reason: "deleted" });
}
