/**
 * DEL and UNLINK: removes keys. Both free memory at once: the collector of V8 works off to the
 * side, so that there is nothing for UNLINK to postpone.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { CommandContext } from "../context.ts";

export function deleteKeys(context: CommandContext, args: readonly Bytes[]): number {
  const { database } = context;
  let count = 0;
  for (let index = 1; index < args.length; index += 1) {
    const key = toBinaryString(args[index]);
    if (!context.has(key)) continue;
    context.apply({ id: EffectId.keyDelete, database, key, reason: "deleted" });
    count += 1;
  }
  return count;
}
