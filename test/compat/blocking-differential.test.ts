/**
 * Clients that wait for keys are served in the same order, and with the same, as by redis-server.
 *
 * Some clients block, one writes, one unblocks others; each step is done to both servers. After a
 * step INFO says how many still wait, which tells which replies have to come; who got what must be
 * equal. Time-outs are forever: what ends by the clock is tested elsewhere.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { pick, type Random, seededRandom } from "../support/command-grammar.ts";
import { RawClient } from "../support/raw-client.ts";
import { findRedisServer, isAtLeast, RedisPeer } from "../support/redis-peer.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";

const STEPS = Number(process.env["LODESTONE_DIFFERENTIAL_COMMANDS"] ?? 20_000) / 10;
const STEPS_EACH = 100;
const CLIENTS = 5;
const REPLY_TIMEOUT_MS = 10_000;

const version = findRedisServer();
const isNewPeer = version !== undefined && isAtLeast(version, 7, 2);
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

test.runIf(version !== undefined)(
  `blocked clients are served as by redis-server (seed ${seed})`,
  async () => {
    const random = seededRandom(seed);
    for (let done = 0; done < STEPS; done += STEPS_EACH) {
      const sides = [await Side.open(ours.port), await Side.open(peer.port)] as const;
      try {
        await compareSteps(random, sides);
      } finally {
        for (const side of sides) side.close();
      }
    }
  },
  3_600_000,
);

async function compareSteps(random: Random, sides: readonly [Side, Side]): Promise<void> {
  const history: unknown[] = [];
  const steps = new StepMaker(random);
  for (let done = 0; done < STEPS_EACH; done += 1) {
    const step = steps.next(sides[1].idle());
    history.push(step);
    const outcomes = await Promise.all(sides.map((side) => side.run(step)));
    const context = `seed ${seed}, after ${JSON.stringify(history.slice(-40))}`;
    expect(outcomes[0], context).toEqual(outcomes[1]);
  }
}

type Step =
  | { readonly kind: "block"; readonly client: number; readonly call: readonly string[] }
  | { readonly kind: "write"; readonly calls: readonly (readonly string[])[] }
  | { readonly kind: "unblock"; readonly client: number; readonly how: string };

interface Outcome {
  /** What the one who wrote, or unblocked, was told. */
  readonly replies: readonly string[];
  /** By client: what the wait ended with. */
  readonly served: readonly (string | undefined)[];
  readonly waitingCount: number;
}

class Side {
  readonly #clients: readonly RawClient[];
  readonly #ids: readonly string[];
  readonly #writer: RawClient;
  readonly #waiting = new Map<number, Promise<void>>();
  #served: (string | undefined)[] = [];

  private constructor(clients: readonly RawClient[], ids: readonly string[], writer: RawClient) {
    this.#clients = clients;
    this.#ids = ids;
    this.#writer = writer;
  }

  static async open(port: number): Promise<Side> {
    const writer = await RawClient.open(port);
    await writer.command("FLUSHALL");
    const clients: RawClient[] = [];
    const ids: string[] = [];
    for (let index = 0; index < CLIENTS; index += 1) {
      const client = await RawClient.open(port);
      clients.push(client);
      ids.push((await client.command("CLIENT", "ID")).slice(1).trim());
    }
    return new Side(clients, ids, writer);
  }

  /** Clients that wait for nothing. */
  idle(): number[] {
    return this.#clients.map((_, index) => index).filter((index) => !this.#waiting.has(index));
  }

  async run(step: Step): Promise<Outcome> {
    this.#served = this.#clients.map(() => undefined);
    const replies = await this.#send(step);
    const waitingCount = await this.#blockedCount();
    await this.#settle(waitingCount);
    return { replies, served: this.#served, waitingCount };
  }

  close(): void {
    for (const client of [...this.#clients, this.#writer]) client.close();
  }

  async #send(step: Step): Promise<readonly string[]> {
    if (step.kind === "write") return await this.#writer.pipeline(step.calls);
    if (step.kind === "unblock") {
      return [await this.#writer.command("CLIENT", "UNBLOCK", this.#ids[step.client], step.how)];
    }
    const { client, call } = step;
    const answered = this.#clients[client].command(...call).then((reply) => {
      this.#served[client] = reply;
      this.#waiting.delete(client);
    });
    this.#waiting.set(client, answered);
    // It has to be there before anybody looks.
    await this.#arrived(client);
    return [];
  }

  /** Once the server has taken the client's call: it waits, or was answered. */
  async #arrived(client: number): Promise<void> {
    const id = this.#ids[client];
    for (;;) {
      const line = await this.#writer.command("CLIENT", "LIST", "ID", id);
      if (!this.#waiting.has(client) || /flags=[^ ]*b/.test(line)) return;
    }
  }

  async #blockedCount(): Promise<number> {
    const text = await this.#writer.command("INFO", "clients");
    return Number(/blocked_clients:(\d+)/.exec(text)?.[1]);
  }

  async #settle(waitingCount: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("a reply did not come")), REPLY_TIMEOUT_MS);
    });
    late.catch(() => undefined);
    while (this.#waiting.size > waitingCount) {
      await Promise.race([late, ...this.#waiting.values()]);
    }
    clearTimeout(timer);
  }
}

