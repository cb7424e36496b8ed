/**
 * H12: after any crash, index == brute force over the keyspace. Documents are churned through
 * several connections while their visibility is probed; the server dies, perhaps again while it
 * reads its log back; then every answer of search is held against what the keys say. Now and then
 * the index is made anew, so that it dies in backfills too, and a file of its graph is damaged.
 * Folders are encrypted where the seed is odd.
 *
 * LODESTONE_TRUTH_LIVES and LODESTONE_TRUTH_DOCUMENTS say how much of it.
 */
import { setTimeout as wait } from "node:timers/promises";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { Arena } from "./arena.ts";
import { describeEnd, dieRecovering, planLife } from "./deaths.ts";
import { RespClient, type RespReply } from "./resp-client.ts";
import type { ServerProcess } from "./server-process.ts";
import { endLife } from "./snapshot-deaths.ts";
import { TruthCheck, type TruthFigures } from "./truth-check.ts";
import {
  chooseWrites,
  createIndexCommand,
  PREFIX,
  TruthChance,
  type TruthDocument,
  wholeDocument,
} from "./truth-documents.ts";
import { type ProbeFigures, probeVisibility } from "./truth-probe.ts";

export const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
export const LIVES = Number(process.env["LODESTONE_TRUTH_LIVES"] ?? 4);
export const DOCUMENTS = Number(process.env["LODESTONE_TRUTH_DOCUMENTS"] ?? 4000);
const INDEX = "truth";
const CHURNERS = 4;
const PROBERS = 2;
const PIPELINED = 20;
const LOADED_AT_ONCE = 500;
const RECALL_MIN = 0.95;
/** Longer than what writers let expire lives on. */
const EXPIRED_MS = 50;
const NEW_INDEX_EVERY = 4;
/** More than other lives have: there is an index to be built in it. */
const LIFE_MS_MORE = 250;
const POLL_MS = 5;
const DAMAGE_EVERY = 4;
const RECOVERY_DEATHS = [0, 1, 0, 2];

export interface TruthOptions {
  readonly seed: number;
  readonly lives: number;
  readonly documents: number;
  /** Makes brute force believe something else of the keys, to show that it is held against them. */
  readonly mislead?: (document: TruthDocument) => TruthDocument;
}

interface Living {
  readonly server: ServerProcess;
  readonly client: RespClient;
}

