/**
 * Planted violations: small projects that each break one rule, and the message that must come. A
 * rule that finds nothing here would find nothing in the house either.
 */
import { describe, expect, it } from "vitest";
import { banRule } from "./ban-rules.ts";
import {
  commandRule,
  failpointRule,
  limitRule,
  namedFileRule,
  pageRule,
  roomTableRule,
  scriptRule,
  testFolderRule,
} from "./house-rules.ts";
import { barrelRule, cycleRule, roomRule } from "./import-rules.ts";
import { describeViolations, makeProject, type Rule } from "./project.ts";
import { roomTable, roomTableEnd, roomTableStart } from "./rooms.ts";
import { headerRule, nameRule, sizeRule } from "./shape-rules.ts";

function judge(rule: Rule, files: Readonly<Record<string, string>>): string {
  return describeViolations(rule(makeProject(files)));
}

/** One file with one piece of code, judged by one rule. */
const inFile = (rule: Rule, path: string, text: string) => judge(rule, { [path]: text });

describe("the room table", () => {
  it.each([
    ["src/log/a.ts", 'import "../engine/b.ts";', "log must not import src/engine/b.ts"],
    ["src/search/a.ts", 'import type { A } from "../keyspace/keyspace.ts";', "search must not"],
    ["src/commands/a/b.ts", 'import { a } from "../../resp/encoder.ts";', "commands must not"],
    ["src/base/a.ts", 'const a = import("../log/b.ts");', "base must not import src/log/b.ts"],
    ["src/server/a.ts", 'import net from "node:net";', "node:net is opened only by src/runtime"],
    ["src/log/a.ts", 'import { readFileSync } from "fs";', "fs is opened only by src/runtime"],
    ["src/log/a.ts", 'import { pino } from "pino";', "the package pino is not for log"],
    ["src/log/a.ts", 'import { a } from "../../test/b.ts";', "src does not import test/b.ts"],
    ["src/extra/a.ts", "", '"extra" is not a room of the table'],
  ])("%s with %s", (path, text, message) => {
    expect(inFile(roomRule, path, text)).toContain(message);
  });

  it("lets through what it allows, also a part of a room", () => {
    const text = [
      'import type { Effect } from "../keyspace/effect.ts";',
      'import { encode } from "../keyspace/effect-codec.ts";',
      'import { crc32c } from "../base/crc32c.ts";',
      'import { other } from "./other.ts";',
      'const words = "import net from node:net";',
    ].join("\n");
    expect(inFile(roomRule, "src/log/a.ts", text)).toBe("");
    expect(inFile(roomRule, "src/runtime/a.ts", 'import net from "node:net";')).toBe("");
  });
});

describe("imports", () => {
  it("finds barrels", () => {
    const barrel = 'export { a } from "./a.ts";\nexport * from "./b.ts";';
    const found = inFile(barrelRule, "src/log/index.ts", barrel);
    expect(found).toContain("index.ts is a barrel's name");
    expect(found).toContain(":1 hands on ./a.ts (a barrel)");
    expect(found).toContain(":2 hands on ./b.ts (a barrel)");
    expect(inFile(barrelRule, "src/log/a.ts", 'import "./b";')).toContain("does not end in .ts");
    expect(inFile(barrelRule, "src/log/a.ts", 'export const from = "a";')).toBe("");
  });

  it("finds cycles of values, and lets types go round", () => {
    const files = {
      "src/a/one.ts": 'import { two } from "../b/two.ts";',
      "src/b/two.ts": 'import { three } from "./three.ts";',
      "src/b/three.ts": 'import { one, type One } from "../a/one.ts";',
    };
    const cycle = "src/a/one.ts → src/b/two.ts → src/b/three.ts → src/a/one.ts";
    expect(judge(cycleRule, files)).toContain(`import cycle: ${cycle}`);
    const erased = { ...files, "src/b/three.ts": 'import { type One } from "../a/one.ts";' };
    expect(judge(cycleRule, erased)).toBe("");
    const typed = { ...files, "src/b/three.ts": 'import type { One } from "../a/one.ts";' };
    expect(judge(cycleRule, typed)).toBe("");
  });
});

