/**
 * `npm run bench -- <name> [flags]`: runs one bench; each prints its own `--help`.
 */
const benches: ReadonlyMap<string, { about: string; run(args: readonly string[]): Promise<void> }> =
  new Map([
    [
      "encryption",
      {
        about: "durable writes and starts of an encrypted folder beside a plain one",
        run: async (args: readonly string[]) =>
          (await import("./encryption/main.ts")).runEncryption(args),
      },
    ],
    [
      "kernel",
      {
        about: "the vector kernel beside its peers, without a server",
        run: async (args: readonly string[]) => (await import("./kernel/main.ts")).runKernel(args),
      },
    ],
    [
      "graph-load",
      {
        about: "a graph from its file in a snapshot, beside building it",
        run: async (args: readonly string[]) =>
          (await import("./graph-load/main.ts")).runGraphLoad(args),
      },
    ],
    [
      "ingest",
      {
        about: "documents with vectors until acknowledged, searchable, and in the graph",
        run: async (args: readonly string[]) => (await import("./ingest/main.ts")).runIngest(args),
      },
    ],
    [
      "memory",
      {
        about: "resident memory per vector, all included",
        run: async (args: readonly string[]) => (await import("./memory/main.ts")).runMemory(args),
      },
    ],
    [
      "memory-types",
      {
        about: "resident memory of every data type, beside redis-server on this machine",
        run: async (args: readonly string[]) =>
          (await import("./memory/types.ts")).runMemoryTypes(args),
      },
    ],
    [
      "recall",
      {
        about: "recall against queries per second, over the wire",
        run: async (args: readonly string[]) => (await import("./recall/main.ts")).runRecall(args),
      },
    ],
    [
      "recovery",
      {
        about: "starts with mixed data, from the log and from a snapshot",
        run: async (args: readonly string[]) =>
          (await import("./recovery/main.ts")).runRecovery(args),
      },
    ],
    [
      "search-cpu",
      {
        about: "processor time that the server takes for a search, beside the kernel's own",
        run: async (args: readonly string[]) =>
          (await import("./search-cpu/main.ts")).runSearchCpu(args),
      },
    ],
    [
      "slow-commands",
      {
        about: "what others wait while one client asks for a million elements, beside redis-server",
        run: async (args: readonly string[]) =>
          (await import("./slow-commands/main.ts")).runSlowCommands(args),
      },
    ],
    [
      "snapshot",
      {
        about: "what clients wait while a snapshot is made",
        run: async (args: readonly string[]) =>
          (await import("./snapshot/main.ts")).runSnapshot(args),
      },
    ],
    [
      "wire",
      {
        about: "commands per second and latency, beside redis-server on this machine",
        run: async (args: readonly string[]) => (await import("./wire/main.ts")).runWire(args),
      },
    ],
  ]);

const [name = "--help", ...args] = process.argv.slice(2);
const bench = benches.get(name);
if (bench !== undefined) {
  await bench.run(args);
} else {
  const lines = [...benches].map(([known, { about }]) => `  ${known.padEnd(15)}${about}`);
  const usage = `npm run bench -- <name> [flags]\n\n${lines.join("\n")}\n\n<name> --help explains it`;
  if (name === "--help") {
    console.log(usage);
  } else {
    console.error(`no bench is called '${name}'\n\n${usage}`);
    process.exitCode = 2;
  }
}
