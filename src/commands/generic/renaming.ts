/**
 * RENAME and RENAMENX: a delete and a restore, since an effect touches one key only.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { flatValue } from "../../keyspace/restored-value.ts";
import { OK, type Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";

export function rename(context: CommandContext, args: readonly Bytes[], isNewOnly: boolean): Reply {
  const { database } = context;
  const from = toBinaryString(args[1]);
  const to = toBinaryString(args[2]);
  const entry = context.lookup(from);
  if (entry === undefined) return errors.noSuchKey;
  if (from === to) return isNewOnly ? 0 : OK;
  if (!context.hasRoomFor(entry)) return errors.unitTooLarge;
  const target = context.lookup(to);
  if (target !== undefined) {
    if (isNewOnly) return 0;
    context.apply({ id: EffectId.keyDelete, database, key: to, reason: "deleted" });
  }
  const value = flatValue(entry.value);
  const { expiryMs } = entry;
  context.apply({ id: EffectId.keyDelete, database, key: from, reason: "deleted" });
  context.apply({ id: EffectId.keyRestore, database, key: to, value, expiryMs });
  return isNewOnly ? 1 : OK;
}
