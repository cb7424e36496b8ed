/**
 * Starts the two servers of the wire bench as processes of their own, each on a free port and in a
 * temporary folder that goes when it stops, or when the bench itself is ended by a signal.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Scenario } from "./scenarios.ts";

const START_DEADLINE_MS = 20_000;
const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

const children = new Set<ChildProcess>();
const folders = new Set<string>();

/** Whatever ends the bench, none of its processes and folders outlives it. */
export function cleanUpAtExit(): void {
  process.once("exit", () => {
    for (const child of children) child.kill("SIGKILL");
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
}

/** The child is ended with the bench, if it still runs then. */
export function ownChild(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once("close", () => children.delete(child));
  return child;
}

export interface BenchServer {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function startLodestone(persistence: Scenario["persistence"]): Promise<BenchServer> {
  const log = persistence === "durable" ? "file" : "memory";
  return await start((port, folder) => [
    process.execPath,
    [MAIN, "--port", String(port), "--dir", folder, "--log", log, "--loglevel", "nothing"],
  ]);
}

export async function startRedis(persistence: Scenario["persistence"]): Promise<BenchServer> {
  const appendonly = persistence === "durable" ? "yes" : "no";
  return await start((port, folder) => [
    "redis-server",
    `--port ${port} --bind 127.0.0.1 --dir ${folder} --appendonly ${appendonly}`
      .split(" ")
      // Without rewrites of its log, which would be measured as if they were writes.
      .concat(["--appendfsync", "always", "--auto-aof-rewrite-percentage", "0", "--save", ""]),
  ]);
}

async function start(
  commandOf: (port: number, folder: string) => readonly [string, readonly string[]],
): Promise<BenchServer> {
  const folder = mkdtempSync(join(tmpdir(), "lodestone-bench-"));
  folders.add(folder);
  const port = await freePort();
  const [program, args] = commandOf(port, folder);
  const child = ownChild(spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] }));
  const stop = async (): Promise<void> => {
    await endChild(child);
    rmSync(folder, { recursive: true, force: true });
    folders.delete(folder);
  };
  const failure = once(child, "error").then(([reason]) => reason as Error);
  try {
    await Promise.race([untilReady(port, child), failure.then((reason) => Promise.reject(reason))]);
  } catch (reason) {
    await stop();
    throw reason;
  }
  return { port, pid: child.pid ?? 0, stop };
}

/** Ends the child and waits for it; one that ended before, or never began, is fine. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}

async function untilReady(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`a server ended with code ${child.exitCode}`);
    if ((await ping(port)).startsWith("+PONG")) return;
    await delay(50);
  }
  throw new Error("a server did not start in time");
}

function ping(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.once("data", (chunk) => {
      resolve(chunk.toString("latin1"));
      socket.destroy();
    });
    socket.once("error", () => resolve(""));
    socket.once("close", () => resolve(""));
  });
}