describe("shape", () => {
  it("finds a missing, an empty and a long header", () => {
    const missing = "does not open with a header";
    expect(inFile(headerRule, "src/a.ts", "const a = 1;")).toContain(missing);
    expect(inFile(headerRule, "src/a.ts", "/** */\nconst a = 1;")).toContain(missing);
    const header = (count: number) => `/**\n${" * Why it is so.\n".repeat(count)} */\n`;
    expect(inFile(headerRule, "src/a.ts", header(13))).toContain("its header has 13 lines");
    expect(inFile(headerRule, "src/a.ts", header(12))).toBe("");
  });

  it("finds long files, lines and functions", () => {
    const long = "const a = 1;\n".repeat(601);
    expect(inFile(sizeRule, "src/a.ts", long)).toContain("the file has 601 lines, at most 600");
    const wide = `const a = [${"1, ".repeat(40)}];`;
    expect(inFile(sizeRule, "src/a.ts", wide)).toContain("the line has 133 columns, at most 100");
    const comment = `// \`a\` ${"word ".repeat(20)} \`b\``;
    expect(inFile(sizeRule, "src/a.ts", comment)).toContain("the line has");
    expect(inFile(sizeRule, "src/a.ts", `const a = "${"word ".repeat(20)}";`)).toBe("");
  });

  it.each([
    ["function a(): void {", "}"],
    ["const a = { run: (b: number): { readonly c: number } => {", "} };"],
    ["class A {\n  async method<T>(a: T = {}): Promise<T | undefined> {", "  }\n}"],
    ["const a = async () => {", "};"],
    ["const a = b.map((c) => {", "});"],
    ["function a(value: unknown): value is string {", "}"],
  ])("measures %s", (start, end) => {
    const body = (count: number) => `${start}\n${"  call();\n".repeat(count)}${end}\n`;
    expect(inFile(sizeRule, "src/a.ts", body(70))).toContain("the function has 7");
    expect(inFile(sizeRule, "src/a.ts", body(68))).toBe("");
  });

  it("measures no object and no block as a function", () => {
    const lines = "  call();\n".repeat(90);
    expect(inFile(sizeRule, "src/a.ts", `if (a) {\n${lines}}\n`)).toBe("");
    expect(inFile(sizeRule, "src/a.ts", `const a = b ? (c) : {\n${lines}};\n`)).toBe("");
  });

  it("finds names that say nothing", () => {
    expect(inFile(nameRule, "src/base/utils.ts", "")).toContain('"utils" does not say');
    expect(inFile(nameRule, "src/base/string-utils.ts", "")).toContain("does not say");
    expect(inFile(nameRule, "src/helpers/a.ts", "")).toContain('"helpers" does not say');
    expect(inFile(nameRule, "src/base/camelCase.ts", "")).toContain("is not kebab-case");
  });
});

describe("bans", () => {
  const disguised = (...parts: string[]) => parts.join("");
  it.each([
    ["src/log/a.ts", "let a: any;", "`any`"],
    ["src/log/a.ts", "const a = b as any;", "`any`"],
    ["src/log/a.ts", "const a = new Map<string, any>();", "`any`"],
    ["src/log/a.ts", "const a = b!.c;", "non-null"],
    ["src/log/a.ts", disguised("const a = `$", "{b[0]!}`;"), "non-null"],
    ["src/log/a.ts", "class A { b!: string }", "non-null"],
    ["src/log/a.ts", "const a = b as unknown as string;", "as unknown as"],
    ["src/log/a.ts", disguised("// @ts-", "ignore"), "told to look away"],
    ["src/log/a.ts", disguised("// biome-", "ignore lint: why"), "told to look away"],
    ["src/log/a.ts", "enum A { b }", "not erasable"],
    ["src/log/a.ts", "const a = Date.now();", "the clock"],
    ["src/log/a.ts", "const a = new Date();", "the clock"],
    ["src/log/a.ts", "const a = Math.random();", "the clock"],
    ["src/log/a.ts", "setTimeout(() => a(), 1);", "timers"],
    ["src/log/a.ts", "const a = process.env;", "the process"],
    ["src/log/a.ts", "globalThis.a = 1;", "the process"],
    ["src/log/a.ts", "console.log(1);", "through its logger"],
    ["src/commands/a/b.ts", "const a = async () => 1;", "without waiting"],
    ["src/base/a.ts", "let a: Promise<void>;", "base is pure"],
    ["test/log/a.test.ts", disguised("it.", "only('a', () => {});"), "switched off"],
    ["test/log/a.test.ts", disguised("describe.", "skip('a', () => {});"), "switched off"],
    ["src/log/a.ts", disguised("// TO", "DO: later"), "unfinished work"],
    ["test/log/a.ts", disguised("// FIX", "ME"), "unfinished work"],
    ["src/log/a.ts", disguised('const a = "/wo', 'rk/a";'), "somebody's machine"],
    ["src/log/a.ts", disguised("// See /tm", "p/a.log."), "somebody's machine"],
  ])("%s: %s", (path, text, message) => {
    expect(inFile(banRule, path, text)).toContain(message);
  });

  it.each([
    ["src/log/a.ts", 'const a = "any of b!"; // any, b! and Date.now() in words'],
    ["src/log/a.ts", "const a = /b!c/.test(d) && e !== f && !g;"],
    ["src/log/a.ts", "const a = (process: ProcessDoor) => process.id;"],
    ["src/log/a.ts", "world.timers.setTimeout(a, 1);"],
    ["src/runtime/a.ts", "const a = Date.now() + process.pid;"],
    ["src/log/a.ts", "const a = await b();"],
    ["src/log/a.ts", "const a = list.any(1);"],
  ])("lets through %s: %s", (path, text) => {
    expect(inFile(banRule, path, text)).toBe("");
  });
});

