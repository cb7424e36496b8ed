/**
 * H1: a real server over a real socket is killed again and again while writers in other processes
 * keep notebooks. After each death it is started anew, perhaps killed while it reads its log back,
 * and beside it a fresh server on a copy of the folder as the dead one left it. What was
 * acknowledged must be there, nothing that nobody sent, through keys and through search, and both
 * must hold the same.
 *
 * Database 0 has strings, lists, MULTI, a counter and documents under search (`writer.ts`),
 * database 1 all types and blocking clients (`type-writer.ts`), at the same time. The page cache
 * survives a kill: power loss is tested on the faulty disk. LODESTONE_KILLS says how many die.
 */
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { HarnessReport } from "../support/harness-report.ts";
import { Arena, type WriterProgram, type Writing } from "./arena.ts";
import { type Death, describeEnd, dieRecovering, type LifePlan, planLife } from "./deaths.ts";
import { JOBS, WORKERS } from "./jobs-oracle.ts";
import { digestsDiffer, readKeyspace } from "./keyspace-reader.ts";
import { KillFigures } from "./kill-figures.ts";
import { Oracle, type State } from "./oracle.ts";
import { RespClient } from "./resp-client.ts";
import { checkSearch, createIndex } from "./search-oracle.ts";
import type { ServerProcess } from "./server-process.ts";
import { endLife } from "./snapshot-deaths.ts";
import { TypeOracle } from "./type-oracle.ts";
import { readTypes, TYPES_DATABASE } from "./type-reader.ts";

export const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
export const KILLS = Number(process.env["LODESTONE_KILLS"] ?? 40);
/** Longer than what the writers let expire lives on. */
const EXPIRED_MS = 50;
/** After a death so many lives in a row end while the log is read back, by turns. */
const RECOVERY_DEATHS = [0, 1, 2, 0, 1];

const programFile = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const writers: readonly WriterProgram[] = [
  // By turns: few, and so many that the event loop itself writes some of the records.
  { file: programFile("./writer.ts"), connectionCounts: [8, 48] },
  { file: programFile("./type-writer.ts"), connectionCounts: [8, 32] },
];

export interface KillHarnessOptions {
  readonly seed: number;
  /** It ends once so many have died, or at what is found first. */
  readonly killCount: number;
  /** In every life: what makes the server unsound, to show that it is found. */
  readonly planted?: string;
}

/** A server that answers, with clients for both databases. */
interface Living {
  readonly server: ServerProcess;
  readonly client: RespClient;
  readonly typesClient: RespClient;
}

class KillLoop {
  readonly #arena: Arena;
  readonly #planted: string;
  readonly #plain = new Oracle();
  #types = new TypeOracle(new Map());
  readonly #figures: KillFigures;
  #life = 0;
  #plan: LifePlan;
  #living: Living | undefined;
  /** Since the keyspace was last looked at. */
  #deaths: Death[] = [];

  constructor(arena: Arena, planted: string, figures: KillFigures) {
    this.#figures = figures;
    this.#arena = arena;
    this.#planted = planted;
    this.#plan = planLife(arena, 0);
  }

  /** What every life begins with. */
  async prepare(): Promise<void> {
    const { client, typesClient } = await this.#revive();
    await createIndex(client);
    await typesClient.must("XGROUP", "CREATE", JOBS, WORKERS, "0", "MKSTREAM");
    this.#types = new TypeOracle(await readTypes(typesClient));
  }

