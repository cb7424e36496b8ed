/**
 * The benches of data types run: a few commands and little data, beside a real redis-server. What
 * they measure is not judged here.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { findRequirement } from "../support/requirement.ts";

const MAIN = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));
const run = promisify(execFile);

async function bench(...args: string[]): Promise<string[]> {
  const { stdout } = await run(process.execPath, [MAIN, ...args]);
  return stdout.split("\n").filter((line) => line.startsWith("|"));
}

describe.skipIf(findRequirement("redis-server") === undefined)("benches of data types", () => {
  it("compare single commands, and those that wait for each other", async () => {
    const only = "LPUSH,SPOP,XACK,BLPOP_handoff,XREADGROUP+XACK";
    const sizes = ["--repetitions", "1", "--scale", "0.01", "--persistence", "memory"];
    const [, , ...rows] = await bench("wire", "--types", "--only", only, ...sizes);
    expect(rows).toHaveLength(8);
    for (const row of rows) expect(row).not.toContain("NaN");
  });

  it("run every slow command while others read", async () => {
    const [, , ...rows] = await bench("slow-commands", "--elements", "2000", "--repetitions", "1");
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) expect(row).not.toContain("NaN");
  });
});
