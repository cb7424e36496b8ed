/**
 * The bound of V8's young generation, in a process of its own: flags are the whole process's.
 */
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

const MIB = 1024 * 1024;
const source = new URL("../../src/runtime/young-generation.ts", import.meta.url).href;

/** Bytes of the young generation after much was allocated that stays. */
function youngBytes(isBounded: boolean): number {
  const script = `
    import { getHeapSpaceStatistics } from "node:v8";
    import { boundYoungGeneration } from "${source}";
    if (${isBounded}) boundYoungGeneration();
    const kept = [];
    for (let turn = 0; turn < 400; turn += 1) {
      for (let at = 0; at < 2000; at += 1) kept.push({ text: "value " + turn + at, at });
      await new Promise((resolve) => setImmediate(resolve));
    }
    const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
    console.log(kept.length === 800_000 ? young.space_size : 0);
  `;
  const flags = ["--max-semi-space-size=64", "--input-type=module", "-e", script];
  return Number(execFileSync(process.execPath, flags, { encoding: "utf8" }));
}

it("stays within two halves of 16 MB", () => {
  expect(youngBytes(true)).toBeLessThanOrEqual(32 * MIB);
  expect(youngBytes(false)).toBeGreaterThan(32 * MIB);
});
