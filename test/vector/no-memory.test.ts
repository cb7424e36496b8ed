/**
 * Without memory a vector is not taken, and the caller is told; nothing throws, and what was there
 * is found and can be removed. Told by a process whose address space is limited while it runs.
 */
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const source = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);

const program = (algorithm: string) => `
  import { execFileSync } from "node:child_process";
  import { readFileSync } from "node:fs";
  import { systemClock, systemTimers } from ${source("runtime/clock.ts")};
  import { createVectorEngine } from ${source("vector/vector-engine.ts")};
  const engine = createVectorEngine({ clock: systemClock, timers: systemTimers, threadCount: 1 });
  const index = engine.create({
    algorithm: "${algorithm}", type: "FLOAT32", dimensions: 2048, metric: "L2", m: 16,
    efConstruction: 50, efRuntime: 10, epsilon: 0.01, initialCapacity: 0, blockSize: 1024,
    neighborCodeBits: 512,
  });
  const vector = Buffer.alloc(8192);
  const fill = (id) => {
    vector.writeFloatLE(id, 0);
    return index.add(id, vector);
  };
  fill(0);
  const request = { query: vector, k: 1, efRuntime: 0, filter: null, timeoutMs: 0 };
  await index.nearest(request);
  const pages = Number(readFileSync("/proc/self/statm", "latin1").split(" ")[0]);
  const bytes = pages * 4096 + 100 * 1024 * 1024;
  execFileSync("prlimit", ["--pid", String(process.pid), "--as=" + bytes]);
  let count = 1;
  while (count < 100_000 && fill(count)) count += 1;
  const isTaken = fill(count);
  index.remove(1);
  index.seal();
  vector.writeFloatLE(1.75, 0);
  const found = await index.nearest(request);
  process.stdout.write([count > 100 && count < 100_000, isTaken, ...found.ids].join(" "));
  process.exit(0);`;

const hasPrlimit = spawnSync("prlimit", ["--version"]).status === 0;
test.skipIf(!hasPrlimit).each(["HNSW", "FLAT"])("%s", async (algorithm) => {
  const options = ["--input-type=module", "--eval", program(algorithm)];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  expect(stdout).toBe("true false 2");
});
