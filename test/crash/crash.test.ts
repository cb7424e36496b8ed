/**
 * H1 in its small form, and shown to find what it is for: a server that answers before its log is
 * durable. Then what a crash is not: a failing disk, and a second server on the folder.
 */
import { afterAll, expect, test } from "vitest";
import { reportLine } from "../support/harness-report.ts";
import { Arena, removeArenas } from "./arena.ts";
import { KILLS, runKillHarness, seed } from "./kill-harness.ts";
import { freePort, ServerProcess } from "./server-process.ts";

/** For the time limit of a large run: many times what one takes. */
const MS_PER_KILL = 10_000;

afterAll(removeArenas);

test(`${KILLS} kills lose nothing that was acknowledged (seed ${seed})`, {
  timeout: Math.max(900_000, KILLS * MS_PER_KILL),
}, async () => {
  const report = await runKillHarness({ seed, killCount: KILLS });
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
  expect(report.figures["acknowledged"]).toBeGreaterThan(100 * KILLS);
  if (KILLS >= 30) expect(report.figures["snapshotsLoaded"]).toBeGreaterThan(1);
});

test(`finds the planted bug of a reply before durability (seed ${seed})`, async () => {
  const planted = "planted.reply-before-durable=on";
  const report = await runKillHarness({ seed: seed + 1, killCount: 20, planted });
  expect(report.failures.length).toBeGreaterThan(0);
});

test("a failing disk ends the process with exit code 71, and nothing more is acknowledged", async () => {
  const arena = await Arena.make(seed + 2);
  const server = arena.start("appender.sent=error@3");
  const client = await server.connect();
  expect(await client?.send("SET", "first", "1")).toBe("OK");
  await expect(client?.send("SET", "second", "2")).rejects.toThrow();
  await server.exited;
  expect(server.exitCode).toBe(71);
  const after = arena.start();
  const again = await after.connect();
  expect(String(await again?.send("GET", "first"))).toBe("1");
  again?.close();
  after.kill("SIGTERM");
  await after.exited;
  expect(after.exitCode).toBe(0);
});

test("a second server on the folder is refused, and the first goes on", async () => {
  const arena = await Arena.make(seed + 3);
  const first = arena.start();
  const client = await first.connect();
  const options = { folder: arena.dataFolder, port: await freePort(), failpoints: "" };
  const second = new ServerProcess({ ...options, segmentBytes: 256 * 1024 });
  await second.exited;
  expect(second.exitCode).toBe(1);
  expect(second.lastWords).toMatch(new RegExp(`held by pid \\d+, started .*:${arena.port}`));
  expect(await client?.send("SET", "k", "v")).toBe("OK");
  client?.close();
  first.kill();
  await first.exited;
});
