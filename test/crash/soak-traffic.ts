/**
 * The traffic of a soak: a mix of all types and searches over a bounded keyspace, sent at a rate
 * and not as fast as answers come, on connections that end and are made anew. How long an answer
 * takes counts from when it was due, so that a pause of the server shows in all it made wait.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "../../src/runtime/clock.ts";
import { RespClient, type RespReply } from "./resp-client.ts";

/** Of keys whose time passes within a second, so that "all of them are gone" can be waited for. */
export const FADING_DATABASE = 1;
const KEYS = 500;
const DOCUMENTS = 1500;
const DIMENSIONS = 32;
const FADING_MS = 400;
const FAR_SECONDS = 100_000;
/** Operations of a connection, at most, before it is made anew. */
const LONGEST_CONNECTION = 800;
/** One that the server does not keep up with gets no more. */
const OUTSTANDING_MOST = 256;
const TICK_MS = 2;
const FILLED_AT_ONCE = 100;

type Words = (string | Buffer)[];

export function createIndexCommand(): Words {
  const options = ["6", "TYPE", "FLOAT32", "DIM", String(DIMENSIONS), "DISTANCE_METRIC", "COSINE"];
  const fields = ["tag", "TAG", "number", "NUMERIC", "words", "TEXT"];
  const vectors = ["flat", "VECTOR", "FLAT", ...options, "graph", "VECTOR", "HNSW", ...options];
  return ["FT.CREATE", "soak", "PREFIX", "1", "document:", "SCHEMA", ...fields, ...vectors];
}

export class SoakChance {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  below(limit: number): number {
    return Math.floor(this.#random.fraction() * limit);
  }

