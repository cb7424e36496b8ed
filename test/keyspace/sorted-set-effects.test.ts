/**
 * Large sorted sets, which random calls of few members seldom reach: their effects give another
 * keyspace the same order of ranks and of scans, the same account, and the same digest.
 */
import { expect, it, onTestFailed } from "vitest";
import { keyspaceDigest } from "../../src/commands/server/digest.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import type { SortedSetValue } from "../../src/keyspace/sorted-set-value.ts";
import { pick, seededRandom } from "../support/command-grammar.ts";
import { type InProcessClient, InProcessServer, present } from "../support/in-process-server.ts";

const base = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);
const seeds = Array.from({ length: 4 }, (_, index) => base + index);
const KEYS = ["x", "y", "z"];

function step(client: InProcessClient, random: () => number): void {
  const below = (bound: number) => Math.floor(random() * bound);
  const key = pick(KEYS, random);
  const member = () => `m${below(3000)}`;
  const dice = random();
  if (dice < 0.3) {
    const pairs: string[] = [];
    for (let left = below(400); left >= 0; left -= 1) pairs.push(String(below(50)), member());
    client.post("ZADD", key, ...pairs);
  } else if (dice < 0.5) client.post("ZINCRBY", key, String(below(9) - 4), member());
  else if (dice < 0.6) client.post("ZREM", key, member(), member(), member());
  else if (dice < 0.7) client.post(pick(["ZPOPMIN", "ZPOPMAX"], random), key, below(20));
  else if (dice < 0.78) {
    const start = below(2000);
    client.post("ZREMRANGEBYRANK", key, start, start + below(600));
  } else if (dice < 0.82) client.post("ZREMRANGEBYSCORE", key, below(50), below(50));
  else if (dice < 0.88) {
    const name = pick(["ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE"], random);
    client.post(name, key, "2", pick(KEYS, random), pick(KEYS, random));
  } else if (dice < 0.92) client.post("ZRANGESTORE", key, pick(KEYS, random), "0", below(2000));
  else client.post(pick(["RENAME", "COPY"], random), pick(KEYS, random), key);
  client.replies.length = 0;
}

function orderOf(keyspace: Keyspace, key: string): unknown {
  const value = keyspace.peek(0, key)?.value;
  if (value === undefined) return undefined;
  const set = value as SortedSetValue;
  const scanned: [string, number][] = [];
  set.scan(0, set.size, (member, score) => scanned.push([member, score]));
  return { ranks: set.flat(), scanned, costBytes: set.costBytes, isSkipList: set.isSkipList };
}

it.each(seeds)("are what their effects make again, seed %i", (seed) => {
  onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
  const random = seededRandom(seed);
  const server = new InProcessServer({ seed });
  const client = server.connect();
  for (let done = 0; done < 400; done += 1) step(client, random);
  const copy = new Keyspace();
  for (const { effects } of server.sink.units) for (const effect of effects) copy.apply(effect, 0);
  for (const key of KEYS) expect(orderOf(copy, key)).toEqual(orderOf(server.keyspace, key));
  expect(copy.usedBytes).toBe(server.keyspace.usedBytes);
  expect(keyspaceDigest(copy)).toBe(keyspaceDigest(server.keyspace));
  for (const key of KEYS) client.post("DEL", key);
  expect(server.keyspace.usedBytes).toBe(0);
  expect(present(server.sink.units.at(-1)).effects.length).toBeGreaterThan(0);
});
