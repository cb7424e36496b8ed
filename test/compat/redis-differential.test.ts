/**
 * Random command sequences give the same reply bytes as redis-server 7, in RESP2 and RESP3.
 *
 * Calls come from the declarations' own grammar. Departures are in `departures.md`; what is random
 * or a matter of layout (SCAN's cursors, HRANDFIELD, OBJECT ENCODING) is compared elsewhere.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { bitmapCommands } from "../../src/commands/bitmap/commands.ts";
import { genericCommands } from "../../src/commands/generic/commands.ts";
import { hashCommands } from "../../src/commands/hash/commands.ts";
import { hyperloglogCommands } from "../../src/commands/hyperloglog/commands.ts";
import { listCommands } from "../../src/commands/list/commands.ts";
import { stringCommands } from "../../src/commands/string/commands.ts";
import { pick, type Random, randomCall, seededRandom } from "../support/command-grammar.ts";
import { RawClient } from "../support/raw-client.ts";
import { findRedisServer, RedisPeer } from "../support/redis-peer.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";

const SEQUENCES = 40;
const COMMANDS_EACH = 500;
const BATCH = 50;
/** Compared by property, or nothing to compare. */
const EXCLUDED = new Set(["scan", "hscan", "randomkey", "hrandfield", "object", "wait", "waitaof"]);
const UNORDERED = new Set(["keys"]);
const TIMES = new Set(["ttl", "pttl", "expiretime", "pexpiretime"]);
const TIME_TOLERANCE = 5000;

const ERROR_WITH_ZERO = /((?:^|\n)-[^\0\r]*)\0[^\r]*/g;

const commands = [
  ...stringCommands,
  ...hashCommands,
  ...listCommands,
  ...bitmapCommands,
  ...hyperloglogCommands,
  ...genericCommands,
].filter(({ name }) => !EXCLUDED.has(name));
const version = findRedisServer();
const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);

let ours: TestServer;
let peer: RedisPeer;

beforeAll(async () => {
  if (version === undefined) return;
  ours = await startTestServer(["--log", "memory"]);
  // A hash answers in the order of insertion as long as Redis holds it in a listpack.
  peer = await RedisPeer.start(["--hash-max-listpack-value", "4096"]);
});

afterAll(async () => {
  await ours?.stop();
  await peer?.stop();
});

test.runIf(version !== undefined)(
  `random sequences answer as redis-server (seed ${seed})`,
  async () => {
    const random = seededRandom(seed);
    for (let sequence = 0; sequence < SEQUENCES; sequence += 1) {
      await compareSequence(random, sequence % 2 === 0 ? "2" : "3");
    }
  },
);

async function compareSequence(random: Random, protocol: string): Promise<void> {
  const clients = [await RawClient.open(ours.port), await RawClient.open(peer.port)];
  try {
    for (const client of clients) {
      await client.command("HELLO", protocol);
      await client.command("FLUSHALL");
    }
    const history: string[][] = [];
    const calls = new CallMaker(random);
    for (let done = 0; done < COMMANDS_EACH; done += BATCH) {
      const batch = Array.from({ length: BATCH }, () => calls.next());
      const [left, right] = await Promise.all(clients.map((client) => client.pipeline(batch)));
      for (const [index, call] of batch.entries()) {
        history.push(call);
        const mine = normalised(call, left[index]);
        const theirs = normalised(call, right[index]);
        if (isSame(call, mine, theirs)) continue;
        expect.fail(
          `seed ${seed}, RESP${protocol}: ${JSON.stringify(call)}\n` +
            `  ours:  ${JSON.stringify(left[index])}\n  redis: ${JSON.stringify(right[index])}\n` +
            `  after: ${JSON.stringify(lastAbout(call, history))}`,
        );
      }
    }
    await compareState(clients);
  } finally {
    for (const client of clients) client.close();
  }
}

