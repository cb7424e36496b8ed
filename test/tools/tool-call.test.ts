/**
 * The words behind `npm run lodestone --`: read, and refused, before anything is touched.
 */
import { expect, it } from "vitest";
import { BadCall, numberOf, parseToolCall, ToolCall } from "../../src/tools/tool-call.ts";
import { tools } from "../../src/tools/tool-list.ts";

function callOf(...words: string[]): ToolCall {
  const parsed = parseToolCall(words);
  if (parsed instanceof ToolCall) return parsed;
  throw new Error(JSON.stringify(parsed));
}

function problemOf(...words: string[]): string {
  const parsed = parseToolCall(words);
  return "problem" in parsed ? parsed.problem : "none";
}

it("a call has a tool, operands, flags and values, in any order", () => {
  const call = callOf("import", "--replace", "f.rdb", "--dir=d", "--databases", "20");
  expect(call).toMatchObject({ tool: "import", operands: ["f.rdb"], folder: "d" });
  expect([call.has("--replace"), call.has("--progress")]).toEqual([true, false]);
  expect(numberOf(call, "--databases", 1, 100)).toBe(20);
  expect(numberOf(call, "--memory", 1, 100)).toBeUndefined();
});

it("what is wrong is named", () => {
  expect(problemOf("frob")).toContain("there is no tool frob");
  expect(problemOf("import", "--dir", "d")).toContain("import needs FILE.rdb");
  expect(problemOf("import", "f", "g", "--dir", "d")).toContain("import needs FILE.rdb");
  expect(problemOf("import", "f")).toContain("import needs --dir");
  expect(problemOf("import", "f", "--dir")).toContain("--dir needs a value");
  expect(problemOf("export", "f", "--dir", "d", "--replace")).toContain("--replace");
  expect(problemOf("import", "f", "--dir", "d", "--replace=yes")).toContain("takes no value");
  expect(problemOf("check", "d")).toContain("check needs only options");
  expect(problemOf("repair", "--dir", "d", "--yes")).toContain("repair needs --cut-tail");
  for (const number of ["0", "-1", "1e3", "x", "", "101", "1.5"]) {
    const call = callOf("check", "--dir", "d", "--memory", number);
    expect(() => numberOf(call, "--memory", 1, 100), number).toThrow(BadCall);
  }
});

it("every tool explains itself, with all its options and the exit codes", () => {
  for (const words of [[], ["--help"], ["help"]]) {
    const parsed = parseToolCall(words);
    for (const { name } of tools)
      expect(parsed).toMatchObject({ help: expect.stringContaining(name) });
  }
  for (const { name, options } of tools) {
    const parsed = parseToolCall([name, "--help"]);
    for (const option of [...options.map((each) => each.name), "Exit codes"]) {
      expect(parsed).toMatchObject({ help: expect.stringContaining(option) });
    }
  }
});
