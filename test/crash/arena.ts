/**
 * Where servers die: a folder that outlives them, writer processes with a notebook, and the ways of
 * dying. Half of the deaths are at random times, half at named failpoints, some while the server
 * reads its log back. What is there afterwards is the caller's to judge.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Random } from "../../src/runtime/clock.ts";
import type { FailpointName } from "../../src/runtime/failpoints.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { freePort, ServerProcess } from "./server-process.ts";

/** Small, so that a round fills several and dies around their making. */
const SEGMENT_BYTES = 256 * 1024;
const WRITERS = 2;
const LONGEST_LIFE_MS = 700;

const writingFailpoints: readonly [FailpointName, number][] = [
  ["executor.executed", 600],
  ["appender.sent", 300],
  ["appender.durable", 300],
  ["gate.before-reply", 600],
  ["segment.created", 2],
  ["segment.directory-synced", 2],
];

const folders: string[] = [];
const processes: { kill(signal: "SIGKILL"): unknown }[] = [];

/** After all tests of a file. */
export async function removeArenas(): Promise<void> {
  for (const started of processes) started.kill("SIGKILL");
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
}

export interface Arena {
  readonly folder: string;
  readonly port: number;
  readonly seed: number;
  readonly random: Random;
  /** The program that writes: PORT NOTEBOOK SEED FIRST_CONNECTION CONNECTIONS. */
  readonly writerProgram: string;
  /** How many connections write in each round, by turns of two rounds. */
  readonly connectionCounts: readonly number[];
}

export async function newArena(
  seed: number,
  writers: Pick<Arena, "writerProgram" | "connectionCounts">,
): Promise<Arena> {
  const folder = await mkdtemp(join(tmpdir(), "lodestone-crash-"));
  folders.push(folder);
  return { folder, port: await freePort(), seed, random: seededRandom(seed), ...writers };
}

export function startServer(
  arena: Pick<Arena, "folder" | "port">,
  failpoints: string,
): ServerProcess {
  const options = { folder: join(arena.folder, "data"), port: arena.port };
  const server = new ServerProcess({ ...options, failpoints, segmentBytes: SEGMENT_BYTES });
  processes.push(server);
  return server;
}

/** Started and writing; `ended` resolves when all of them have ended. */
async function startWriters(
  arena: Arena,
  notebook: string,
  round: number,
): Promise<{ readonly ended: Promise<unknown> }> {
  const begun: Promise<unknown>[] = [];
  const ends: Promise<unknown>[] = [];
  const { connectionCounts } = arena;
  for (let writer = 0; writer < WRITERS; writer += 1) {
    const count = connectionCounts[(round >> 1) % connectionCounts.length] / WRITERS;
    const first = writer * count;
    const writerSeed = (arena.seed % 1000) * 100 + round;
    const numbers = [arena.port, notebook, writerSeed, first, count];
    const child = spawn(process.execPath, [arena.writerProgram, ...numbers.map(String)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    processes.push(child);
    begun.push(once(child.stdout, "data"));
    ends.push(
      once(child, "exit").then(([code]) => {
        if (code !== 0) throw new Error(`a writer ended with code ${String(code)}`);
      }),
    );
  }
  await Promise.all(begun);
  return { ended: Promise.all(ends) };
}

export function chooseFailpoint(random: Random): string {
  const [name, most] = writingFailpoints[Math.floor(random.fraction() * writingFailpoints.length)];
  return `${name}=exit@${1 + Math.floor(random.fraction() * most)}`;
}

/** Lets the server be written to until it is dead; how it died. */
export async function killWhileWriting(
  arena: Arena,
  round: number,
  failpoints: string,
): Promise<{ readonly notebook: string; readonly death: string }> {
  const notebook = join(arena.folder, `notebook-${round}`);
  const server = startServer(arena, failpoints);
  const client = await server.connect();
  client?.close();
  const writers = await startWriters(arena, notebook, round);
  const lifeMs = 50 + arena.random.fraction() * LONGEST_LIFE_MS;
  const timer = setTimeout(() => server.kill(), lifeMs);
  await server.exited;
  clearTimeout(timer);
  await writers.ended;
  if (server.signal !== "SIGKILL") throw new Error(`the server ended itself: ${server.lastWords}`);
  return { notebook, death: failpoints === "" ? `killed after ${lifeMs | 0} ms` : failpoints };
}

/** A server that dies while it reads its log back, at a random record or a random time. */
export async function killWhileRecovering(arena: Arena): Promise<void> {
  const record = 1 + Math.floor(arena.random.fraction() * 200);
  const server = startServer(arena, `recover.applied=exit@${record}`);
  const timer = setTimeout(() => server.kill(), arena.random.fraction() * 1000);
  await server.exited;
  clearTimeout(timer);
}
