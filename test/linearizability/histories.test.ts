/**
 * Histories of a real server with a durable log, which dies again and again: each must be
 * linearizable, object by object. The checker is shown to find what it is for: a server that
 * answers before its log is durable, and a stale read that is written into a good history.
 */
import { afterAll, expect, test } from "vitest";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { reportLine } from "../support/harness-report.ts";
import {
  CLIENT_COUNTS,
  checkHistories,
  Figures,
  HISTORIES,
  OPERATIONS,
  seed,
  startServer,
  stopServer,
  stopStartedServers,
} from "./histories-harness.ts";
import { recordHistory } from "./recording.ts";

/** For the time limit of a large run: many times what one takes. */
const MS_PER_HISTORY = 10_000;
const PLANTED_HISTORIES_MAX = 40;

afterAll(stopStartedServers);

test(`${HISTORIES} histories of ${OPERATIONS} operations are linearizable (seed ${seed})`, {
  timeout: Math.max(900_000, HISTORIES * MS_PER_HISTORY),
}, async () => {
  const report = await checkHistories();
  console.log(reportLine(report));
  expect(report.failures.join("\n\n")).toBe("");
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
