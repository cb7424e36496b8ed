/**
 * HSET and HMSET: sets fields, and counts the new ones.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, wrongArgumentCount } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { HashValue } from "../../keyspace/hash-value.ts";
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

function countNew(hash: HashValue | undefined, pairs: readonly Bytes[]): number {
  if (pairs.length === 2) return hash?.has(toBinaryString(pairs[0])) === true ? 0 : 1;
  const added = new Set<string>();
  for (let index = 0; index < pairs.length; index += 2) {
    const field = toBinaryString(pairs[index]);
    if (hash?.has(field) !== true) added.add(field);
  }
  return added.size;
}