class CallMaker {
  readonly #random: Random;
  #isInMulti = false;
  #expiryCount = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): string[] {
    const random = this.#random;
    const dice = random();
    if (dice < 0.01) {
      this.#isInMulti = true;
      return ["MULTI"];
    }
    if (dice < 0.03) {
      this.#isInMulti = false;
      return dice < 0.025 ? ["EXEC"] : ["DISCARD"];
    }
    if (dice < 0.035) return ["SELECT", pick(["0", "1", "16", "x"], random)];
    const command = pick(commands, random);
    // The order of names is free, and EXEC's array is compared as it is.
    if (UNORDERED.has(command.name) && this.#isInMulti) return ["TYPE", "a"];
    return this.#withOwnTime(randomCall(command, random));
  }

  /**
   * GT and LT compare with times that the two servers took at different milliseconds, so that equal
   * amounts would not compare equally: each gets one of its own, apart from all others by seconds.
   */
  #withOwnTime(call: string[]): string[] {
    const isRelative = call[0] === "expire" || call[0] === "pexpire";
    const amount = Number(call[2]);
    if (!isRelative || !/^[gl]t$/i.test(call[3] ?? "") || !(amount > 0 && amount < 1e12))
      return call;
    this.#expiryCount += 1;
    const stepOf = call[0] === "expire" ? 7 : 7000;
    call[2] = String(amount + this.#expiryCount * stepOf);
    return call;
  }
}

/** The calls before that name one of its keys. */
function lastAbout(call: readonly string[], history: readonly string[][]): string[][] {
  return history
    .filter((other) => other.slice(1).some((arg) => call.slice(1).includes(arg)))
    .slice(-8);
}

function normalised(call: readonly string[], raw: string): string {
  // Redis cuts what it quotes in an error at the first zero byte.
  const frame = raw.replaceAll(ERROR_WITH_ZERO, "$1");
  if (!UNORDERED.has(call[0].toLowerCase())) return frame;
  return frame.split("\r\n").sort().join("\r\n");
}

function isSame(call: readonly string[], mine: string, theirs: string): boolean {
  if (mine === theirs) return true;
  const bothTimes = mine.startsWith(":") && theirs.startsWith(":");
  if (TIMES.has(call[0].toLowerCase()) && bothTimes) {
    const difference = Math.abs(Number(mine.slice(1)) - Number(theirs.slice(1)));
    return difference <= TIME_TOLERANCE && Number(mine.slice(1)) > 0;
  }
  // The replies of TTL stand inside EXEC's array, too.
  return (
    call[0] === "EXEC" && mine.replaceAll(/:\d{3,}/g, ":n") === theirs.replaceAll(/:\d{3,}/g, ":n")
  );
}

async function compareState(clients: readonly RawClient[]): Promise<void> {
  for (const database of ["0", "1", "2", "15"]) {
    const states = await Promise.all(clients.map((client) => stateOf(client, database)));
    expect(states[0], `seed ${seed}, database ${database}`).toEqual(states[1]);
  }
}

async function stateOf(client: RawClient, database: string): Promise<Map<string, string>> {
  await client.command("DISCARD");
  await client.command("SELECT", database);
  const names = bulks(await client.command("KEYS", "*")).sort();
  const state = new Map<string, string>();
  for (const name of names) {
    const type = await client.command("TYPE", name);
    const read: Record<string, string[]> = {
      "+string\r\n": ["GET", name],
      "+hash\r\n": ["HGETALL", name],
      "+list\r\n": ["LRANGE", name, "0", "-1"],
    };
    const value = await client.command(...(read[type] ?? ["TYPE", name]));
    const expiry = await client.command("PEXPIRETIME", name);
    state.set(name, `${value}${expiry.startsWith(":-1") ? "" : "expires"}`);
  }
  return state;
}

/** The bulk strings of a flat array. */
function bulks(frame: string): string[] {
  const found: string[] = [];
  let at = frame.indexOf("\r\n") + 2;
  while (at < frame.length) {
    const lineEnd = frame.indexOf("\r\n", at);
    const byteCount = Number(frame.slice(at + 1, lineEnd));
    found.push(frame.slice(lineEnd + 2, lineEnd + 2 + byteCount));
    at = lineEnd + 2 + byteCount + 2;
  }
  return found;
}
