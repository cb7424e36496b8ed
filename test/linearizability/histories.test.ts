/**
 * Histories of a real server with a durable log, which dies again and again: each must be
 * linearizable, object by object. The checker is shown to find what it is for: a server that
 * answers before its log is durable, and a stale read that is written into a good history.
 */
import { afterAll, expect, test } from "vitest";
import type { Random } from "../../src/runtime/clock.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { createIndex } from "./document-workload.ts";
import { MortalServer } from "./mortal-server.ts";
import { recordHistory } from "./recording.ts";
import type { Subject } from "./subject.ts";

const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
const HISTORIES = Number(process.env["LODESTONE_HISTORIES"] ?? 100);
const OPERATIONS = Number(process.env["LODESTONE_HISTORY_OPERATIONS"] ?? 2000);
/** A fresh folder, so that reading the log back stays short. */
const HISTORIES_PER_FOLDER = 25;
const LANES = 8;
/** For the time limit of a large run: many times what one takes. */
const MS_PER_HISTORY = 10_000;
/** Operations of all histories between two deaths, on average. */
const MEAN_LIFE = 8000;
const CLIENT_COUNTS = [4, 12, 24];
const PLANTED_HISTORIES_MAX = 40;

const started = new Set<MortalServer>();

afterAll(async () => {
  for (const server of started) await server.stop();
});

/** A server whose folder has the index of documents. */
async function startServer(random: Random): Promise<MortalServer> {
  const server = await MortalServer.start(random);
  started.add(server);
  const client = await server.client();
  await createIndex(client);
  client.close();
  return server;
}

async function stopServer(server: MortalServer): Promise<void> {
  started.delete(server);
  await server.stop();
}

class Figures {
  readonly #start = performance.now();
  histories = 0;
  operations = 0;
  unknown = 0;
  /** Objects whose check was given up. */
  undecided = 0;
  violations = 0;
  deaths = 0;
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

  line(): string {
    const { histories, operations, unknown, undecided, violations, deaths, stepsMost } = this;
    const seconds = Math.round((performance.now() - this.#start) / 100) / 10;
    const checkSeconds = Math.round(this.checkMs / 100) / 10;
    const unknownPercent = Math.round((unknown / operations) * 10_000) / 100;
    const result = violations === 0 ? "ok" : "violated";
    const counts = {
      histories,
      operations,
      unknown,
      unknownPercent,
      undecided,
      violations,
      deaths,
    };
    return JSON.stringify({
      linearizability: result,
      seed,
      ...counts,
      stepsMost,
      seconds,
      checkSeconds,
    });
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
  await stopServer(server);
}

test(`${HISTORIES} histories of ${OPERATIONS} operations are linearizable (seed ${seed})`, {
  timeout: Math.max(900_000, HISTORIES * MS_PER_HISTORY),
}, async () => {
  const random = seededRandom(seed);
  const figures = new Figures();
  for (let first = 0; first < HISTORIES; first += HISTORIES_PER_FOLDER) {
    const count = Math.min(HISTORIES_PER_FOLDER, HISTORIES - first);
    const numbers = Array.from({ length: count }, (_, index) => first + index);
    await recordFolder(random, figures, numbers);
    expect(figures.reports.join("\n\n")).toBe("");
  }
  console.log(figures.line());
  expect(figures.histories).toBe(HISTORIES);
  expect(figures.unknown / figures.operations).toBeLessThan(0.05);
  expect(figures.undecided / HISTORIES).toBeLessThan(0.05);
  expect(figures.operations).toBeGreaterThan(HISTORIES * OPERATIONS);
  if (HISTORIES * OPERATIONS > 10 * MEAN_LIFE) expect(figures.deaths).toBeGreaterThan(0);
});

test(`finds the planted bug of a reply before durability (seed ${seed})`, async () => {
  const server = await startServer(seededRandom(seed + 1));
  const failpoints = "planted.reply-before-durable=on";
  await server.begin({ meanLife: 300, failpoints, mayDieByItself: false });
  const figures = new Figures();
  for (let number = 0; figures.violations === 0 && number < PLANTED_HISTORIES_MAX; number += 1) {
    const subjects = await recordHistory(server, {
      seed: (seed % 1000) * 1000 + number,
      name: `h${number}`,
      clientCount: CLIENT_COUNTS[number % CLIENT_COUNTS.length],
      operationCount: 600,
    });
    figures.judge(subjects, `seed ${seed}, history ${number}`);
  }
  await stopServer(server);
  expect(figures.violations).toBeGreaterThan(0);
});

test(`finds a stale read in every kind of object (seed ${seed})`, async () => {
  const server = await startServer(seededRandom(seed + 2));
  const plan = { seed, name: "h0", clientCount: 8, operationCount: 1000 };
  const subjects = await recordHistory(server, plan);
  await stopServer(server);
  for (const subject of subjects) {
    expect(subject.judge(`seed ${seed}`).result, subject.name).toBe("linearizable");
    expect(subject.plantStaleRead(), subject.name).toBe(true);
    const { result, report } = subject.judge(`seed ${seed}`);
    expect(result, subject.name).toBe("violation");
    expect(report, subject.name).toContain(`seed ${seed}, ${subject.name}: not linearizable`);
  }
});
