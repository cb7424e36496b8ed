/**
 * A leaderboard over ioredis: players' scores change from several connections at once, and ranks,
 * neighbors and pages are asked in between and held against a model; then the server is killed,
 * and must show the same board.
 *
 * It fails if a rank is off by one (a span of the skip list that an update or a removal forgot),
 * if equal scores are not in the order of their members, or if the board that the log brings back
 * is another one. LODESTONE_LEADERBOARD_MEMBERS=1000000 for a large one.
 */
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, onTestFailed, test } from "vitest";
import { pick, type Random, seededRandom } from "../support/command-grammar.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";

const MEMBERS = Number(process.env["LODESTONE_LEADERBOARD_MEMBERS"] ?? 20_000);
const CONNECTIONS = 4;
const PHASES = 4;
/** Of the board, in each phase. */
const UPDATED_SHARE = 0.2;
const QUERIES_EACH = 300;
const BATCH = 500;
/** Few enough that many players have the same score. */
const SCORES = 5000;

const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);
const board = "board";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

interface Ranked {
  readonly order: readonly string[];
  readonly rankOf: ReadonlyMap<string, number>;
}

function below(limit: number, random: Random): number {
  return Math.floor(random() * limit);
}

/** Ascending, as ZRANGE gives them. */
function rank(scores: ReadonlyMap<string, number>): Ranked {
  const pairs = [...scores].sort(([one, left], [other, right]) => {
    return left - right || (one < other ? -1 : 1);
  });
  const order = pairs.map(([member]) => member);
  return { order, rankOf: new Map(order.map((member, at) => [member, at])) };
}

/** Players of one connection: nobody else changes them, so each reply is known beforehand. */
async function update(client: Redis, mine: number, scores: Map<string, number>, random: Random) {
  const count = Math.ceil((MEMBERS * UPDATED_SHARE) / CONNECTIONS);
  for (let done = 0; done < count; done += BATCH) {
    const pipeline = client.pipeline();
    const expected: unknown[] = [];
    for (let left = Math.min(BATCH, count - done); left > 0; left -= 1) {
      const player = mine + CONNECTIONS * below(Math.floor(MEMBERS / CONNECTIONS), random);
      expected.push(updateOne(pipeline, `player:${player}`, scores, random));
    }
    const replies = await pipeline.exec();
    expect(replies?.map(([, reply]) => reply)).toEqual(expected);
  }
}

/** What the server must answer. */
function updateOne(
  pipeline: ReturnType<Redis["pipeline"]>,
  player: string,
  scores: Map<string, number>,
  random: Random,
): unknown {
  const before = scores.get(player);
  const dice = random();
  if (dice < 0.05) {
    pipeline.zrem(board, player);
    return scores.delete(player) ? 1 : 0;
  }
  if (dice < 0.5) {
    const increment = below(200, random) - 50;
    pipeline.zincrby(board, increment, player);
    scores.set(player, (before ?? 0) + increment);
    return String((before ?? 0) + increment);
  }
  const score = below(SCORES, random);
  if (dice < 0.8) {
    pipeline.zadd(board, score, player);
    scores.set(player, score);
    return before === undefined ? 1 : 0;
  }
  pipeline.zadd(board, "GT", "CH", String(score), player);
  if (before !== undefined && score <= before) return 0;
  scores.set(player, score);
  return 1;
}

async function ask(client: Redis, scores: ReadonlyMap<string, number>, random: Random) {
  const { order, rankOf } = rank(scores);
  expect(await client.zcard(board)).toBe(order.length);
  for (let query = 0; query < QUERIES_EACH; query += 1) {
    const player = random() < 0.05 ? "nobody" : pick(order, random);
    const place = rankOf.get(player);
    const reversed = place === undefined ? null : order.length - 1 - place;
    expect(await client.zrank(board, player)).toBe(place ?? null);
    expect(await client.zrevrank(board, player)).toBe(reversed);
    const score = scores.get(player);
    expect(await client.zscore(board, player)).toBe(score === undefined ? null : String(score));
    if (place === undefined) continue;
    const from = Math.max(0, place - 3);
    const around = order.slice(from, place + 4);
    expect(await client.zrange(board, String(from), String(place + 3))).toEqual(around);
    const [least, most] = [score ?? 0, (score ?? 0) + below(20, random)];
    const within = order.slice(firstFrom(order, scores, least), firstFrom(order, scores, most + 1));
    expect(await client.zcount(board, String(least), String(most))).toBe(within.length);
    const page = within.slice(2, 12);
    expect(await client.zrangebyscore(board, least, most, "LIMIT", 2, 10)).toEqual(page);
  }
  const top = order.slice(-10).reverse();
  const withScores = top.flatMap((player) => [player, String(scores.get(player))]);
  expect(await client.zrevrange(board, 0, 9, "WITHSCORES")).toEqual(withScores);
}

/** Where scores, which are integers, are first no less than that. */
function firstFrom(order: readonly string[], scores: ReadonlyMap<string, number>, least: number) {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((scores.get(order[middle]) ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

test(`a leaderboard of ${MEMBERS} members answers every rank, also after a crash`, async () => {
  onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
  const random = seededRandom(seed);
  const connect = () => new Redis({ host: "127.0.0.1", port: server.port });
  const clients = Array.from({ length: CONNECTIONS }, connect);
  const scores = new Map<string, number>();
  for (let first = 0; first < MEMBERS; first += BATCH) {
    const words: (string | number)[] = [];
    for (let player = first; player < Math.min(MEMBERS, first + BATCH); player += 1) {
      const score = below(SCORES, random);
      scores.set(`player:${player}`, score);
      words.push(score, `player:${player}`);
    }
    expect(await clients[0].zadd(board, ...words.map(String))).toBe(words.length / 2);
  }
  for (let phase = 0; phase < PHASES; phase += 1) {
    await Promise.all(
      clients.map((client, mine) =>
        update(client, mine, scores, seededRandom(seed + phase * 8 + mine)),
      ),
    );
    await ask(clients[phase % CONNECTIONS], scores, random);
  }
  for (const client of clients) client.disconnect();
  await server.crash();
  const fresh = connect();
  await ask(fresh, scores, random);
  const whole = await fresh.zrange(board, "0", "-1");
  expect(whole).toEqual(rank(scores).order);
  fresh.disconnect();
});