describe("what belongs together", () => {
  it("finds two commands in one file, and a file that is called otherwise", () => {
    const one = 'export const getCommand: Command = {\n  name: "get",\n};\n';
    const other = 'export const setCommand: Command = {\n  name: "set",\n};\n';
    expect(inFile(commandRule, "src/commands/string/get.ts", one + other)).toContain(
      ":4 2 commands in one file",
    );
    expect(inFile(commandRule, "src/commands/string/other.ts", one)).toContain("called get.ts");
    expect(inFile(commandRule, "src/commands/string/get.ts", one)).toBe("");
    const part = 'export const aCommand: Command = {\n  name: "client|list",\n};\n';
    expect(inFile(commandRule, "src/commands/connection/client-list.ts", part)).toBe("");
  });

  it("finds failpoints that nothing passes or no test uses", () => {
    const files = {
      "src/runtime/failpoints.ts": 'export const names = [\n  "log.sent",\n  "log.lost",\n];\n',
      "src/log/a.ts": 'failpoint("log.sent");',
      "test/crash/a.test.ts": 'run("log.lost=exit");',
    };
    const found = judge(failpointRule, files);
    expect(found).toContain("src/runtime/failpoints.ts:2 no test uses the failpoint log.sent");
    expect(found).toContain("src/runtime/failpoints.ts:3 no code passes the failpoint log.lost");
    expect(found.split("\n")).toHaveLength(2);
  });

  it("finds limits that hold nothing or that no test reaches", () => {
    const files = {
      "src/base/limits.ts": "export const limits = {\n  aMax: 1,\n  bMax: 2,\n} as const;\n",
      "src/log/a.ts": "if (count > limits.aMax) fail();",
      "test/limits/a.test.ts": "add(limits.bMax);",
    };
    const found = judge(limitRule, files);
    expect(found).toContain("src/base/limits.ts:2 no test reaches the limit aMax");
    expect(found).toContain("src/base/limits.ts:3 nothing is held to the limit bMax");
    expect(found.split("\n")).toHaveLength(2);
  });

  it("finds tests that no project runs", () => {
    const files = {
      "test/vitest.config.ts": 'project("unit", ["test/log/**/*.test.ts"])',
      "test/log/a.test.ts": "test();",
      "test/logs/b.test.ts": "test();",
    };
    const found = judge(testFolderRule, files);
    expect(found).toBe("test/logs/b.test.ts:1 no project of vitest.config.ts runs test/logs");
  });

  it("finds scripts that do not exist", () => {
    const manifest = JSON.stringify({ scripts: { demo: "a" } });
    const page = "`npm run demo -- --stay`\n`npm run show`\n";
    const found = judge(scriptRule, { "package.json": manifest, "README.md": page });
    expect(found).toBe("README.md:2 package.json has no script show");
  });

  it("finds a page that names a file that is not there", () => {
    // The folder of native code had another name, and the page went on with the old one.
    const page = "`log/a.ts`, `src/log/a.ts`\n`log/old/a.h`\n";
    const files = { "src/README.md": page, "src/log/a.ts": "" };
    expect(judge(namedFileRule, files)).toBe("src/README.md:2 there is no log/old/a.h");
  });

  it("finds a room table that is not the table", () => {
    const page = (table: string) => `# Inside\n\n${roomTableStart}\n${table}\n${roomTableEnd}\n`;
    expect(judge(roomTableRule, { "src/README.md": page(roomTable()) })).toBe("");
    const stale = page(roomTable().replace("resp/frame*", "resp"));
    expect(judge(roomTableRule, { "src/README.md": stale })).toContain("is not that of rooms.ts");
    expect(judge(roomTableRule, { "src/README.md": "# Inside" })).toContain("has no markers");
  });

  it("finds pages that name a machine or a registry", () => {
    const page = ["See /ho", "me/somebody/notes."].join("");
    expect(judge(pageRule, { "README.md": page })).toContain("names a machine or a registry");
    const lock = ['{ "resol', 'ved": "https://registry.example/a.tgz" }'].join("");
    expect(judge(pageRule, { "package-lock.json": lock })).toContain("names a machine");
  });
});