const LISTS = ["l1", "l2", "l3"];
const ZSETS = ["z1", "z2"];
const STREAMS = ["s1", "s2"];
const KEYS = [...LISTS, ...ZSETS, ...STREAMS];

class StepMaker {
  readonly #random: Random;
  #count = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(idle: readonly number[]): Step {
    const dice = this.#random();
    if (idle.length > 0 && dice < 0.45) {
      return { kind: "block", client: pick(idle, this.#random), call: this.#blockingCall() };
    }
    if (idle.length < CLIENTS && dice < 0.5) {
      const clients = [...Array(CLIENTS).keys()].filter((client) => !idle.includes(client));
      const how = pick(["TIMEOUT", "ERROR"], this.#random);
      return { kind: "unblock", client: pick(clients, this.#random), how };
    }
    const writeCount = isNewPeer ? pick([1, 1, 1, 2, 3], this.#random) : 1;
    const calls = Array.from({ length: writeCount }, () => this.#write()).flat();
    if (calls.length === 1 || this.#random() < 0.3) return { kind: "write", calls };
    return { kind: "write", calls: [["MULTI"], ...calls, ["EXEC"]] };
  }

  /** 7.0 has another order where several keys are ready at once. */
  #some(keys: readonly string[]): string[] {
    if (!isNewPeer) return [pick(keys, this.#random)];
    const chosen = keys.filter(() => this.#random() < 0.5);
    return chosen.length === 0 ? [pick(keys, this.#random)] : chosen;
  }

  #end(): string {
    return pick(["LEFT", "RIGHT"], this.#random);
  }

  #blockingCall(): string[] {
    const random = this.#random;
    const lists = this.#some(LISTS);
    const zsets = this.#some(ZSETS);
    const streams = this.#some(STREAMS);
    const stream = pick(STREAMS, random);
    const consumer = pick(["c1", "c2", "c3"], random);
    return pick(
      [
        ["BLPOP", ...lists, "0"],
        ["BRPOP", ...lists, "0"],
        ["BLPOP", ...lists, "0"],
        ["BLMOVE", pick(LISTS, random), pick(LISTS, random), this.#end(), this.#end(), "0"],
        ["BRPOPLPUSH", pick(LISTS, random), pick(LISTS, random), "0"],
        ["BLMPOP", "0", String(lists.length), ...lists, this.#end(), "COUNT", "2"],
        ["BZPOPMIN", ...zsets, "0"],
        ["BZPOPMAX", ...zsets, "0"],
        ["BZMPOP", "0", String(zsets.length), ...zsets, pick(["MIN", "MAX"], random)],
        ["XREAD", "BLOCK", "0", "STREAMS", stream, "$"],
        ["XREAD", "COUNT", "2", "BLOCK", "0", "STREAMS", ...streams, ...streams.map(() => "$")],
        // 7.0 tells in other words that a stream is gone.
        isNewPeer
          ? ["XREADGROUP", "GROUP", "g", consumer, "BLOCK", "0", "STREAMS", stream, ">"]
          : ["XREAD", "BLOCK", "0", "STREAMS", stream, "$"],
      ],
      random,
    );
  }

  /** Where a value takes the place of another, Redis wakes nobody; so what was there goes first. */
  #write(): string[][] {
    const random = this.#random;
    const [from, to] = pick([LISTS, ZSETS, STREAMS], random);
    const dice = random();
    // 7.0 serves nobody from what SORT stored.
    if (dice < 0.05 && isNewPeer)
      return [
        ["DEL", "l1"],
        ["SORT", "l2", "ALPHA", "STORE", "l1"],
      ];
    if (dice < 0.1)
      return [
        ["DEL", "z1"],
        ["ZUNIONSTORE", "z1", "1", "z2"],
      ];
    if (dice < 0.15)
      return [
        ["DEL", to],
        ["RENAME", from, to],
      ];
    return [this.#oneWrite()];
  }

  #oneWrite(): string[] {
    const random = this.#random;
    this.#count += 1;
    const value = `v${this.#count}`;
    const list = pick(LISTS, random);
    const zset = pick(ZSETS, random);
    const stream = pick(STREAMS, random);
    const score = pick(["1", "2", "3"], random);
    const id = `${this.#count}-1`;
    return pick(
      [
        ["RPUSH", list, value],
        ["LPUSH", list, value, `${value}b`],
        ["RPUSH", list, value, `${value}b`, `${value}c`],
        ["ZADD", zset, score, value],
        ["ZADD", zset, score, value, "9", `${value}b`],
        ["XADD", stream, id, "f", value],
        ["XADD", stream, id, "f", value],
        ["XGROUP", "CREATE", stream, "g", "$", "MKSTREAM"],
        ["XGROUP", "DESTROY", stream, "g"],
        ["LPOP", list],
        ["ZPOPMIN", zset],
        ["DEL", pick(KEYS, random)],
        ["SET", pick(KEYS, random), value],
        ["RENAME", pick(KEYS, random), pick(KEYS, random)],
        ["COPY", pick(KEYS, random), pick(KEYS, random), "REPLACE"],
        ["LMOVE", pick(LISTS, random), pick(LISTS, random), this.#end(), this.#end()],
        ["SADD", "set", value],
      ],
      random,
    );
  }
}
