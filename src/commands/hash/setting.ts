/**
 * HSET and HMSET: sets fields, and counts the new ones.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, wrongArgumentCount } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { HashReader } from "../../keyspace/hash-reader.ts";
import type { CommandContext } from "../context.ts";

/** The count of fields that are new, or the error. `args` is the whole call. */
export function setFields(
  context: CommandContext,
  args: readonly Bytes[],
  commandName: string,
): number | ErrorReply {
  if (args.length % 2 !== 0) return wrongArgumentCount(commandName);
  const { database } = context;
  const key = toBinaryString(args[1]);
  const hash = context.lookupHash(key);
  if (hash instanceof ErrorReply) return hash;
  const pairs = args.slice(2);
  const newCount = countNew(hash, pairs);
  context.apply({ id: EffectId.hashSet, database, key, pairs });
  return newCount;
}

/** One field gets a value that comes from its present one, and keeps its expiry. */
export function updateField(
  context: CommandContext,
  key: string,
  hash: HashReader | undefined,
  field: Bytes,
  value: Bytes,
): void {
  const isExpiring = hash !== undefined && hash.expiryMsOf(toBinaryString(field)) !== 0;
  const id = isExpiring ? EffectId.hashUpdate : EffectId.hashSet;
  context.apply({ id, database: context.database, key, pairs: [field, value] });
}

function countNew(hash: HashReader | undefined, pairs: readonly Bytes[]): number {
  if (pairs.length === 2) return hash?.has(toBinaryString(pairs[0])) === true ? 0 : 1;
  const added = new Set<string>();
  for (let index = 0; index < pairs.length; index += 2) {
    const field = toBinaryString(pairs[index]);
    if (hash?.has(field) !== true) added.add(field);
  }
  return added.size;
}
