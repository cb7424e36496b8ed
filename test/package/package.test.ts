/**
 * The package as somebody gets it: packed, installed into an empty folder, and run by its name with
 * whatever node is on the PATH, without the development tree's.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort, startServerProcess } from "../../bench/server-process.ts";
import { RawClient } from "../support/raw-client.ts";

const INSTALL_TIMEOUT_MS = 600_000;
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "lodestone-package-"));
const data = join(folder, "data");
const command = join(folder, "node_modules", ".bin", "lodestone");
/** As a user's shell has it: npm puts the tree's own commands, and its node, in front. */
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|LODESTONE_)/.test(name)),
  ),
  PATH: (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((path) => !path.includes("node_modules") && !path.includes("node-gyp-bin"))
    .join(delimiter),
  JOBS: "max",
};

async function shell(program: string, ...words: string[]) {
  const options = { cwd: folder, env: environment, maxBuffer: 64 * 1024 * 1024 };
  const { stdout, stderr } = await run(program, words, options);
  return stdout + stderr;
}

const tool = (...words: string[]) => shell(command, ...words);

beforeAll(async () => {
  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(packed).toContain(".tgz");
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
  await shell("npm", "init", "--yes");
  await shell(
    "npm",
    "install",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    join(folder, tarball),
  );
}, INSTALL_TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function filesOf(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: "utf8" });
}

it("holds what it needs to be built and run, and nothing else", () => {
  const installed = join(folder, "node_modules", "lodestone");
  const names = filesOf(installed).filter((name) => !/(^|\/)build(\/|$)/.test(name));
  expect(readdirSync(installed).sort()).toEqual(
    expect.arrayContaining(["LICENSE", "README.md", "dist", "package.json", "src"]),
  );
  expect(names.filter((name) => name.endsWith(".ts") || name.startsWith("test"))).toEqual([]);
  const modules = names.filter((name) => name.endsWith(".js"));
  expect(modules.length).toBeGreaterThan(300);
  // A module that is named by its source would not be found.
  for (const name of modules) {
    const text = readFileSync(join(installed, name), "utf8");
    const named = /(?:from|import\(|new URL\()\s*"[^"]*\.ts"/.exec(text);
    if (named !== null) expect(text, name).toMatch(/runnableModule\(|systemFollowers\(/);
  }
});

it("serves, searches, and has everything acknowledged after a kill", async () => {
  const port = await freePort();
  const start = () => startServerProcess({ folder: data, port, command, environment });
  const server = start();
  await server.whenReady;
  const client = await RawClient.open(port);
  expect(await client.command("SET", "key", "value")).toBe("+OK\r\n");
  const schema = ["v", "VECTOR", "HNSW", "6", "TYPE", "FLOAT32", "DIM", "2"];
  await client.command(
    "FT.CREATE",
    "i",
    "ON",
    "HASH",
    "SCHEMA",
    ...schema,
    "DISTANCE_METRIC",
    "L2",
  );
  await client.command("HSET", "doc", "v", "\0\0\0\0\0\0\0\0");
  // Made by a process of its own.
  expect(await client.command("SAVE")).toBe("+OK\r\n");
  const version = /node_version:v(\d+)/.exec(await client.command("INFO", "server"));
  // Its own, whichever is on the PATH.
  expect(Number(version?.[1])).toBeGreaterThanOrEqual(24);
  await server.kill();
  client.close();
  const again = start();
  await again.whenReady;
  const other = await RawClient.open(port);
  expect(await other.command("GET", "key")).toBe("$5\r\nvalue\r\n");
  const query = ["*=>[KNN 1 @v $q]", "PARAMS", "2", "q", "\0\0\0\0\0\0\0\0", "DIALECT", "2"];
  expect(await other.command("FT.SEARCH", "i", ...query)).toContain("doc");
  other.close();
  await again.stop();
});

it("has the tools under its name, also by npx", async () => {
  const segment = join(data, readdirSync(data).find((name) => name.endsWith(".log")) ?? "");
  expect(await tool("inspect", "log", segment, "--effects")).toContain('key="key" value="value"');
  expect(await shell("npx", "--no-install", "lodestone", "check", "--dir", data)).toContain(
    "is sound",
  );
  const snapshot = join(data, readdirSync(data).find((name) => name.endsWith(".snap")) ?? "");
  expect(await tool("inspect", "snapshot", snapshot)).toContain("the digest is right");
  expect(await tool("export", "out.rdb", "--dir", data)).toContain("exported 2 keys");
  expect(readFileSync(join(folder, "out.rdb")).subarray(0, 5).toString()).toBe("REDIS");
  expect(await tool("import", "out.rdb", "--dir", "other")).toContain("imported 2 keys");
  expect(await tool("--version")).toMatch(/^lodestone \d/);
  expect(await tool("serve", "--help")).toContain("--port");
  await expect(tool("frob")).rejects.toMatchObject({ code: 2 });
});
