/**
 * Whether a key that a whole-keyspace read meets is live. Expired ones are passed over here and
 * left to the expiry cycle, so that KEYS and RANDOMKEY write nothing.
 */
import type { CommandContext } from "../context.ts";

export function isLive(context: CommandContext, key: string): boolean {
  return context.isThere(key);
}