  /** One life under writers, its death, those that follow, and what was wrong afterwards. */
  async liveOnce(): Promise<string[]> {
    const living = this.#living ?? (await this.#revive());
    const writing = await this.#arena.startWriters(writers, this.#life);
    this.#deaths.push(...(await endLife(this.#arena, living.server, this.#plan)));
    this.#close(living);
    await writing.ended;
    const copy = await this.#arena.copyFolder();
    const more = RECOVERY_DEATHS[this.#life % RECOVERY_DEATHS.length];
    for (let left = more; left > 0; left -= 1) this.#deaths.push(await dieRecovering(this.#arena));
    this.#life += 1;
    this.#plan = planLife(this.#arena, this.#life);
    const problems = await this.#examine(copy, writing);
    const how = this.#deaths.map(({ text }) => text).join(", ");
    this.#figures.countDeaths(this.#deaths);
    this.#deaths = [];
    await this.#arena.removeCopy(copy);
    if (problems.length === 0) await this.#arena.removeNotebooks(writing);
    return problems.map((problem) => `life ${this.#life - 1}, ${how}: ${problem}`);
  }

  async end(): Promise<void> {
    this.#living?.server.kill();
    await this.#living?.server.exited;
  }

  /** Starts the next life, which a failpoint may end before it answers. */
  async #revive(): Promise<Living> {
    for (;;) {
      const startedAt = performance.now();
      const failpoints = [this.#planted, this.#plan.failpoints].filter(Boolean).join();
      const server = this.#arena.start(failpoints);
      const client = await server.connect();
      if (client !== undefined) {
        this.#figures.countStart(performance.now() - startedAt);
        const typesClient = await RespClient.open(this.#arena.port, TYPES_DATABASE);
        this.#living = { server, client, typesClient };
        return this.#living;
      }
      this.#expectPlannedDeath(server);
    }
  }

  /** It died at its failpoint while nobody wrote; it goes on without. */
  #expectPlannedDeath(server: ServerProcess): void {
    const { failpoints } = this.#plan;
    if (server.signal !== "SIGKILL" || failpoints === "") {
      throw new Error(`no start after a crash: ${describeEnd(server)}`);
    }
    this.#deaths.push({ kind: "start", text: `then ${failpoints}` });
    this.#plan = { ...this.#plan, failpoints: "" };
  }

  #close({ client, typesClient }: Living): void {
    client.close();
    typesClient.close();
    this.#living = undefined;
  }

  /** Judges a fresh server on the copy, then holds the survivor against it. */
  async #examine(copy: string, writing: Writing): Promise<string[]> {
    const server = this.#arena.startFresh(copy);
    const [client] = await Promise.all([server.connect(), this.#revive(), wait(EXPIRED_MS)]);
    if (client === undefined) throw new Error(`no start on a copy: ${describeEnd(server)}`);
    const nowMs = Date.now();
    const typesClient = await RespClient.open(server.port, TYPES_DATABASE);
    const { state, counter } = await readKeyspace(client);
    const [plainNotebook, typesNotebook] = writing.notebooks;
    const plain = this.#plain.judge(plainNotebook, state, counter);
    const types = this.#types.judge(typesNotebook, await readTypes(typesClient), nowMs);
    this.#figures.countVerdicts(plain, types);
    const problems = [
      ...plain.problems,
      ...types.problems,
      ...(await checkSearch(client, state, this.#arena.random)),
      ...(await this.#compareSurvivor(client, state)),
    ];
    for (const one of [client, typesClient]) one.close();
    server.kill();
    await server.exited;
    return problems;
  }

  async #compareSurvivor(fresh: RespClient, state: State): Promise<string[]> {
    for (;;) {
      const living = this.#living ?? (await this.#revive());
      try {
        this.#figures.countSnapshot(String(await living.client.must("INFO", "persistence")));
        const difference = await digestsDiffer(fresh, living.client);
        const problems = await checkSearch(living.client, state, this.#arena.random);
        if (difference !== undefined) problems.push(`survivor and fresh server: ${difference}`);
        return problems;
      } catch (failure) {
        if (!living.client.isBroken) throw failure;
        this.#close(living);
        await living.server.exited;
        this.#expectPlannedDeath(living.server);
      }
    }
  }
}

/** Until so many have died, with those that are counted already; what was found. */
async function killIn(
  arena: Arena,
  planted: string,
  figures: KillFigures,
  killCount: number,
): Promise<string[]> {
  const loop = new KillLoop(arena, planted, figures);
  const failures: string[] = [];
  try {
    await loop.prepare();
    while (figures.killCount < killCount && failures.length === 0) {
      failures.push(...(await loop.liveOnce()));
    }
  } catch (failure) {
    failures.push(failure instanceof Error ? failure.message : String(failure));
  }
  await loop.end();
  if (failures.length > 0 && planted === "") failures.push(`all is kept in ${arena.keep()}`);
  await arena.remove();
  return failures;
}

/** Half of it in a plain folder, half in an encrypted one. */
export async function runKillHarness(options: KillHarnessOptions): Promise<HarnessReport> {
  const { seed, killCount, planted = "" } = options;
  const figures = new KillFigures();
  const plain = await Arena.make(seed);
  const failures = await killIn(plain, planted, figures, killCount / 2);
  if (failures.length === 0) {
    const encrypted = await Arena.make(seed + 500, true);
    failures.push(...(await killIn(encrypted, planted, figures, killCount)));
  }
  return {
    harness: "H1",
    title: "kill loop: at random, at failpoints, in recovery and snapshots; all types and search",
    seed,
    figures: figures.summary(),
    failures,
  };
}
