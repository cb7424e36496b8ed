/**
 * H13: a server under seven tenths of the load that it can take, for as long as is asked, with
 * churn, expiry, connections that come and go, searches and snapshots. At the end of each round
 * everybody leaves, and what is there is compared with a fresh server on a copy of the folder;
 * file descriptors and memory are counted where nobody is connected.
 *
 * LODESTONE_SOAK_SECONDS says how long. What needs time to show (the slope of memory, the drift of
 * latencies) is asked of runs of an hour and more; shorter ones are asked for gross leaks.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { Arena } from "./arena.ts";
import { describeEnd } from "./deaths.ts";
import { digestsDiffer } from "./keyspace-reader.ts";
import type { RespClient, RespReply } from "./resp-client.ts";
import type { ServerProcess } from "./server-process.ts";
import {
  createIndexCommand,
  FADING_DATABASE,
  fill,
  SoakChance,
  SoakTraffic,
} from "./soak-traffic.ts";

export const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const asked = process.env["LODESTONE_SOAK_SECONDS"];
/** Among other tests, and where reliability alone is looked at. */
export const SECONDS = Number(asked ?? 20);
export const RELIABILITY_SECONDS = Number(asked ?? 180);
const LINES = 24;
const LOAD = 0.7;
const CALIBRATION_SECONDS = 1.5;
const LONGEST_ROUND_SECONDS = 60;
const ROUNDS_LEAST = 3;
const LONG_RUN_SECONDS = 3600;
const SLOPE_PERCENT_PER_HOUR_MAX = 1;
const DRIFT_PERCENT_MAX = 10;
/** Of a short run: from the end of its first round to its end. */
const GROWTH_PERCENT_MAX = 30;
const POLL_MS = 20;
/** Rest comes within seconds, or never. */
const REST_MS_MAX = 120_000;
const PLANTED_BYTES = 60_000_000;

export interface SoakOptions {
  readonly seed: number;
  readonly seconds: number;
  /** Faults of the harness's own making, in each round: a connection that stays, and so on. */
  readonly planted?: "connection" | "key" | "growth";
}

/** At the end of a round, while nobody is connected but who looks. */
interface Checkpoint {
  readonly atSeconds: number;
  readonly residentBytes: number;
  readonly descriptors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

class Soak {
  readonly #arena: Arena;
  readonly #options: SoakOptions;
  readonly #server: ServerProcess;
  readonly #client: RespClient;
  readonly #traffic: SoakTraffic;
  readonly #startedAt = performance.now();
  readonly #checkpoints: Checkpoint[] = [];
  readonly #planted: RespClient[] = [];
  readonly failures: string[] = [];
  #operations = 0;
  #perSecond = 0;

  constructor(arena: Arena, options: SoakOptions, server: ServerProcess, client: RespClient) {
    this.#arena = arena;
    this.#options = options;
    this.#server = server;
    this.#client = client;
    const chanceOf = (line: number) => new SoakChance(seededRandom(options.seed * 1000 + line));
    this.#traffic = new SoakTraffic(arena.port, LINES, chanceOf);
  }

