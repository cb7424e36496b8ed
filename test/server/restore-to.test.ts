/**
 * A server that begins with what another one's folder held at a moment, while that one runs.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { freePort, startServerProcess } from "../../bench/server-process.ts";
import { restoreProblem } from "../../src/node/restore-at-start.ts";
import { RawClient } from "../support/raw-client.ts";
import { startTestServer } from "../support/test-server.ts";

const folder = mkdtempSync(join(tmpdir(), "lodestone-restore-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(flags: readonly string[]) {
  const port = await freePort();
  const server = startServerProcess({ folder: join(folder, "data"), port, flags });
  return { port, server };
}

it("--restore-to undoes a FLUSHALL in a folder of its own", async () => {
  const source = await startTestServer();
  const client = await RawClient.open(source.port);
  await client.command("SET", "key", "value");
  const before = Date.now();
  // The next record is sealed in a later millisecond.
  while (Date.now() <= before + 1) await client.command("PING");
  await client.command("FLUSHALL");
  const flags = ["--restore-from", source.folder, "--restore-to", `@${before}`];
  const restored = await start(flags);
  await restored.server.whenReady;
  const other = await RawClient.open(restored.port);
  expect(await other.command("GET", "key")).toBe("$5\r\nvalue\r\n");
  expect(await other.command("SET", "more", "1")).toBe("+OK\r\n");
  other.close();
  await restored.server.kill();
  expect(await client.command("GET", "key")).toBe("$-1\r\n");
  const again = await start(flags);
  await expect(again.server.whenReady).rejects.toThrow("is not empty");
  const plain = await start([]);
  await plain.server.whenReady;
  const third = await RawClient.open(plain.port);
  expect(await third.command("MGET", "key", "more")).toBe("*2\r\n$5\r\nvalue\r\n$1\r\n1\r\n");
  third.close();
  await plain.server.stop();
  client.close();
  await source.stop();
});

it("is refused before anything is touched when it makes no sense", () => {
  const masterKey = { file: "", command: "" };
  const none = { to: "", from: "", into: "d", log: "file", databaseCount: 16, masterKey };
  const problem = (to: string, from: string, log = "file") =>
    restoreProblem({ ...none, to, from, log });
  expect(problem("", "")).toBeUndefined();
  expect(problem("5", "f")).toBeUndefined();
  expect(problem("5", "")).toContain("needs restore-from");
  expect(problem("", "f")).toContain("needs restore-to");
  expect(problem("yesterday", "f")).toContain("a moment is");
  expect(problem("5", "f", "memory")).toContain("--log file");
});
