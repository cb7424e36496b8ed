/**
 * H5: histories of a real server with a durable log, which dies again and again; each must be
 * linearizable, object by object. LODESTONE_HISTORIES and LODESTONE_HISTORY_OPERATIONS say how much
 * of it, LODESTONE_TEST_SEED begins it again.
 */
import type { Random } from "../../src/runtime/clock.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { createIndex } from "./document-workload.ts";
import { MortalServer } from "./mortal-server.ts";
import { recordHistory } from "./recording.ts";
import type { Subject } from "./subject.ts";

export const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
export const HISTORIES = Number(process.env["LODESTONE_HISTORIES"] ?? 100);
export const OPERATIONS = Number(process.env["LODESTONE_HISTORY_OPERATIONS"] ?? 2000);
/** A fresh folder, so that reading the log back stays short. */
const HISTORIES_PER_FOLDER = 25;
const LANES = 8;
/** Operations of all histories between two deaths, on average. */
const MEAN_LIFE = 8000;
export const CLIENT_COUNTS = [4, 12, 24];

const started = new Set<MortalServer>();

export async function stopStartedServers(): Promise<void> {
  for (const server of started) await server.stop();
}

/** A server whose folder has the index of documents. */
export async function startServer(random: Random): Promise<MortalServer> {
  const server = await MortalServer.start(random);
  started.add(server);
  const client = await server.client();
  await createIndex(client);
  client.close();
  return server;
}

export async function stopServer(server: MortalServer): Promise<void> {
  started.delete(server);
  await server.stop();
}

export class Figures {
  readonly #start = performance.now();
  histories = 0;
  operations = 0;
  unknown = 0;
  /** Objects whose check was given up. */
  undecided = 0;
  violations = 0;
  deaths = 0;
  snapshots = 0;
  checkMs = 0;
  stepsMost = 0;
  readonly reports: string[] = [];

  judge(subjects: readonly Subject[], name: string): void {
    const start = performance.now();
    this.histories += 1;
    for (const subject of subjects) {
      const verdict = subject.judge(name);
      this.operations += verdict.operationCount;
      this.unknown += verdict.unknownCount;
      this.stepsMost = Math.max(this.stepsMost, verdict.stepCount);
      if (verdict.result === "linearizable") continue;
      if (verdict.result === "violation") {
        this.violations += 1;
        this.reports.push(verdict.report);
      } else {
        this.undecided += 1;
        console.log(verdict.report);
      }
    }
    this.checkMs += performance.now() - start;
  }

  report(): HarnessReport {
    const { histories, operations, unknown, undecided, violations, deaths, stepsMost } = this;
    const seconds = Math.round((performance.now() - this.#start) / 100) / 10;
    const checkSeconds = Math.round(this.checkMs / 100) / 10;
    const unknownPercent = Math.round((unknown / operations) * 10_000) / 100;
    const counts = { histories, operations, unknown, unknownPercent, undecided, violations };
    return {
      harness: "H5",
      title: "histories of many clients are linearizable",
      seed,
      figures: { ...counts, deaths, snapshots: this.snapshots, stepsMost, seconds, checkSeconds },
      failures: this.#failures(),
    };
  }

  #failures(): string[] {
    const { histories, operations, unknown, undecided } = this;
    const failures = [...this.reports];
    // One violation ends the run, so what follows is asked of whole runs.
    if (failures.length > 0) return failures;
    const ask = (isMet: boolean, text: string): void => {
      if (!isMet) failures.push(text);
    };
    ask(histories === HISTORIES, `${histories} histories, not ${HISTORIES}`);
    ask(operations > HISTORIES * OPERATIONS, `only ${operations} operations`);
    ask(unknown / operations < 0.05, `${unknown} of ${operations} were never answered`);
    ask(undecided / HISTORIES < 0.05, `${undecided} checks were given up`);
    const isLong = HISTORIES * OPERATIONS > 10 * MEAN_LIFE;
    ask(!isLong || this.deaths > 0, "the server never died");
    ask(!isLong || this.snapshots > 0, "there was never a snapshot");
    return failures;
  }
}

/** As many at once as there are lanes: they share the server, and so its waits for the disk. */
async function recordFolder(
  random: Random,
  figures: Figures,
  numbers: readonly number[],
): Promise<void> {
  const server = await startServer(random);
  await server.begin({ meanLife: MEAN_LIFE, failpoints: "", mayDieByItself: true });
  const waiting = [...numbers];
  const lane = async (): Promise<void> => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const subjects = await recordHistory(server, {
        seed: (seed % 1000) * 1000 + number,
        name: `h${number}`,
        clientCount: CLIENT_COUNTS[number % CLIENT_COUNTS.length],
        operationCount: OPERATIONS,
      });
      figures.judge(subjects, `seed ${seed}, history ${number}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  figures.deaths += server.deathCount;
  figures.snapshots += server.snapshotCount;
  await stopServer(server);
}

export async function checkHistories(): Promise<HarnessReport> {
  const random = seededRandom(seed);
  const figures = new Figures();
  for (let first = 0; first < HISTORIES; first += HISTORIES_PER_FOLDER) {
    const count = Math.min(HISTORIES_PER_FOLDER, HISTORIES - first);
    const numbers = Array.from({ length: count }, (_, index) => first + index);
    await recordFolder(random, figures, numbers);
    if (figures.reports.length > 0) break;
  }
  return figures.report();
}