  async run(): Promise<void> {
    const { seconds } = this.#options;
    await this.#client.must(...createIndexCommand());
    await fill(this.#client, new SoakChance(seededRandom(this.#options.seed)));
    await this.#traffic.open();
    const { perSecond } = await this.#traffic.flood(CALIBRATION_SECONDS);
    this.#perSecond = Math.max(1, Math.round(perSecond * LOAD));
    const roundCount = Math.max(ROUNDS_LEAST, Math.ceil(seconds / LONGEST_ROUND_SECONDS));
    for (let round = 0; round < roundCount && this.failures.length === 0; round += 1) {
      await this.#traffic.open();
      const snapshot = this.#client.send("BGSAVE");
      const stretch = await this.#traffic.flow(seconds / roundCount, this.#perSecond);
      const started = await snapshot;
      if (started instanceof Error) this.failures.push(`BGSAVE: ${started.message}`);
      this.#operations += stretch.operationCount;
      this.#traffic.close();
      if (this.#traffic.problem !== undefined) this.failures.push(this.#traffic.problem);
      await this.#plant();
      await this.#rest();
      await this.#compare(round);
      this.#note(stretch.p50Ms, stretch.p99Ms);
    }
    this.#judge();
  }

  /** Everything has expired that will, no snapshot is under way, every graph is whole. */
  async #rest(): Promise<void> {
    const client = this.#client;
    await client.must("FT._DEBUG", "FLUSH", "soak");
    for (const giveUpAt = performance.now() + REST_MS_MAX; ; await wait(POLL_MS)) {
      const keyspace = String(await client.must("INFO", "keyspace"));
      const persistence = String(await client.must("INFO", "persistence"));
      const clients = String(await client.must("INFO", "clients"));
      const isFaded = !keyspace.includes(`db${FADING_DATABASE}:`);
      const isSaved = !persistence.includes("rdb_bgsave_in_progress:1");
      const isAlone = clients.includes(`connected_clients:${1 + this.#planted.length}\r`);
      if (isFaded && isSaved && isAlone) return;
      if (performance.now() < giveUpAt) continue;
      throw new Error(`it does not come to rest:\n${keyspace}\n${persistence}\n${clients}`);
    }
  }

  async #compare(round: number): Promise<void> {
    // What was planted is large, and its digest takes long.
    if (this.#options.planted === "growth") return;
    const copy = await this.#arena.copyFolder();
    const fresh = this.#arena.startFresh(copy);
    const client = await fresh.connect();
    if (client === undefined) throw new Error(`no start on a copy: ${describeEnd(fresh)}`);
    if (this.#options.planted === "key") await client.must("SET", "planted", "1");
    const difference = await digestsDiffer(this.#client, client);
    if (difference !== undefined) this.failures.push(`round ${round}: ${difference}`);
    for (const query of ["*", "@tag:{t3}", "@number:[0 500]", "@words:w7"]) {
      const [mine, theirs] = await Promise.all([this.#client, client].map(foundBy(query)));
      if (mine !== theirs) this.failures.push(`round ${round}: ${query} differs on a fresh server`);
    }
    client.close();
    fresh.kill();
    await fresh.exited;
    await this.#arena.removeCopy(copy);
  }

  async #plant(): Promise<void> {
    const { planted } = this.#options;
    if (planted === "connection") this.#planted.push(await this.#server.open());
    // Growth counts from the end of the first round: what large values pass through, and leave in
    // the allocator, would hide in its figure.
    if (planted !== "growth" || this.#checkpoints.length === 0) return;
    const key = `planted:${this.#checkpoints.length}`;
    await this.#client.must("SET", key, Buffer.alloc(PLANTED_BYTES, this.#checkpoints.length));
  }

  #note(p50Ms: number, p99Ms: number): void {
    const folder = `/proc/${this.#server.processId}`;
    const status = readFileSync(`${folder}/status`, "latin1");
    const residentBytes = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
    const descriptors = readdirSync(`${folder}/fd`).length;
    const atSeconds = (performance.now() - this.#startedAt) / 1000;
    this.#checkpoints.push({ atSeconds, residentBytes, descriptors, p50Ms, p99Ms });
  }

  #judge(): void {
    const [first] = this.#checkpoints;
    const last = this.#checkpoints.at(-1);
    if (first === undefined || last === undefined) return;
    if (last.descriptors !== first.descriptors) {
      this.failures.push(`descriptors: ${first.descriptors} at first, ${last.descriptors} at last`);
    }
    const { growthPercent, slopePercentPerHour, driftPercent } = this.#trends();
    if (this.#options.seconds < LONG_RUN_SECONDS) {
      if (growthPercent > GROWTH_PERCENT_MAX) this.failures.push(`memory: ${growthPercent} % more`);
      return;
    }
    if (slopePercentPerHour > SLOPE_PERCENT_PER_HOUR_MAX) {
      this.failures.push(`memory grows by ${slopePercentPerHour} % in an hour`);
    }
    if (driftPercent > DRIFT_PERCENT_MAX) this.failures.push(`p99 drifts by ${driftPercent} %`);
  }

  #trends() {
    const settled = this.#checkpoints.slice(Math.floor(this.#checkpoints.length / 4));
    const [first] = this.#checkpoints;
    const last = this.#checkpoints.at(-1) ?? first;
    const half = Math.ceil(settled.length / 2);
    const middleOf = (part: readonly Checkpoint[]): number => median(part.map((one) => one.p99Ms));
    const drift = middleOf(settled.slice(-half)) / Math.max(1e-9, middleOf(settled.slice(0, half)));
    return {
      growthPercent: rounded((last.residentBytes / first.residentBytes - 1) * 100),
      slopePercentPerHour: rounded(slopeOf(settled)),
      driftPercent: rounded((drift - 1) * 100),
    };
  }

  figures(): Record<string, number | string> {
    const [first] = this.#checkpoints;
    const last = this.#checkpoints.at(-1);
    if (first === undefined || last === undefined) return {};
    return {
      loadSeconds: this.#options.seconds,
      operations: this.#operations,
      perSecond: this.#perSecond,
      connections: this.#traffic.connectionCount,
      digestsCompared: this.#checkpoints.length,
      ...this.#trends(),
      residentMegabytes: Math.round(last.residentBytes / 1e6),
      folderMegabytes: Math.round(folderBytes(this.#arena.dataFolder) / 1e6),
      descriptors: last.descriptors,
      p50Ms: rounded(median(this.#checkpoints.map((one) => one.p50Ms))),
      p99Ms: rounded(median(this.#checkpoints.map((one) => one.p99Ms))),
    };
  }
}

function foundBy(query: string): (client: RespClient) => Promise<string> {
  const options = ["LIMIT", "0", "100000", "NOCONTENT", "DIALECT", "2"];
  return async (client) => {
    const reply = await client.must("FT.SEARCH", "soak", query, ...options);
    return (reply as RespReply[]).map(String).sort().join();
  };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? 0;
}

/** Of the resident memory, by least squares, in percent of its mean. */
function slopeOf(checkpoints: readonly Checkpoint[]): number {
  const count = checkpoints.length;
  const mean = (of: (one: Checkpoint) => number): number =>
    checkpoints.reduce((sum, one) => sum + of(one), 0) / count;
  const meanHours = mean((one) => one.atSeconds) / 3600;
  const meanBytes = mean((one) => one.residentBytes);
  let above = 0;
  let below = 0;
  for (const { atSeconds, residentBytes } of checkpoints) {
    above += (atSeconds / 3600 - meanHours) * (residentBytes - meanBytes);
    below += (atSeconds / 3600 - meanHours) ** 2;
  }
  return below === 0 ? 0 : (above / below / meanBytes) * 100;
}

function folderBytes(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder)) bytes += statSync(join(folder, name)).size;
  return bytes;
}

export async function runSoakHarness(options: SoakOptions): Promise<HarnessReport> {
  const arena = await Arena.make(options.seed);
  const server = arena.start();
  const client = await server.connect();
  if (client === undefined) throw new Error(`no start: ${describeEnd(server)}`);
  const soak = new Soak(arena, options, server, client);
  try {
    await soak.run();
  } catch (failure) {
    soak.failures.push(failure instanceof Error ? failure.message : String(failure));
  }
  const figures = soak.figures();
  if (soak.failures.length > 0 && options.planted === undefined) {
    soak.failures.push(`all is kept in ${arena.keep()}`);
  }
  client.close();
  server.kill();
  await server.exited;
  await arena.remove();
  return {
    harness: "H13",
    title: "soak: a server under load stays the same, and is what its folder says",
    seed: options.seed,
    figures,
    failures: soak.failures,
  };
}
