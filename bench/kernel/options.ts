/**
 * What can be said on the command line of `npm run bench -- kernel`, checked here for all commands:
 * the program that runs them takes the words as they come out.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const commands = [
  "compare",
  "recall",
  "threads",
  "churn",
  "growth",
  "latency",
  "filters",
  "dataset",
] as const;

export const usage = `npm run bench -- kernel [COMMAND] --dataset DIR [options]

The vector kernel without a server, in a C++ program that is built here (it needs make and g++).
Each figure is a median of repetitions, each ratio comes from one run, in turns.

  compare (default)      queries/s at equal recall with one thread, and building, beside the peers;
                         hnswlib is compiled for this processor
  recall                 recall@10 at ef 10, 128, 400 and between, beside hnswlib
  threads                --threads N against one: building and searching
  churn                  everything replaced --rounds times against a fresh build
  growth                 queries/s at recall 0.95 and the build rate by number of vectors
  latency                p99 of searches while vectors come in at full speed, against idle
  filters                searches under filters, beside hnswlib and a plain scan: random ones,
                         near and far from the query, and the dataset's own
  dataset                makes a synthetic dataset and prints its folder

Vectors, one of:
  --dataset DIR          vectors.npy, queries.npy and neighbors.npy (datasets/README.md)
  --synthetic clustered  made here, with --count N (100000), --dimensions D (384), --clusters N,
                         --seed S (1); kept with their exact neighbors in --cache DIR
and of either:
  --rotate-to D          the same distances in D dimensions, by a random rotation
  --limit N, --queries N parts of the set

Measuring:
  --repeat N             how often everything is measured, in turns (5)
  --build-repeat N       the same for building, where that is measured (as --repeat)
  --threads N            that build (1; threads, churn and latency: 2)
  --ef 10,20,…           the ef to search with
  --m N, --ef-construction N, --sign-bits N, --batch N
                         parameters of the graph
  --json FILE            the figures; for each engine buildSeconds and
                         curve: [{ ef, recall, queriesPerSecond }]

compare:
  --engines A,B          lodestone,hnswlib
  --symphonyqg           and SymphonyQG: a Python process with the package rabitqlib
  --python PATH          (python3)
churn:
  --rounds N (10), --tail N (a fiftieth): the writer waits while more wait for the graph
growth:
  --sizes 10000,100000,500000
latency:
  --tail N (1024), --searches N (5000): idle ones in a repetition
filters:
  --queries N (200), --engines lodestone leaves hnswlib out
`;

const numbers = [
  "count",
  "dimensions",
  "clusters",
  "seed",
  "rotate-to",
  "limit",
  "queries",
  "repeat",
  "build-repeat",
  "threads",
  "m",
  "ef-construction",
  "sign-bits",
  "batch",
  "rounds",
  "tail",
  "searches",
] as const;
const lists = ["ef", "sizes"] as const;
const paths = ["dataset", "cache", "json"] as const;
const threadedCommands: readonly string[] = ["threads", "churn", "latency"];
const engineNames: readonly string[] = ["lodestone", "hnswlib", "symphonyqg"];

const defaultCache = fileURLToPath(new URL("../../node_modules/.cache/datasets", import.meta.url));

/** The words of the C++ program: a command, then `--name value` each. */
export function kernelWords(args: readonly string[]): string[] {
  const text = { type: "string" } as const;
  const names = [...numbers, ...lists, ...paths, "synthetic", "engines", "python"];
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...Object.fromEntries(names.map((name) => [name, text])),
      symphonyqg: { type: "boolean", default: false },
    },
  });
  const [command = "compare", ...rest] = positionals;
  if (!commands.some((known) => known === command) || rest.length > 0) {
    throw new Error(`'${positionals.join(" ")}' is no command\n\n${usage}`);
  }
  const given = new Map<string, string>();
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "string") given.set(name, checked(name, value));
  }
  if (given.has("dataset") === given.has("synthetic")) {
    throw new Error(`either --dataset or --synthetic\n\n${usage}`);
  }
  if (!given.has("cache")) given.set("cache", defaultCache);
  if (!given.has("threads") && threadedCommands.includes(command)) given.set("threads", "2");
  if (values["symphonyqg"] === true) {
    given.set("engines", `${given.get("engines") ?? "lodestone,hnswlib"},symphonyqg`);
  }
  return [command, ...[...given].flatMap(([name, value]) => [`--${name}`, value])];
}

function checked(name: string, value: string): string {
  const isOneOf = (list: readonly string[]) => list.includes(name);
  const isNumber = (text: string) => /^\d{1,9}$/.test(text);
  const parts = value.split(",");
  if (isOneOf(numbers) && !isNumber(value)) throw new Error(`--${name} ${value}: not a number`);
  if (isOneOf(lists) && !parts.every(isNumber)) throw new Error(`--${name} ${value}: not numbers`);
  if (name === "synthetic" && value !== "clustered") {
    throw new Error(`--synthetic ${value}: only clustered is made`);
  }
  if (name === "engines") {
    const unknown = parts.find((part) => !engineNames.includes(part));
    if (unknown !== undefined) throw new Error(`--engines: no engine is called '${unknown}'`);
  }
  return isOneOf(paths) ? resolve(value) : value;
}
