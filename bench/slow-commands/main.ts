/**
 * `npm run bench -- slow-commands`: what others wait while one client runs a command on a million
 * elements, ours beside redis-server.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BulkClient, type CommandWords, encodeWords } from "../bulk-client.ts";
import { positiveInteger } from "../option-values.ts";
import { threadTimes, timesSince } from "../search-cpu/thread-times.ts";
import { median, quantile } from "../statistics.ts";
import { missingProgram } from "../wire/load.ts";
import {
  type BenchServer,
  cleanUpAtExit,
  endChild,
  ownChild,
  startLodestone,
  startRedis,
} from "../wire/servers.ts";
import { type SlowCase, slowCases, slowData } from "./cases.ts";

const usage = `npm run bench -- slow-commands [options]

One client runs a command on a million elements, again and again; ten others send 2,000 GETs a
second, timed from when each was due. What the command takes, and what the GETs take meanwhile.
It needs redis-server on PATH (Debian: redis-server).

  --only TEXT        only commands whose name contains TEXT
  --elements N       (1000000)
  --repetitions N    how often each command runs (5)
  --durable          both with a durable log
  --json FILE        all figures
`;

const READER = fileURLToPath(new URL("reader.ts", import.meta.url));
const GETS_PER_SECOND = 2000;
/** What a command leaves to be done after its reply is watched, too. */
const WATCHED_AFTER_MS = 50;
const REST_MS = 200;
const PING_REPLY = "+PONG\r\n";

interface Measured {
  readonly name: string;
  readonly commandMs: number;
  /** Processor time of the thread that runs commands. */
  readonly processorMs: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

export async function runSlowCommands(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      elements: { type: "string", default: "1000000" },
      repetitions: { type: "string", default: "5" },
      durable: { type: "boolean", default: false },
      json: { type: "string" },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const missing = missingProgram();
  if (missing !== undefined) throw new Error(missing);
  cleanUpAtExit();
  const cases = slowCases.filter(({ name }) => name.includes(values.only));
  const elementCount = positiveInteger("elements", values.elements);
  const repetitions = positiveInteger("repetitions", values.repetitions);
  const results: Record<string, Measured[]> = {};
  for (const [peer, start] of [
    ["redis", startRedis],
    ["ours", startLodestone],
  ] as const) {
    const server = await start(values.durable ? "durable" : "memory");
    results[peer] = await measureAll(server, cases, elementCount, repetitions);
    await server.stop();
  }
  printTable(results["ours"], results["redis"]);
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
}

async function measureAll(
  { port, pid }: BenchServer,
  cases: readonly SlowCase[],
  elementCount: number,
  repetitions: number,
): Promise<Measured[]> {
  const client = await BulkClient.open(port);
  await client.command("SET", "others", "value");
  await client.load(slowData(elementCount));
  const reader = await startReader(port);
  const measured: Measured[] = [];
  for (const slowCase of cases) {
    const commandMs: number[] = [];
    const processorMs: number[] = [];
    const getMs: number[] = [];
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      await client.load(slowCase.prepare);
      await wait(REST_MS);
      reader.begin();
      const before = threadTimes(pid);
      commandMs.push(await timeOf(port, slowCase.command));
      processorMs.push(timesSince(pid, before).eventLoop / 1000);
      await wait(WATCHED_AFTER_MS);
      getMs.push(...(await reader.end()));
    }
    measured.push({
      name: slowCase.name,
      commandMs: median(commandMs),
      processorMs: median(processorMs),
      p99Ms: quantile(getMs, 0.99),
      worstMs: quantile(getMs, 1),
    });
  }
  await reader.stop();
  client.close();
  return measured;
}

/**
 * Until the whole reply is here. It is not parsed, which would take longer than the command. A PING
 * behind the command ends it.
 */
async function timeOf(port: number, command: CommandWords): Promise<number> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  const beginMs = performance.now();
  let begin = "";
  let end = "";
  const answered = new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the server closed the connection")));
    socket.on("data", (chunk) => {
      begin ||= chunk.toString("latin1", 0, 100);
      end = (end + chunk.toString("latin1", Math.max(0, chunk.length - 7))).slice(-7);
      if (end === PING_REPLY) resolve();
    });
  });
  socket.write(encodeWords(command) + encodeWords(["PING"]), "latin1");
  await answered;
  const tookMs = performance.now() - beginMs;
  socket.removeAllListeners("close");
  socket.destroy();
  if (begin.startsWith("-")) throw new Error(`${command.slice(0, 2).join(" ")}: ${begin}`);
  return tookMs;
}

async function startReader(port: number) {
  const args = [READER, port, "others", GETS_PER_SECOND].map(String);
  const stdio = ["pipe", "pipe", "inherit"] as const;
  const child = ownChild(spawn(process.execPath, args, { stdio: [...stdio] }));
  const { stdin, stdout } = child;
  assert(stdin !== null && stdout !== null);
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    begin: () => {
      stdin.write("begin\n");
    },
    async end(): Promise<number[]> {
      stdin.write("end\n");
      const line = await lines.next();
      if (line.done === true) throw new Error("the reader ended");
      return JSON.parse(line.value);
    },
    stop: () => endChild(child),
  };
}

function printTable(ours: readonly Measured[], redis: readonly Measured[]): void {
  const title = (text: string): string => `${text}, ms: ours | redis |`;
  const titles = ["the command", "its CPU", "others' p99", "longest"].map(title);
  console.log(`| command         | ${titles.join(" ")}`);
  console.log(`| :-------------- |${" ---: | ---: |".repeat(titles.length)}`);
  const figures = ["commandMs", "processorMs", "p99Ms", "worstMs"] as const;
  for (const [index, mine] of ours.entries()) {
    const pairs = figures.map((figure, at) => {
      const width = titles[at].indexOf("|") - 1;
      const [left, right] = [mine, redis[index]].map((one) => one[figure].toFixed(1));
      return `${left.padStart(width)} | ${right.padStart(5)}`;
    });
    console.log(`| ${mine.name.padEnd(15)} | ${pairs.join(" | ")} |`);
  }
}
