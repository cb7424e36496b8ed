/**
 * DEBUG OBJECT: what is known about a key's entry, on one line.
 */
import { errors } from "../../base/errors.ts";
import { type Reply, SimpleString } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import { encodingOf } from "../generic/object-encoding.ts";

export function debugObject(context: CommandContext, key: string): Reply {
  const entry = context.peek(key);
  if (entry === undefined) return errors.noSuchKey;
  const idleSeconds = Math.max(0, Math.floor((context.nowMs - entry.lastAccessMs) / 1000));
  const encoding = encodingOf(entry.value, context.keyspace.encodingLimits);
  return new SimpleString(
    `Value at:0x0 refcount:1 encoding:${encoding} serializedlength:${entry.sizeBytes} ` +
      `lru:${Math.floor(entry.lastAccessMs / 1000)} lru_seconds_idle:${idleSeconds}`,
  );
}
