/**
 * A server under test: ours, started as its own process in a folder of its own, or any that
 * listens already.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "./connection.ts";

export interface Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;
const ENTRY = new URL("../../src/main.ts", import.meta.url).pathname;

export function listeningTarget(name: string, address: string): Target {
  const colon = address.lastIndexOf(":");
  const port = Number(address.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port)) throw new Error(`'${address}' is not HOST:PORT`);
  return { name, host: address.slice(0, colon), port, stop: async () => {} };
}

export async function startOwnServer(): Promise<Target> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "lodestone-recall-"));
  const flags = ["--port", String(port), "--dir", folder, "--log-level", "warning"];
  const child = spawn(process.execPath, [ENTRY, ...flags], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.kill("SIGTERM")) await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(child, port);
  } catch (failure) {
    await stop();
    throw failure;
  }
  return { name: "lodestone", host: "127.0.0.1", port, stop };
}

async function waitUntilReady(child: ChildProcess, port: number): Promise<void> {
  const endMs = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const isReady = await Connection.open("127.0.0.1", port).then(
      async (connection) => {
        const reply = await connection.command("PING").catch(() => "");
        connection.close();
        return reply === "PONG";
      },
      () => false,
    );
    if (isReady) return;
    if (performance.now() > endMs) throw new Error("the server did not start in time");
    await sleep(50);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
