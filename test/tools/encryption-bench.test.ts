/**
 * The bench of encryption runs: a few requests and little data. What it measures is not judged.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { findRequirement } from "../support/requirement.ts";

const MAIN = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));
const run = promisify(execFile);

describe.skipIf(findRequirement("redis-server") === undefined)("the bench of encryption", () => {
  it("compares writes and starts, and says how long sealing holds the loop", async () => {
    const args = ["encryption", "--repetitions", "1", "--scale", "0.01"];
    const { stdout } = await run(process.execPath, [MAIN, ...args]);
    const lines = stdout.trim().split("\n");
    expect(lines.filter((line) => line.startsWith("|"))).toHaveLength(11);
    expect(lines.filter((line) => line.startsWith("sealing"))).toHaveLength(4);
    expect(stdout).not.toContain("NaN");
  });
});