  vector(): Buffer {
    const values = Array.from({ length: DIMENSIONS }, () => this.#random.fraction() * 2 - 1);
    return Buffer.from(new Float32Array(values).buffer);
  }

  text(): string {
    const size = this.below(50) === 0 ? 20_000 : 10 + this.below(400);
    return String.fromCharCode(97 + this.below(26)).repeat(size);
  }

  key(type: string): string {
    return `${type}:${this.below(KEYS)}`;
  }
}

function writeDocument(chance: SoakChance): Words {
  const key = `document:${chance.below(DOCUMENTS)}`;
  const vector = chance.vector();
  const plain = ["tag", `t${chance.below(20)}`, "number", String(chance.below(1000))];
  return [
    "HSET",
    key,
    ...plain,
    "words",
    `w${chance.below(50)} soak`,
    "flat",
    vector,
    "graph",
    vector,
  ];
}

function search(chance: SoakChance): Words {
  const dice = chance.below(4);
  const options = ["LIMIT", "0", "10", "NOCONTENT", "DIALECT", "2"];
  if (dice === 0) return ["FT.SEARCH", "soak", `@tag:{t${chance.below(20)}}`, ...options];
  if (dice === 1) return ["FT.SEARCH", "soak", `@number:[0 ${chance.below(100)}]`, ...options];
  const filter = chance.below(2) === 0 ? "*" : `(@tag:{t${chance.below(20)}})`;
  const query = `${filter}=>[KNN 10 @${dice === 2 ? "flat" : "graph"} $v]`;
  return ["FT.SEARCH", "soak", query, "PARAMS", "2", "v", chance.vector(), ...options];
}

const choices: readonly ((chance: SoakChance) => Words[])[] = [
  (chance) => [["SET", chance.key("string"), chance.text()]],
  (chance) => [["SET", chance.key("string"), chance.text(), "EX", String(FAR_SECONDS)]],
  (chance) => [["GET", chance.key("string")]],
  (chance) => [["GET", chance.key("string")]],
  (chance) => [["MGET", chance.key("string"), chance.key("string"), chance.key("string")]],
  (chance) => [["DEL", chance.key("string")]],
  (chance) => [["INCR", chance.key("counter")]],
  (chance) => {
    const key = chance.key("list");
    return [["MULTI"], ["RPUSH", key, chance.text()], ["LTRIM", key, "-10", "-1"], ["EXEC"]];
  },
  (chance) => [["ZADD", chance.key("zset"), String(chance.below(1000)), `m${chance.below(30)}`]],
  (chance) => [["ZRANGE", chance.key("zset"), "0", "9"]],
  (chance) => [["SADD", chance.key("set"), String(chance.below(30))]],
  (chance) => [["XADD", `stream:${chance.below(50)}`, "MAXLEN", "40", "*", "v", chance.text()]],
  (chance) => [["HSET", chance.key("hash"), `f${chance.below(20)}`, chance.text()]],
  () => [["SCAN", "0", "COUNT", "20"]],
  (chance) => [writeDocument(chance)],
  (chance) => [writeDocument(chance)],
  (chance) => [["DEL", `document:${chance.below(DOCUMENTS)}`]],
  (chance) => [search(chance)],
  (chance) => [search(chance)],
];

const fadingChoices: readonly ((chance: SoakChance) => Words[])[] = [
  (chance) => [
    ["SET", chance.key("fading"), chance.text(), "PX", String(1 + chance.below(FADING_MS))],
  ],
  (chance) => {
    const key = chance.key("fields");
    const expiry = ["HPEXPIRE", key, String(1 + chance.below(FADING_MS)), "FIELDS", "1", "f"];
    return [["MULTI"], ["HSET", key, "f", chance.text()], expiry, ["EXEC"]];
  },
];

/** Every key once, as large as traffic makes it, so that what grows later is not the data. */
export async function fill(client: RespClient, chance: SoakChance): Promise<void> {
  for (let first = 0; first < KEYS; first += FILLED_AT_ONCE) {
    const numbers = Array.from({ length: FILLED_AT_ONCE }, (_, at) => first + at);
    const commands = numbers.flatMap((number): Words[] => {
      const members = Array.from({ length: 30 }, (_, at) => String(at));
      const fields = members.slice(0, 20).flatMap((at) => [`f${at}`, chance.text()]);
      return [
        ["SET", `string:${number}`, chance.text()],
        ["RPUSH", `list:${number}`, ...members.slice(0, 10).map(() => chance.text())],
        ["ZADD", `zset:${number}`, ...members.flatMap((at) => [at, `m${at}`])],
        ["SADD", `set:${number}`, ...members],
        ["HSET", `hash:${number}`, ...fields],
      ];
    });
    for (let number = 0; number < FILLED_AT_ONCE; number += 1) commands.push(writeDocument(chance));
    await Promise.all(commands.map((words) => client.must(...words)));
  }
}

/** One place for a connection, and the connection that is there now. */
class Line {
  readonly #port: number;
  readonly #database: number;
  readonly #chance: SoakChance;
  #client: RespClient | undefined;
  #left = 0;
  #outstanding = 0;
  #isChanging = false;

  constructor(port: number, database: number, chance: SoakChance) {
    this.#port = port;
    this.#database = database;
    this.#chance = chance;
  }

  get isFree(): boolean {
    return !this.#isChanging && this.#left > 0 && this.#outstanding < OUTSTANDING_MOST;
  }

  get isIdle(): boolean {
    return !this.#isChanging && this.#outstanding === 0;
  }

  get isSpent(): boolean {
    return !this.#isChanging && this.#left <= 0 && this.#outstanding === 0;
  }

