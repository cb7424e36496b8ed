/**
 * `npm run bench -- encryption`: a server that encrypts its folder beside one that does not, in the
 * same run, in turns: durable SETs, and the time until everything is back.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { AesGcmCipher, SEAL_OVERHEAD_BYTES } from "../../src/runtime/cipher.ts";
import { BulkClient } from "../bulk-client.ts";
import { positive, positiveInteger } from "../option-values.ts";
import { freePort, type ServerProcess, startServerProcess } from "../server-process.ts";
import { median, quantile } from "../statistics.ts";
import { measureCommand, missingProgram } from "../wire/load.ts";
import { cleanUpAtExit } from "../wire/servers.ts";

const usage = `npm run bench -- encryption [options]

Two servers of ours, one with --master-key-file, do each piece of work in turns. The medians' ratio
is encrypted to plain. It needs redis-benchmark on PATH (Debian: redis-tools), and
Linux. Processor time is what a busy machine blurs least.

  --repetitions N    how often each is measured (5)
  --scale X          times the number of requests, and the size of what is read back (1)
`;

const KEY_COUNT = 100_000;
const MIB = 1024 * 1024;
const KEYS_BYTES = 100 * MIB;
const TICKS_PER_SECOND = 100;
const SEALED_ROUNDS = 200;
const RECOVERED_BYTES = 256 * MIB;
const RECOVERED_VALUE_BYTES = 1000;

const works = [
  { name: "SET 64 B, 50 clients", valueBytes: 64, pipeline: 1, requests: 100_000 },
  { name: "SET 64 B, 50 x 16", valueBytes: 64, pipeline: 16, requests: 400_000 },
  { name: "SET 10 kB, 50 clients", valueBytes: 10_000, pipeline: 1, requests: 30_000 },
  { name: "SET 100 kB, 50 clients", valueBytes: 100_000, pipeline: 1, requests: 3_000 },
] as const;

interface Side {
  readonly folder: string;
  readonly flags: readonly string[];
  server: ServerProcess | undefined;
}

export async function runEncryption(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      repetitions: { type: "string", default: "5" },
      scale: { type: "string", default: "1" },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const missing = missingProgram();
  if (missing !== undefined) throw new Error(missing);
  const repetitions = positiveInteger("repetitions", values.repetitions);
  const scale = positive("scale", values.scale);
  cleanUpAtExit();
  const temporary = mkdtempSync(join(tmpdir(), "lodestone-encryption-"));
  const keyFile = join(temporary, "key");
  writeFileSync(keyFile, randomBytes(32), { mode: 0o600 });
  const plain = { folder: join(temporary, "plain"), flags: [], server: undefined };
  const sealed = {
    folder: join(temporary, "sealed"),
    flags: ["--master-key-file", keyFile],
    server: undefined,
  };
  const sides: readonly Side[] = [plain, sealed];
  try {
    console.log("| work                              |     plain | encrypted | ratio |");
    console.log("| :-------------------------------- | --------: | --------: | ----: |");
    await measureSets(sides, repetitions, scale);
    await measureRecovery(sides, repetitions, scale);
    measureSlices();
  } finally {
    for (const side of sides) await side.server?.kill();
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function start(side: Side): Promise<ServerProcess> {
  const port = await freePort();
  const server = startServerProcess({ folder: side.folder, port, flags: side.flags });
  side.server = server;
  await server.whenReady;
  return server;
}

async function measureSets(
  sides: readonly Side[],
  repetitions: number,
  scale: number,
): Promise<void> {
  const servers = await Promise.all(sides.map(start));
  for (const { name, valueBytes, pipeline, requests } of works) {
    const words = ["SET", "key:__rand_int__", "x".repeat(valueBytes)];
    const range = Math.min(KEY_COUNT, Math.ceil(KEYS_BYTES / valueBytes));
    const load = { pipeline, requests: Math.ceil(requests * scale), range };
    const rates: number[][] = sides.map(() => []);
    const processorTimes: number[][] = sides.map(() => []);
    for (let repetition = 0; repetition <= repetitions; repetition += 1) {
      for (const [index, { port, pid }] of servers.entries()) {
        const before = processorSeconds(pid);
        const { requestsPerSecond } = await measureCommand(words, port, load);
        // The first turn is for both to warm up.
        if (repetition === 0) continue;
        rates[index].push(requestsPerSecond);
        processorTimes[index].push(((processorSeconds(pid) - before) / load.requests) * 1e6);
      }
    }
    row(`${name}, a second`, rates.map(median));
    row("  processor time, us", processorTimes.map(median));
  }
  for (const server of servers) await server.stop();
}

/** What the process has used on all its threads. */
function processorSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** From the start of the process until it answers, with the same keys in both folders. */
async function measureRecovery(
  sides: readonly Side[],
  repetitions: number,
  scale: number,
): Promise<void> {
  const count = Math.ceil((RECOVERED_BYTES * scale) / RECOVERED_VALUE_BYTES);
  for (const side of sides) {
    rmSync(side.folder, { recursive: true });
    const server = await start(side);
    const client = await BulkClient.open(server.port);
    const value = "v".repeat(RECOVERED_VALUE_BYTES);
    await client.load(sets(count, value));
    client.close();
    await server.stop();
  }
  const times: number[][] = sides.map(() => []);
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (const [index, side] of sides.entries()) {
      const startedAt = performance.now();
      const server = await start(side);
      times[index].push((performance.now() - startedAt) / 1000);
      await server.kill();
    }
  }
  row(`start with ${Math.round((RECOVERED_BYTES * scale) / MIB)} MiB, seconds`, times.map(median));
}

function* sets(count: number, value: string): Generator<readonly string[]> {
  for (let number = 0; number < count; number += 1) yield ["SET", `key:${number}`, value];
}

/** What the event loop is held for in one turn while a record is sealed: nine turns in ten less. */
function measureSlices(): void {
  const cipher = new AesGcmCipher([{ id: 1, secret: randomBytes(32) }], 1, randomBytes);
  const context = randomBytes(88);
  for (const sizeBytes of [1024, 64 * 1024, 512 * 1024, 8 * MIB]) {
    const holds: number[] = [];
    const room = Buffer.alloc(sizeBytes + SEAL_OVERHEAD_BYTES, 1);
    for (let round = 0; round < SEALED_ROUNDS; round += 1) {
      const slices = cipher.sealInPlace(room, context);
      for (let isDone = false; !isDone; ) {
        const startedAt = performance.now();
        isDone = slices.next().done === true;
        holds.push(performance.now() - startedAt);
      }
    }
    const size = sizeBytes < MIB ? `${sizeBytes / 1024} KiB` : `${sizeBytes / MIB} MiB`;
    console.log(`sealing ${size} holds the event loop for ${quantile(holds, 0.9).toFixed(3)} ms`);
  }
}

function row(name: string, [plain, sealed]: readonly number[]): void {
  const digits = plain < 100 ? 2 : 0;
  const cells = [plain, sealed].map((figure) => figure.toFixed(digits).padStart(9));
  console.log(`| ${name.padEnd(33)} | ${cells.join(" | ")} | ${(sealed / plain).toFixed(2)}x |`);
}
