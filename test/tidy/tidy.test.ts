/**
 * The house itself, held against its rules (`rules.ts`). `planted.test.ts` shows that each of them
 * can fail.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { describeViolations, readProject } from "./project.ts";
import { rules } from "./rules.ts";
import { summarizeSizes } from "./shape-rules.ts";

const project = readProject(join(dirname(fileURLToPath(import.meta.url)), "../.."));

describe("the house", () => {
  it.each(rules)("%s", (_sentence, rule) => {
    expect(describeViolations(rule(project))).toBe("");
  });

  it("keeps the median file, commands aside, between 60 and 150 lines", () => {
    const { fileCount, medianLines, largestLines, largestPath } = summarizeSizes(project);
    const largest = `the longest is ${largestPath} with ${largestLines}`;
    console.log(`src: ${fileCount} files beside commands, median ${medianLines} lines; ${largest}`);
    expect(medianLines).toBeGreaterThanOrEqual(60);
    expect(medianLines).toBeLessThanOrEqual(150);
  });
});
