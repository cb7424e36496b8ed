/**
 * `npm run bench -- search-cpu`: what a search costs the server beside the kernel's own work.
 *
 * Processor time of all of the server's threads (`thread-times.ts`), less that of the kernel's
 * threads that search, by the number of searches; some connections with one search each under way.
 * Scenarios take turns, and medians are shown, so that a noisy moment of the machine hits all.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Dataset, openDataset } from "../dataset/dataset.ts";
import { positive, positiveInteger } from "../option-values.ts";
import { Connection, encodeCommand } from "../recall/connection.ts";
import { load, whenIndexed } from "../recall/measure.ts";
import { filtersFor, INDEX, K, readCorpus, rowBytes } from "../recall/workload.ts";
import { freePort, startServerProcess } from "../server-process.ts";
import { median } from "../statistics.ts";
import { Generator } from "./generator.ts";
import { type ThreadTimes, threadTimes, timesSince } from "./thread-times.ts";

export const usage = `npm run bench -- search-cpu --dataset DIR [options]

The server's processor time for a KNN ${K} search over the wire, less the kernel's own for the same
searches, in microseconds. Linux only.

  --dataset DIR    a dataset folder, or an ann-benchmarks .hdf5 file
  --dir DIR        the server's folder; data that is there already is used
  --limit N        only the first N documents
  --clients N      connections, each with one search under way (16)
  --queries N      how many of the dataset's queries to use (1000)
  --seconds N      how long each measurement lasts (2)
  --rounds N       measurements of each scenario (5)
  --only TEXT      only scenarios whose names have this
  --json FILE      all figures
`;

const HOST = "127.0.0.1";
/** Different ranges, more than anything would keep. */
const RANGES = 997;

interface Scenario {
  readonly name: string;
  readonly commands: readonly Buffer[];
  /** How every reply begins. */
  readonly expected: string;
}

interface Figures extends ThreadTimes {
  readonly scenario: string;
  readonly searchesPerSecond: number;
  /** All threads but the kernel's. */
  readonly besideKernel: number;
}

export async function runSearchCpu(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) {
    console.log(usage);
    return;
  }
  const { values } = parseArgs({
    args: [...args],
    options: {
      dataset: { type: "string" },
      dir: { type: "string" },
      limit: { type: "string" },
      clients: { type: "string", default: "16" },
      queries: { type: "string", default: "1000" },
      seconds: { type: "string", default: "2" },
      rounds: { type: "string", default: "5" },
      only: { type: "string", default: "" },
      json: { type: "string" },
    },
  });
  if (values.dataset === undefined) throw new Error(`--dataset is missing\n\n${usage}`);
  const limit = values.limit === undefined ? {} : { limit: positiveInteger("limit", values.limit) };
  const dataset = await openDataset(values.dataset, limit);
  const folder = values.dir ?? mkdtempSync(join(tmpdir(), "lodestone-search-cpu-"));
  const server = startServerProcess({ folder, port: await freePort() });
  try {
    await server.whenReady;
    await fill(server.port, dataset);
    const scenarios = makeScenarios(dataset, positiveInteger("queries", values.queries)).filter(
      ({ name }) => name.includes(values.only),
    );
    const generator = await Generator.open(
      HOST,
      server.port,
      positiveInteger("clients", values.clients),
    );
    const measured: Figures[] = [];
    // The first round is for the compilers.
    for (let round = 0; round <= positiveInteger("rounds", values.rounds); round += 1) {
      for (const scenario of scenarios) {
        const figures = await measure(
          server.pid,
          generator,
          scenario,
          positive("seconds", values.seconds),
        );
        if (round > 0) measured.push(figures);
      }
    }
    generator.close();
    print(scenarios, measured);
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(measured)}\n`);
  } finally {
    await server.stop();
    if (values.dir === undefined) rmSync(folder, { recursive: true, force: true });
    dataset.close();
  }
}

async function fill(port: number, dataset: Dataset): Promise<void> {
  const connection = await Connection.open(HOST, port);
  const target = { name: "lodestone", host: HOST, port, stop: async () => {} };
  const info = await connection.command("FT.INFO", INDEX).catch(() => undefined);
  if (info === undefined) {
    await load(target, readCorpus(dataset), { m: 16, efConstruction: 200 });
  }
  await whenIndexed(connection, dataset.vectorCount);
  connection.close();
}

function makeScenarios(dataset: Dataset, queryCount: number): Scenario[] {
  const count = Math.min(queryCount, dataset.queryCount);
  const queries = dataset.queries(0, count);
  const filters = filtersFor(readCorpus(dataset).attributes);
  const make = (name: string, filterOf: (place: number) => string, content: readonly string[]) => {
    const commands = Array.from({ length: Math.max(count, RANGES) }, (_, place) =>
      encodeCommand([
        ...["FT.SEARCH", INDEX, `${filterOf(place)}=>[KNN ${K} @vector $v AS d]`],
        ...["PARAMS", "2", "v", rowBytes(queries, place % count, dataset.dimensions)],
        ...content,
        ...["DIALECT", "2"],
      ]),
    );
    const isBare = content[0] === "NOCONTENT";
    return { name, commands, expected: `*${1 + (isBare ? 1 : 2) * K}\r\n:${K}\r\n` };
  };
  const bare = ["NOCONTENT"];
  const scenarios = [
    make("NOCONTENT", () => "*", bare),
    make("RETURN 2", () => "*", ["RETURN", "2", "source", "d"]),
  ];
  for (const { name, text } of filters) {
    if (/^(tag|year) /.test(name)) scenarios.push(make(name, () => text, bare));
  }
  const another = (place: number) =>
    `(@bucket:[${place % 800} ${(place % 800) + 100 + place / 1e6}])`;
  scenarios.push(make("other ranges", another, bare));
  return scenarios;
}

async function measure(
  pid: number,
  generator: Generator,
  scenario: Scenario,
  seconds: number,
): Promise<Figures> {
  const before = threadTimes(pid);
  const result = await generator.run(scenario.commands, scenario.expected, seconds);
  const times = timesSince(pid, before);
  const each = (microseconds: number) => microseconds / result.searchCount;
  return {
    scenario: scenario.name,
    searchesPerSecond: result.searchCount / result.seconds,
    kernel: each(times.kernel),
    build: each(times.build),
    eventLoop: each(times.eventLoop),
    rest: each(times.rest),
    besideKernel: each(times.eventLoop + times.build + times.rest),
  };
}

function print(scenarios: readonly Scenario[], measured: readonly Figures[]): void {
  const columns = ["kernel", "eventLoop", "build", "rest", "besideKernel"] as const;
  const head = ["searches/s", ...columns].map((name) => name.padStart(13)).join("");
  console.log(`${"".padEnd(16)}${head}`);
  for (const { name } of scenarios) {
    const own = measured.filter(({ scenario }) => scenario === name);
    const cells = [
      median(own.map(({ searchesPerSecond }) => searchesPerSecond)).toFixed(0),
      ...columns.map((column) => median(own.map((figures) => figures[column])).toFixed(1)),
    ];
    console.log(`${name.padEnd(16)}${cells.map((cell) => cell.padStart(13)).join("")}`);
  }
}

if (import.meta.main) await runSearchCpu(process.argv.slice(2));
