/**
 * Writes a sorted set as a whole, in place of whatever is there: the forms that end in STORE.
 */
import { errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { Scored } from "../../keyspace/effect-parts.ts";
import type { EncodingLimits } from "../../keyspace/encoding-limits.ts";
import { restoredSize } from "../../keyspace/restored-value.ts";
import type { Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";

/**
 * The count of members, each of which comes once, in any order. Nothing to store removes the key.
 * What the log has no room for is refused before anything is applied.
 */
export function storeScored(context: CommandContext, key: string, scored: Scored): Reply {
  const { database } = context;
  const { members } = scored;
  if (members.length === 0) {
    if (context.lookup(key) === undefined) return 0;
    context.apply({ id: EffectId.keyDelete, database, key, reason: "deleted" });
    return 0;
  }
  const scores = keptScores(scored, context.keyspace.encodingLimits);
  const value = { type: "zset", members, scores } as const;
  if (restoredSize(value) > context.roomBytes()) return errors.unitTooLarge;
  // One whose time has passed is removed first, as by any command that writes.
  context.lookup(key);
  context.apply({ id: EffectId.keyRestore, database, key, value, expiryMs: 0 });
  return members.length;
}

/** A listpack of Redis's knows no -0. */
function keptScores({ members, scores }: Scored, limits: EncodingLimits): readonly number[] {
  if (members.length > limits.sortedSetListpackEntries) return scores;
  const longestMax = limits.sortedSetListpackValueBytes;
  if (members.some((member) => member.length > longestMax)) return scores;
  return scores.map((score) => (score === 0 ? 0 : score));
}