  /** Ends the connection and makes another. */
  async renew(): Promise<void> {
    this.#isChanging = true;
    this.#client?.close();
    this.#client = await RespClient.open(this.#port, this.#database);
    this.#left = 1 + this.#chance.below(LONGEST_CONNECTION);
    this.#isChanging = false;
  }

  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  /** The replies of one operation. Whoever had its last is made anew once it owes nothing. */
  async perform(): Promise<RespReply[]> {
    const among = this.#database === FADING_DATABASE ? fadingChoices : choices;
    const commands = among[this.#chance.below(among.length)](this.#chance);
    const client = this.#client;
    if (client === undefined) throw new Error("a line without a connection");
    this.#outstanding += 1;
    this.#left -= 1;
    const replies = await Promise.all(commands.map((words) => client.send(...words)));
    this.#outstanding -= 1;
    return replies.flatMap((reply) => (Array.isArray(reply) ? [reply, ...reply] : [reply]));
  }
}

/** What a stretch of traffic was like. */
export interface Stretch {
  readonly operationCount: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export class SoakTraffic {
  readonly #lines: readonly Line[];
  /** The first reply that was an error. */
  problem: string | undefined;
  connectionCount = 0;

  constructor(port: number, lineCount: number, chanceOf: (line: number) => SoakChance) {
    this.#lines = Array.from({ length: lineCount }, (_, number) => {
      const database = number % 8 === 7 ? FADING_DATABASE : 0;
      return new Line(port, database, chanceOf(number));
    });
  }

  async open(): Promise<void> {
    await Promise.all(this.#lines.map((line) => line.renew()));
  }

  /** Everybody leaves; the server has nobody then. */
  close(): void {
    for (const line of this.#lines) line.close();
  }

  /** As many as are answered: each line sends its next when it has its answer. */
  async flood(seconds: number): Promise<Stretch> {
    const start = performance.now();
    const takenMs: number[] = [];
    const end = start + seconds * 1000;
    await Promise.all(
      this.#lines.map(async (line) => {
        while (performance.now() < end && this.problem === undefined) {
          if (line.isFree) await this.#perform(line, performance.now(), takenMs);
          else await wait(TICK_MS);
        }
      }),
    );
    await this.#settled();
    return stretchOf(takenMs, performance.now() - start);
  }

  /** So many a second, whether answers come or not; returns when all have come. */
  async flow(seconds: number, perSecond: number): Promise<Stretch> {
    const start = performance.now();
    const takenMs: number[] = [];
    let sent = 0;
    let next = 0;
    const isGoingOn = (now: number) => now - start < seconds * 1000 && this.problem === undefined;
    for (let now = start; isGoingOn(now); now = performance.now()) {
      const due = ((now - start) / 1000) * perSecond;
      let skipped = 0;
      while (sent < due && skipped < this.#lines.length) {
        const line = this.#lines[next % this.#lines.length];
        next += 1;
        if (!line.isFree) {
          skipped += 1;
          continue;
        }
        skipped = 0;
        void this.#perform(line, start + (sent / perSecond) * 1000, takenMs);
        sent += 1;
      }
      await wait(TICK_MS);
    }
    await this.#settled();
    return stretchOf(takenMs, performance.now() - start);
  }

  /** A line that was still being made anew would leave a connection behind that nobody closes. */
  async #settled(): Promise<void> {
    while (this.problem === undefined && !this.#lines.every((line) => line.isIdle)) {
      await wait(TICK_MS);
    }
  }

  async #perform(line: Line, dueAt: number, takenMs: number[]): Promise<void> {
    try {
      const replies = await line.perform();
      takenMs.push(performance.now() - dueAt);
      if (line.isSpent) {
        this.connectionCount += 1;
        line.renew().catch((failure: unknown) => {
          this.problem ??= String(failure);
        });
      }
      const error = replies.find((reply) => reply instanceof Error);
      if (error instanceof Error) this.problem ??= error.message;
    } catch (failure) {
      this.problem ??= String(failure);
    }
  }
}

function stretchOf(takenMs: number[], ms: number): Stretch {
  takenMs.sort((left, right) => left - right);
  const at = (share: number): number => takenMs[Math.floor(takenMs.length * share)] ?? 0;
  return {
    operationCount: takenMs.length,
    perSecond: Math.round((takenMs.length * 1000) / ms),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}
