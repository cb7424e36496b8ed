/**
 * Collections of thousands of elements answer as in redis-server, and come to hold the same: random
 * commands that take many elements at once, beside it, LODESTONE_LARGE_COMMANDS of them.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { seededRandom } from "../support/command-grammar.ts";
import { LARGE_KEYS, largeCall } from "../support/large-calls.ts";
import { RawClient } from "../support/raw-client.ts";
import { findRedisServer, isAtLeast, RedisPeer } from "../support/redis-peer.ts";
import { comparable } from "../support/reply-rules.ts";
import { parseReply, textOf } from "../support/reply-tree.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";

const COMMANDS = Number(process.env["LODESTONE_LARGE_COMMANDS"] ?? 4000);
const BATCH = 20;
const TOLD_CHARACTERS = 600;

const version = findRedisServer();
const rules = { isNewPeer: version !== undefined && isAtLeast(version, 7, 2) };
const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);

let ours: TestServer;
let peer: RedisPeer;

beforeAll(async () => {
  if (version === undefined) return;
  ours = await startTestServer(["--log", "memory"]);
  peer = await RedisPeer.start();
});

afterAll(async () => {
  await ours?.stop();
  await peer?.stop();
});

function told(call: readonly string[]): string {
  return JSON.stringify(
    call.map((arg) => (arg.length > 30 ? `${arg.slice(0, 9)}…${arg.length}` : arg)),
  );
}

/** The first difference of these calls' replies, in words. */
async function compare(
  clients: readonly [RawClient, RawClient],
  calls: readonly string[][],
): Promise<string | undefined> {
  const [left, right] = await Promise.all(clients.map((client) => client.pipeline(calls)));
  for (const [at, call] of calls.entries()) {
    if (left[at] === right[at]) continue;
    const mine = textOf(comparable(call, parseReply(left[at]), rules));
    const theirs = textOf(comparable(call, parseReply(right[at]), rules));
    if (mine === theirs) continue;
    let same = 0;
    while (mine[same] === theirs[same]) same += 1;
    const from = Math.max(0, same - 100);
    const until = from + TOLD_CHARACTERS;
    return [
      told(call).slice(0, TOLD_CHARACTERS),
      `  ours, from character ${from} on:  ${mine.slice(from, until)}`,
      `  redis: ${theirs.slice(from, until)}`,
      `  before it: ${calls
        .slice(Math.max(0, at - 5), at)
        .map(told)
        .join("\n    ")}`,
    ].join("\n");
  }
  return undefined;
}

const contents: readonly string[][] = LARGE_KEYS.map((key) => {
  if (key.startsWith("l")) return ["LRANGE", key, "0", "-1"];
  if (key.startsWith("z")) return ["ZRANGE", key, "0", "-1", "WITHSCORES"];
  if (key.startsWith("s")) return ["SMEMBERS", key];
  return key.startsWith("h") ? ["HGETALL", key] : ["XRANGE", key, "-", "+"];
});

test.runIf(version !== undefined)(
  `${COMMANDS} commands on large collections answer as redis-server (seed ${seed})`,
  async () => {
    const random = seededRandom(seed);
    const clients = [await RawClient.open(ours.port), await RawClient.open(peer.port)] as const;
    for (let done = 0; done < COMMANDS; done += BATCH) {
      const calls = Array.from({ length: BATCH }, () => largeCall(random));
      expect(await compare(clients, calls)).toBeUndefined();
      // All of it now and then, so that a difference is met near its cause.
      if (done % (BATCH * 10) === 0) expect(await compare(clients, contents)).toBeUndefined();
    }
    expect(await compare(clients, contents)).toBeUndefined();
    for (const client of clients) client.close();
  },
  3_600_000,
);
