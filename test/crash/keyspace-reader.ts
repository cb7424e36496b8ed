/**
 * Reads what `writer.ts` wrote, through a client, into the oracle's texts; and the digest of
 * everything, to compare two servers.
 */
import { setTimeout as wait } from "node:timers/promises";
import { documentText, type State } from "./oracle.ts";
import type { RespClient, RespReply } from "./resp-client.ts";

const RETRY_MS = 20;
/** For what has expired to be removed on both sides: many times the cycle that does it. */
const EQUAL_WITHIN_MS = 10_000;

export interface FoundKeyspace {
  readonly state: State;
  readonly counter: number;
}

async function readDocument(client: RespClient, key: string): Promise<string> {
  const fields = await client.must("HMGET", key, "tag", "number", "flat", "graph");
  if (!Array.isArray(fields)) throw new Error("HMGET gave no array");
  const [tag, number, flat, graph] = fields;
  if (!Buffer.isBuffer(flat) || !Buffer.isBuffer(graph) || !flat.equals(graph)) {
    return `torn document ${String(flat)} ${String(graph)}`;
  }
  return documentText(String(tag), String(number), flat);
}

async function readValue(client: RespClient, key: string): Promise<string> {
  if (key.startsWith("document:")) return readDocument(client, key);
  if (!key.startsWith("list:")) return `string ${String(await client.must("GET", key))}`;
  const values = await client.must("LRANGE", key, "0", "-1");
  return `list ${(values as RespReply[]).map(String).join(" ")}`;
}

export async function readKeyspace(client: RespClient): Promise<FoundKeyspace> {
  const state: State = new Map();
  const keys = (await client.must("KEYS", "*")) as RespReply[];
  const names = keys.map(String).filter((key) => key !== "counter");
  const values = await Promise.all(names.map((key) => readValue(client, key)));
  for (const [index, name] of names.entries()) state.set(name, values[index]);
  return { state, counter: Number((await client.must("GET", "counter")) ?? 0) };
}

/**
 * Whether two servers come to hold the same: each removes what has expired by itself, so they are
 * asked until they agree; the digests otherwise.
 */
export async function digestsDiffer(
  left: RespClient,
  right: RespClient,
): Promise<string | undefined> {
  const deadline = performance.now() + EQUAL_WITHIN_MS;
  for (;;) {
    const ask = (client: RespClient) => client.must("DEBUG", "DIGEST");
    const [first, second] = await Promise.all([ask(left), ask(right)]);
    if (String(first) === String(second)) return undefined;
    if (performance.now() > deadline) return `digests ${String(first)} and ${String(second)}`;
    await wait(RETRY_MS);
  }
}