class TruthLoop {
  readonly #arena: Arena;
  readonly #options: TruthOptions;
  readonly #figures: TruthFigures & ProbeFigures = {
    problems: [],
    queries: 0,
    found: 0,
    expected: 0,
    recallLeast: 1,
    unreachable: 0,
    nodes: 0,
    probes: 0,
  };
  #deathCount = 0;
  #damagedFiles = 0;
  #graphsLoaded = 0;
  #graphsRebuilt = 0;
  #writes = 0;

  constructor(arena: Arena, options: TruthOptions) {
    this.#arena = arena;
    this.#options = options;
  }

  get figures(): TruthFigures & ProbeFigures {
    return this.#figures;
  }

  summary(recall: number): Record<string, number> {
    const { queries, probes, recallLeast, unreachable, nodes } = this.#figures;
    const rounded = (share: number): number => Math.round(share * 10_000) / 10_000;
    return {
      documents: this.#options.documents,
      deaths: this.#deathCount,
      writes: this.#writes,
      graphFilesLoaded: this.#graphsLoaded,
      graphFilesDamaged: this.#damagedFiles,
      graphsRebuilt: this.#graphsRebuilt,
      queries,
      visibilityProbes: probes,
      recallAt10: rounded(recall),
      recallLeast: rounded(recallLeast),
      unreachableNodes: unreachable,
      checkedNodes: nodes,
    };
  }

  async prepare(): Promise<void> {
    const { server, client } = await this.#start("");
    await client.must(...createIndexCommand(INDEX));
    const chance = this.#chance(0);
    for (let first = 0; first < this.#options.documents; first += LOADED_AT_ONCE) {
      const count = Math.min(LOADED_AT_ONCE, this.#options.documents - first);
      const keys = Array.from({ length: count }, (_, at) => `${PREFIX}${first + at}`);
      await Promise.all(keys.map((key) => client.must(...wholeDocument(chance, key))));
    }
    await this.#check(client, 0);
    await this.#kill(server, client);
  }

  /** One life under churn and probes, its death and those that follow, then the truth. */
  async liveOnce(life: number): Promise<void> {
    const plan = planLife(this.#arena, life);
    const { server, client } = await this.#start(plan.failpoints);
    const isNewIndex = life % NEW_INDEX_EVERY === NEW_INDEX_EVERY - 1;
    const work = [
      ...Array.from({ length: CHURNERS }, (_, number) => this.#churn(life, number)),
      ...Array.from({ length: isNewIndex ? 0 : PROBERS }, (_, number) => this.#probe(life, number)),
      ...(isNewIndex ? [this.#makeIndexAnew(client)] : []),
    ];
    const settled = Promise.allSettled(work);
    await this.#whenBusy(server);
    const longer = { ...plan, lifeMs: plan.lifeMs + LIFE_MS_MORE };
    const deaths = await endLife(this.#arena, server, longer);
    client.close();
    for (const end of await settled) if (end.status === "rejected") throw end.reason;
    const more = RECOVERY_DEATHS[life % RECOVERY_DEATHS.length];
    for (let left = more; left > 0; left -= 1) deaths.push(await dieRecovering(this.#arena));
    const isDamaged = life % DAMAGE_EVERY === 2 && (await this.#arena.damageGraphFile());
    if (isDamaged) this.#damagedFiles += 1;
    const next = await this.#start("");
    await this.#countGraph(next.client);
    await wait(EXPIRED_MS);
    const problemsBefore = this.#figures.problems.length;
    await this.#check(next.client, life + 1);
    await this.#kill(next.server, next.client);
    this.#deathCount += deaths.length;
    const how = `life ${life}, ${deaths.map(({ text }) => text).join(", ")}`;
    if (this.#figures.problems.length > problemsBefore) this.#figures.problems.push(how);
  }

  /** Once each churner was answered, so that a slow host does not end lives before they begin. */
  async #whenBusy(server: ServerProcess): Promise<void> {
    const before = this.#writes;
    while (!server.isGone && this.#writes - before < CHURNERS * PIPELINED) await wait(POLL_MS);
  }

  #chance(number: number): TruthChance {
    const { seed: first } = this.#options;
    return new TruthChance(seededRandom(first * 10_000 + number), seededRandom(first));
  }

  /** With the failpoints of its life, which may end it before it answers: then without. */
  async #start(failpoints: string): Promise<Living> {
    for (let deadly = failpoints; ; deadly = "") {
      const server = this.#arena.start(deadly);
      const client = await server.connect();
      if (client !== undefined) return { server, client };
      if (server.signal !== "SIGKILL" || deadly === "") {
        throw new Error(`no start after a crash: ${describeEnd(server)}`);
      }
      this.#deathCount += 1;
    }
  }

  async #kill(server: ServerProcess, client: RespClient): Promise<void> {
    client.close();
    server.kill();
    await server.exited;
  }

  /** FT.INFO says where the graph came from. */
  async #countGraph(client: RespClient): Promise<void> {
    const about = await client.send("FT.INFO", INDEX);
    const text = Array.isArray(about) ? about.flat(9).map(String).join("\n") : "";
    const source = /^(?:built|loading|loaded|rebuilt: .*)$/m.exec(text)?.[0] ?? "none";
    if (source === "loading" || source === "loaded") this.#graphsLoaded += 1;
    if (source.startsWith("rebuilt")) this.#graphsRebuilt += 1;
  }

  async #check(client: RespClient, number: number): Promise<void> {
    // It died between FT.DROPINDEX and FT.CREATE.
    const names = (await client.must("FT._LIST")) as RespReply[];
    if (names.length === 0) await client.must(...createIndexCommand(INDEX));
    const chance = this.#chance(5000 + number);
    const { mislead } = this.#options;
    await new TruthCheck(client, INDEX, chance, this.#figures, mislead).checkAll();
  }

  /** Writes until the server is gone. */
  async #churn(life: number, number: number): Promise<void> {
    const chance = this.#chance(100 + life * CHURNERS + number);
    const client = await this.#connect();
    if (client === undefined) return;
    try {
      for (;;) {
        const writes = Array.from({ length: PIPELINED }, () =>
          chooseWrites(chance, this.#options.documents),
        );
        const commands = writes.flatMap((words) =>
          words.length > 1 ? [["MULTI"], ...words, ["EXEC"]] : words,
        );
        const replies = await Promise.all(commands.map((words) => client.send(...words)));
        this.#writes += replies.length;
      }
    } catch (failure) {
      if (!client.isBroken) throw failure;
    }
    client.close();
  }

  async #probe(life: number, number: number): Promise<void> {
    const chance = this.#chance(9000 + life * PROBERS + number);
    const { port } = this.#arena;
    try {
      await probeVisibility(port, INDEX, life * PROBERS + number, chance, this.#figures);
    } catch (failure) {
      // It died before both connections were there.
      if (!(failure instanceof Error && /ECONN|closed/.test(failure.message))) throw failure;
    }
  }

  async #makeIndexAnew(client: RespClient): Promise<void> {
    try {
      const commands = [["FT.DROPINDEX", INDEX], createIndexCommand(INDEX)];
      await Promise.all(commands.map((words) => client.must(...words)));
    } catch (failure) {
      if (!client.isBroken) throw failure;
    }
  }

  async #connect(): Promise<RespClient | undefined> {
    try {
      return await RespClient.open(this.#arena.port);
    } catch {
      return undefined;
    }
  }
}

export async function runSearchTruthHarness(options: TruthOptions): Promise<HarnessReport> {
  const arena = await Arena.make(options.seed, options.seed % 2 === 1);
  const loop = new TruthLoop(arena, options);
  const { figures } = loop;
  const { problems } = figures;
  let life = 0;
  try {
    await loop.prepare();
    for (; life < options.lives && problems.length === 0; life += 1) await loop.liveOnce(life);
  } catch (failure) {
    const text = failure instanceof Error ? failure.message : String(failure);
    problems.push(`life ${life}: ${text}`);
  }
  const recall = figures.found / Math.max(1, figures.expected);
  if (recall < RECALL_MIN) problems.push(`recall ${recall} at the default ef`);
  if (problems.length > 0 && options.mislead === undefined) {
    problems.push(`all is kept in ${arena.keep()}`);
  }
  await arena.remove();
  return {
    harness: "H12",
    title: "search truth: after any crash an index answers as brute force over the keys does",
    seed: options.seed,
    figures: loop.summary(recall),
    failures: problems,
  };
}
