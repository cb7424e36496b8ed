/**
 * `npm run bench -- memory-types`: resident memory of the same collections in ours and in
 * redis-server, each in a process of its own, once the process rests; less what an empty server of
 * the kind takes that has run the same commands.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { BulkClient } from "../bulk-client.ts";
import { positiveInteger } from "../option-values.ts";
import { missingProgram } from "../wire/load.ts";
import { type BenchServer, cleanUpAtExit, startLodestone, startRedis } from "../wire/servers.ts";
import { commandsOf, type MemoryCase, type MemorySizes, memoryCases } from "./type-data.ts";

const usage = `npm run bench -- memory-types [options]

Resident memory per element and per key of every type, ours and redis-server, and their ratio
against its bar: 1.5 for small collections, 2.5 for large ones.
It needs redis-server on PATH (Debian: redis-server).

  --only TEXT      only data whose name contains TEXT ("sorted set", "10 x", "large")
  --parallel N     cases that are measured at the same time: most of it is waiting for rest (3)
  --quick          one small and one large size of each type: two minutes
  --json FILE      all figures
`;

/** So many that what a process takes for itself, and gives back late, does not count. */
const fullSizes: MemorySizes = {
  smallKeyCount: 300_000,
  smallElementCounts: [5, 10, 20, 100],
  elementCountMax: 3_000_000,
  largeElementCount: 1_000_000,
  elementBytes: [10, 40],
};
const quickSizes: MemorySizes = {
  ...fullSizes,
  smallElementCounts: [10],
  elementCountMax: 3_000_000,
  largeElementCount: 500_000,
  elementBytes: [10],
};
const POLL_MS = 1000;
/** Longer than ours takes to give back what its garbage collector frees in its own time. */
const STILL_POLLS = 19;
/** Resident memory stands still when it moves by less than this meanwhile. */
const STILL_SHARE = 0.002;
/** Enough for code to be compiled, and too few for a heap to grow. */
const WARM_UP_ELEMENTS = 2000;

type Peer = "ours" | "redis";

interface Figure {
  readonly name: string;
  readonly bytes: Readonly<Record<Peer, number>>;
  readonly ratio: number;
  readonly memoryCase: MemoryCase;
}

export async function runMemoryTypes(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      parallel: { type: "string", default: "3" },
      quick: { type: "boolean", default: false },
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
  const sizes = values.quick ? quickSizes : fullSizes;
  const cases = memoryCases(sizes).filter((memoryCase) => nameOf(memoryCase).includes(values.only));
  const [ours, redis] = await Promise.all([emptyBytes("ours", cases), emptyBytes("redis", cases)]);
  console.log(`empty: ours ${megabytes(ours)}, redis ${megabytes(redis)}\n`);
  console.log(
    "| data                          | ours, B/element | redis, B/element | ours, B/key | redis, B/key | ratio |    bar | met |",
  );
  console.log(
    "| :---------------------------- | --------------: | ---------------: | ----------: | -----------: | ----: | -----: | :-- |",
  );
  const figures = await inParallel(positiveInteger("parallel", values.parallel), cases, (one) =>
    measure(one, { ours, redis }),
  );
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
}

function nameOf({ kind, keyCount, elementCount, elementBytes }: MemoryCase): string {
  const length = elementBytes === 0 ? "" : `, ${elementBytes} bytes`;
  if (kind.isSingle === true) return `${kind.name}${length}`;
  if (keyCount === 1) return `large ${kind.name}${length}`;
  return `${kind.name}, ${elementCount} x${length === "" ? "" : length.slice(1)}`;
}

function start(peer: Peer): Promise<BenchServer> {
  return peer === "ours" ? startLodestone("memory") : startRedis("memory");
}

/** Of a server that has run each kind of command and was emptied again. */
async function emptyBytes(peer: Peer, cases: readonly MemoryCase[]): Promise<number> {
  const server = await start(peer);
  const client = await BulkClient.open(server.port);
  for (const memoryCase of cases) {
    const keyCount = Math.min(memoryCase.keyCount, WARM_UP_ELEMENTS / memoryCase.elementCount);
    const elementCount = Math.min(memoryCase.elementCount, WARM_UP_ELEMENTS);
    await client.load(commandsOf({ ...memoryCase, keyCount: Math.ceil(keyCount), elementCount }));
    await client.command("FLUSHALL");
  }
  const bytes = await residentAtRest(server.pid);
  client.close();
  await server.stop();
  return bytes;
}

async function measure(
  memoryCase: MemoryCase,
  empty: Readonly<Record<Peer, number>>,
): Promise<Figure> {
  const loaded = async (peer: Peer): Promise<number> => {
    const server = await start(peer);
    const client = await BulkClient.open(server.port);
    await client.load(commandsOf(memoryCase));
    const keyCount = await client.command("DBSIZE");
    if (keyCount !== memoryCase.keyCount) throw new Error(`${peer} holds ${keyCount} keys`);
    const bytes = (await residentAtRest(server.pid)) - empty[peer];
    client.close();
    await server.stop();
    return bytes;
  };
  const [ours, redis] = await Promise.all([loaded("ours"), loaded("redis")]);
  const figure = { name: nameOf(memoryCase), bytes: { ours, redis }, ratio: ours / redis };
  console.log(tableLine({ ...figure, memoryCase }));
  return { ...figure, memoryCase };
}

function tableLine({ name, bytes, ratio, memoryCase }: Figure): string {
  const { keyCount, elementCount, bar } = memoryCase;
  const perElement = (total: number): string => (total / keyCount / elementCount).toFixed(1);
  const perKey = (total: number): string => (total / keyCount).toFixed(0);
  const cells = [
    name.padEnd(29),
    perElement(bytes.ours).padStart(15),
    perElement(bytes.redis).padStart(16),
    perKey(bytes.ours).padStart(11),
    perKey(bytes.redis).padStart(12),
    ratio.toFixed(2).padStart(5),
    `<= ${bar}`.padStart(6),
    ratio <= bar ? "yes" : "no ",
  ];
  return `| ${cells.join(" | ")} |`;
}

async function residentAtRest(pid: number): Promise<number> {
  const recent: number[] = [];
  for (;;) {
    recent.push(residentBytes(pid));
    const window = recent.slice(-STILL_POLLS);
    const [least, most] = [Math.min(...window), Math.max(...window)];
    if (window.length === STILL_POLLS && most - least <= most * STILL_SHARE)
      return window.at(-1) ?? 0;
    await wait(POLL_MS);
  }
}

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

async function inParallel<Item, Result>(
  count: number,
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...items.entries()];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      results[next[0]] = await run(next[1]);
    }
  };
  await Promise.all(Array.from({ length: count }, lane));
  return results;
}
