/**
 * Projects by kind: `unit` (no sockets), `wire` (a real server over a real socket), `tidy` (the
 * house itself), `package` (packed, installed, run), `scenarios` (what programs do, over real
 * clients), `compat` (against real peers, skipped with a word where they are missing), `native`
 * (C++, built by the test), `reliability` (fuzzing, files of older versions), `crash`,
 * `linearizability` (both kill real servers).
 */
import { defineConfig } from "vitest/config";

const project = (name: string, include: string[], testTimeout: number) => ({
  test: { name, include, testTimeout, hookTimeout: 120_000, root: "." },
});

export default defineConfig({
  test: {
    root: ".",
    projects: [
      project("tidy", ["test/tidy/**/*.test.ts"], 60_000),
      project(
        "unit",
        [
          "base",
          "runtime",
          "resp",
          "data",
          "vector",
          "keyspace",
          "rdb",
          "log",
          "keys",
          "search",
          "engine",
          "snapshot",
          "node",
        ].map((room) => `test/${room}/**/*.test.ts`),
        60_000,
      ),
      project("wire", ["test/{commands,server,clients,limits,tools}/**/*.test.ts"], 120_000),
      project("package", ["test/package/**/*.test.ts"], 120_000),
      project("scenarios", ["test/scenarios/**/*.test.ts"], 300_000),
      project("compat", ["test/compat/**/*.test.ts"], 600_000),
      project("native", ["test/native/**/*.test.ts"], 900_000),
      project("simulation", ["test/simulation/**/*.test.ts"], 900_000),
      project("crash", ["test/crash/**/*.test.ts"], 900_000),
      project("reliability", ["test/{reliability,fuzz,golden}/**/*.test.ts"], 900_000),
      project("disk-faults", ["test/disk-faults/**/*.test.ts"], 900_000),
      project("linearizability", ["test/linearizability/**/*.test.ts"], 900_000),
    ],
  },
});
