/**
 * `npm run bench -- kernel`: the kernel beside hnswlib in one C++ program, which is built here.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const usage = `npm run bench -- kernel --dataset DIR [options]

Builds both indexes over the dataset's vectors in turns, then searches with one thread for several ef:
a table, and queries per second at equal recall. hnswlib is compiled for this processor.

  --dataset DIR          vectors.npy, queries.npy and neighbors.npy (datasets/README.md)
  --engines A,B          lodestone,hnswlib
  --threads N            that build (1)
  --repeat N             how often each is built and searched, in turns
  --m N, --ef-construction N, --sign-bits N, --batch N
                         parameters of the graph
  --ef 10,20,…           the ef to search with
  --spread D             the same vectors, spread over D dimensions by a rotation
  --limit N, --queries N parts of the set
  --json FILE            for each engine buildSeconds and curve: [{ ef, recall, queriesPerSecond }]

It needs make and g++.
`;

const folder = fileURLToPath(new URL(".", import.meta.url));
const out = fileURLToPath(new URL("../../node_modules/.cache/kernel-bench", import.meta.url));

export async function runKernel(args: readonly string[]): Promise<void> {
  if (args.includes("--help") || !args.includes("--dataset")) {
    console.log(usage);
    if (!args.includes("--help")) process.exitCode = 2;
    return;
  }
  const built = spawnSync("make", ["-s", "-C", folder, `OUT=${out}`, "bench"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (built.error !== undefined || built.status !== 0) {
    throw new Error(`the bench could not be built${built.error ? `: ${built.error.message}` : ""}`);
  }
  const paths = args.map((word, index) =>
    ["--dataset", "--json"].includes(args[index - 1] ?? "") ? resolve(word) : word,
  );
  const bench = spawn(`${out}/kernel-bench`, paths, { stdio: "inherit" });
  const [code] = (await once(bench, "exit")) as [number | null];
  process.exitCode = code ?? 1;
}
