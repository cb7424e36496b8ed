/**
 * Reads a whole keyspace through a client, into the model's values.
 */
import type { RespClient, RespReply } from "./resp-client.ts";
import type { GroupModel, PendingEntry, StreamModel } from "./stream-model.ts";
import type { HashField, ModelState, ModelValue } from "./type-model.ts";

/** A database of its own, so that others can write beside. */
export const TYPES_DATABASE = 1;
/** What the writers make on the way. */
const SCRATCH = "scratch:";

export async function readTypes(client: RespClient): Promise<ModelState> {
  const keys = textsOf(await client.must("KEYS", "*")).filter((key) => !key.startsWith(SCRATCH));
  const entries = await Promise.all(
    keys.map(async (key) => {
      const [type, expiryMs] = await Promise.all([
        client.must("TYPE", key),
        client.must("PEXPIRETIME", key),
      ]);
      const value = await readValue(client, key, String(type));
      return { key, value, expiryMs: Math.max(0, Number(expiryMs)) };
    }),
  );
  const state: ModelState = new Map();
  for (const { key, value, expiryMs } of entries) {
    if (value !== undefined) state.set(key, { value, expiryMs });
  }
  return state;
}

/** Undefined for a key that expired meanwhile. */
async function readValue(
  client: RespClient,
  key: string,
  type: string,
): Promise<ModelValue | undefined> {
  switch (type) {
    case "string": {
      const bytes = await client.must("GET", key);
      return bytes === null ? undefined : { type, bytes: textOf(bytes) };
    }
    case "list":
      return { type, values: textsOf(await client.must("LRANGE", key, "0", "-1")) };
    case "hash":
      return await readHash(client, key);
    case "set":
      return { type, members: new Set(textsOf(await client.must("SMEMBERS", key))) };
    case "zset": {
      const pairs = textsOf(await client.must("ZRANGE", key, "0", "-1", "WITHSCORES"));
      return {
        type,
        scores: new Map(pairsOf(pairs).map(([name, score]) => [name, Number(score)])),
      };
    }
    case "stream":
      return readStream(await client.must("XINFO", "STREAM", key, "FULL", "COUNT", "0"));
    default:
      return undefined;
  }
}

async function readHash(client: RespClient, key: string): Promise<ModelValue | undefined> {
  const pairs = pairsOf(textsOf(await client.must("HGETALL", key)));
  if (pairs.length === 0) return undefined;
  const names = pairs.map(([name]) => name);
  const asked = ["FIELDS", String(names.length), ...names];
  const expiries = textsOf(await client.must("HPEXPIRETIME", key, ...asked));
  const fields = new Map<string, HashField>();
  for (const [at, [name, value]] of pairs.entries()) {
    fields.set(name, { value, expiryMs: Math.max(0, Number(expiries[at])) });
  }
  return { type: "hash", fields };
}

/** XINFO STREAM FULL, whose names stand before their values. */
function readStream(reply: RespReply): StreamModel {
  const about = namedOf(reply);
  const groups = new Map<string, GroupModel>();
  for (const item of itemsOf(about.get("groups"))) {
    const group = namedOf(item);
    groups.set(textOf(group.get("name")), {
      lastId: textOf(group.get("last-delivered-id")),
      pending: pendingOf(group),
    });
  }
  return {
    type: "stream",
    entries: itemsOf(about.get("entries")).map((entry) => {
      const [id, fields] = itemsOf(entry);
      return { id: textOf(id), fields: textsOf(fields) };
    }),
    lastId: textOf(about.get("last-generated-id")),
    maxDeletedId: textOf(about.get("max-deleted-entry-id")),
    addedCount: Number(about.get("entries-added")),
    groups,
  };
}

function pendingOf(group: ReadonlyMap<string, RespReply>): Map<string, PendingEntry> {
  const pending = itemsOf(group.get("pending")).map((item) => {
    const [id, consumer, , count] = itemsOf(item);
    return { id: textOf(id), consumer: textOf(consumer), deliveryCount: Number(count) };
  });
  return new Map(pending.map((entry) => [entry.id, entry]));
}

export function itemsOf(reply: RespReply | undefined): RespReply[] {
  if (!Array.isArray(reply)) throw new Error(`no array but ${String(reply)}`);
  return reply;
}

export function textOf(reply: RespReply | undefined): string {
  return Buffer.isBuffer(reply) ? reply.toString("latin1") : String(reply);
}

export function textsOf(reply: RespReply | undefined): string[] {
  return itemsOf(reply).map(textOf);
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]]);
}

function namedOf(reply: RespReply): Map<string, RespReply> {
  const items = itemsOf(reply);
  const named = new Map<string, RespReply>();
  for (let at = 0; at < items.length; at += 2) named.set(textOf(items[at]), items[at + 1]);
  return named;
}
