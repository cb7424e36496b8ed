/**
 * All harnesses, one line each: who has one adds it here. `run` loads its module when it is called,
 * in a process of its own, so that what a module reads from the environment at its top is what this
 * run is to have. Without more in its environment it has the size that CI has time for.
 */
import type { HarnessReport } from "../support/harness-report.ts";

export interface Harness {
  /** As its report says it: "H2", or "H2 real" where one number covers several. */
  readonly name: string;
  readonly run: () => Promise<HarnessReport>;
  /** The environment of the numbers that a change is held to, where CI has no time for them. */
  readonly bar?: Readonly<Record<string, string>>;
  /** Of the large numbers (`test/README.md`). */
  readonly release: Readonly<Record<string, string>>;
}

export const harnesses: readonly Harness[] = [
  {
    name: "H1",
    run: async () => {
      const { KILLS, runKillHarness, seed } = await import("../crash/kill-harness.ts");
      return runKillHarness({ seed, killCount: KILLS });
    },
    release: { LODESTONE_KILLS: "2000" },
  },
  {
    name: "H1 keys",
    run: async () => {
      const { KEY_KILLS, runKeyRotationHarness, seed } = await import(
        "../crash/key-rotation-harness.ts"
      );
      return runKeyRotationHarness({ seed, killCount: KEY_KILLS });
    },
    release: { LODESTONE_KEY_KILLS: "500" },
  },
  {
    name: "H2",
    run: async () => {
      const { runDiskFaults, seed, sizes } = await import("../disk-faults/disk-harness.ts");
      return runDiskFaults(seed, sizes);
    },
    release: {
      LODESTONE_DISK_CALLS: "10000",
      LODESTONE_DISK_BITS: "8",
      LODESTONE_DISK_SEEDS: "60",
    },
  },
  {
    name: "H2 real",
    run: async () => (await import("../disk-faults/real-harness.ts")).runRealFaults(),
    release: { LODESTONE_DISK_ROUNDS: "20" },
  },
  {
    name: "H2 full",
    run: async () => (await import("../disk-faults/real-harness.ts")).runFullDisk(),
    release: {},
  },
  {
    name: "H12",
    run: async () => {
      const { DOCUMENTS, LIVES, runSearchTruthHarness, seed } = await import(
        "../crash/search-truth-harness.ts"
      );
      return runSearchTruthHarness({ seed, lives: LIVES, documents: DOCUMENTS });
    },
    bar: { LODESTONE_TRUTH_LIVES: "8" },
    release: { LODESTONE_TRUTH_LIVES: "200", LODESTONE_TRUTH_DOCUMENTS: "100000" },
  },
  {
    name: "H13",
    run: async () => {
      const { RELIABILITY_SECONDS, runSoakHarness, seed } = await import(
        "../crash/soak-harness.ts"
      );
      return runSoakHarness({ seed, seconds: RELIABILITY_SECONDS });
    },
    release: { LODESTONE_SOAK_SECONDS: "28800" },
  },
  {
    name: "H3",
    run: async () => (await import("../simulation/simulation-harness.ts")).simulateSeeds(),
    bar: { LODESTONE_SIMULATION_SEEDS: "500" },
    release: { LODESTONE_SIMULATION_SEEDS: "100000" },
  },
  {
    name: "H4",
    run: async () => (await import("../simulation/planted-bugs-harness.ts")).findPlantedBugs(),
    release: {},
  },
  {
    name: "H5",
    run: async () => (await import("../linearizability/histories-harness.ts")).checkHistories(),
    release: { LODESTONE_HISTORIES: "5000" },
  },
  {
    name: "H5 etcd",
    run: async () => (await import("../linearizability/etcd-harness.ts")).compareWithPorcupine(),
    release: {},
  },
  {
    name: "H6 decoder",
    run: async () => (await import("../fuzz/decoder-harness.ts")).fuzzDecoder(),
    release: { LODESTONE_FUZZ_FRAMES: "500000000" },
  },
  {
    name: "H6 server",
    run: async () => (await import("../fuzz/protocol-harness.ts")).fuzzServer(),
    release: { LODESTONE_FUZZ_SERVER_FRAMES: "20000000" },
  },
  {
    name: "H7 restore",
    run: async () => (await import("../fuzz/payload-harness.ts")).fuzzPayloads(),
    bar: { LODESTONE_CORRUPT_PAYLOADS: "30000" },
    release: { LODESTONE_CORRUPT_PAYLOADS: "300000" },
  },
  {
    name: "H7 record",
    run: async () => (await import("../fuzz/record-harness.ts")).fuzzRecords(),
    bar: { LODESTONE_CORRUPT_RECORDS: "25000" },
    release: { LODESTONE_CORRUPT_RECORDS: "250000" },
  },
  {
    name: "H7 log",
    run: async () => (await import("../fuzz/log-folder-harness.ts")).fuzzLogFolders(),
    bar: { LODESTONE_CORRUPT_FOLDERS: "2500" },
    release: { LODESTONE_CORRUPT_FOLDERS: "25000" },
  },
  {
    name: "H7 sealed",
    run: async () => (await import("../fuzz/sealed-folder-harness.ts")).fuzzSealedFolders(),
    bar: { LODESTONE_CORRUPT_SEALED: "1500" },
    release: { LODESTONE_CORRUPT_SEALED: "15000" },
  },
  {
    name: "H7 snapshot",
    run: async () => (await import("../fuzz/snapshot-harness.ts")).fuzzSnapshots(),
    bar: { LODESTONE_CORRUPT_SNAPSHOTS: "3000" },
    release: { LODESTONE_CORRUPT_SNAPSHOTS: "30000" },
  },
  {
    name: "H7 graph",
    run: async () => (await import("../fuzz/graph-file-harness.ts")).fuzzGraphFiles(),
    bar: { LODESTONE_CORRUPT_GRAPHS: "600" },
    release: { LODESTONE_CORRUPT_GRAPHS: "6000" },
  },
  {
    name: "H7 rdb",
    run: async () => (await import("../fuzz/rdb-file-harness.ts")).fuzzRdbFiles(),
    bar: { LODESTONE_CORRUPT_FILES: "15000" },
    release: { LODESTONE_CORRUPT_FILES: "150000" },
  },
  {
    name: "H8",
    run: async () => (await import("../compat/redis-differential-harness.ts")).compareWithRedis(),
    bar: { LODESTONE_DIFFERENTIAL_COMMANDS: "200000" },
    release: { LODESTONE_DIFFERENTIAL_COMMANDS: "50000000" },
  },
  {
    name: "H14",
    run: async () => (await import("../golden/golden-harness.ts")).loadGoldenFiles(),
    release: {},
  },
];
