/**
 * Encryption over real processes, files and programs: it survives kills and rotations, tools have
 * the same options, and nothing secret is where others can see it.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { freePort, type ServerProcess, startServerProcess } from "../../bench/server-process.ts";
import { RawClient } from "../support/raw-client.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WORDS = "nobody should read this";
const temporary = mkdtempSync(join(tmpdir(), "lodestone-encryption-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const servers: ServerProcess[] = [];
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) await server.kill();
});

function keyFile(name: string): { readonly path: string; readonly key: Buffer } {
  const path = join(temporary, name);
  const key = randomBytes(32);
  writeFileSync(path, `${key.toString("hex")}\n`, { mode: 0o600 });
  return { path, key };
}

/** A key service: masks what it is given, or complains when its switch says so. */
function keyService(name: string, mask: number): { readonly command: string; break(): void } {
  const path = join(temporary, `${name}.cjs`);
  const broken = join(temporary, `${name}-broken`);
  writeFileSync(
    path,
    `const fs = require("node:fs");
    if (fs.existsSync(${JSON.stringify(broken)})) {
      console.error("no connection");
      process.exit(9);
    }
    if (!["wrap", "unwrap"].includes(process.argv.at(-1))) process.exit(8);
    process.stdout.write(fs.readFileSync(0).map((byte) => byte ^ ${mask}));`,
  );
  return {
    command: `${process.execPath} '${path}' --token s3cret`,
    break: () => writeFileSync(broken, ""),
  };
}

async function start(folder: string, flags: readonly string[]) {
  const port = await freePort();
  const server = startServerProcess({ folder, port, flags });
  servers.push(server);
  await server.whenReady;
  const client = await RawClient.open(port);
  clients.push(client);
  return { server, client };
}

/** A program of ours that ends by itself. */
async function run(entry: string, args: readonly string[]) {
  const child = spawn(process.execPath, [join(ROOT, entry), ...args]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const [exitCode] = await once(child, "close");
  return { exitCode: Number(exitCode), output };
}

/** A server that is expected to be refused. */
async function refused(folder: string, flags: readonly string[]) {
  const port = String(await freePort());
  return await run("src/main.ts", ["--port", port, "--dir", folder, ...flags]);
}

function everything(folder: string): Buffer {
  const names = readdirSync(folder).toSorted();
  return Buffer.concat(names.map((name) => readFileSync(join(folder, name))));
}

function newFolder(name: string): string {
  const folder = join(temporary, name);
  mkdirSync(folder);
  return folder;
}

describe("with a master key in a file", () => {
  test("a folder outlives kills and rotations, and needs the key that was set last", async () => {
    const folder = newFolder("file");
    const [first, second] = [keyFile("first"), keyFile("second")];
    const one = await start(folder, ["--master-key-file", first.path]);
    await one.client.command("SET", "a", WORDS);
    await one.server.kill();
    const two = await start(folder, ["--master-key-file", first.path]);
    expect(await two.client.command("GET", "a")).toContain(WORDS);
    await two.client.command("SET", "b", WORDS);
    const rotated = await two.client.command("CONFIG", "SET", "master-key-file", second.path);
    expect(rotated).toBe("+OK\r\n");
    await two.client.command("SET", "c", WORDS);
    await two.server.kill();
    const before = everything(folder);
    const old = await refused(folder, ["--master-key-file", first.path]);
    expect([old.exitCode, old.output.includes("wrong master key")]).toEqual([1, true]);
    const none = await refused(folder, []);
    expect([none.exitCode, none.output.includes("say where its master key is")]).toEqual([1, true]);
    const three = await start(folder, ["--master-key-file", second.path]);
    expect(await three.client.command("MGET", "a", "b", "c")).toBe(
      `*3\r\n${`$${WORDS.length}\r\n${WORDS}\r\n`.repeat(3)}`,
    );
    for (const content of [before, everything(folder)]) {
      for (const secret of [WORDS, first.key, second.key, first.key.toString("hex")]) {
        expect(content.includes(secret)).toBe(false);
      }
    }
  });

  test("others that may read the file are told of", async () => {
    const { path } = keyFile("open");
    chmodSync(path, 0o644);
    const port = await freePort();
    const child = spawn(process.execPath, [
      join(ROOT, "src/main.ts"),
      ...["--port", String(port), "--dir", newFolder("open-key"), "--master-key-file", path],
    ]);
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    await once(child, "close");
    expect(output).toContain(`others may read the master key's file ${path}: chmod 600 it`);
  });
});

describe("with a command", () => {
  test("the key is wrapped and unwrapped by it, its arguments are told to nobody", async () => {
    const folder = newFolder("command");
    const service = keyService("service", 0x5a);
    const flags = ["--master-key-command", service.command];
    const one = await start(folder, flags);
    await one.client.command("SET", "a", WORDS);
    const again = await one.client.command("CONFIG", "SET", "master-key-command", service.command);
    expect(again).toBe("+OK\r\n");
    expect(await one.client.command("INFO", "log")).toContain("encryption_key_id:2");
    const other = await one.client.command("CONFIG", "SET", "master-key-command", "/bin/false");
    expect(other).toContain("can't set protected config");
    expect(await one.client.command("SLOWLOG", "GET")).not.toContain("s3cret");
    await one.server.kill();
    const two = await start(folder, flags);
    expect(await two.client.command("GET", "a")).toContain(WORDS);
    await two.server.kill();
    service.break();
    const { exitCode, output } = await refused(folder, flags);
    expect(exitCode).toBe(1);
    expect(output).toContain("failed to unwrap: exit code 9: no connection");
    expect(output).not.toContain("s3cret");
    const wrong = keyService("wrong", 0x33);
    const mistaken = await refused(folder, ["--master-key-command", wrong.command]);
    expect(mistaken.exitCode).toBe(1);
    expect(mistaken.output).toContain("does not open the key ring");
  });

  test("a service that is down is told by CONFIG SET, and everything goes on", async () => {
    const service = keyService("down", 0x11);
    const { client } = await start(newFolder("down"), ["--master-key-command", service.command]);
    service.break();
    const failed = await client.command("CONFIG", "SET", "master-key-command", service.command);
    expect(failed).toMatch(/^-ERR CONFIG SET failed .*no connection/);
    expect(await client.command("SET", "a", WORDS)).toBe("+OK\r\n");
    expect(await client.command("INFO", "log")).toContain("encryption_key_id:1");
  });
});

test("tools take the same options, and without them say what is missing", async () => {
  const folder = newFolder("tools");
  const { path } = keyFile("tools-key");
  const { server, client } = await start(folder, ["--master-key-file", path]);
  await client.command("SET", "a", WORDS);
  await server.stop();
  const tool = (...words: string[]) => run("src/tools/main.ts", words);
  const withKey = ["--dir", folder, "--master-key-file", path];
  const exported = join(temporary, "out.rdb");
  expect(await tool("export", exported, ...withKey)).toMatchObject({ exitCode: 0 });
  expect(readFileSync(exported).includes(WORDS)).toBe(true);
  const other = newFolder("imported");
  const into = ["--dir", other, "--master-key-file", path];
  expect(await tool("import", exported, ...into)).toMatchObject({ exitCode: 0 });
  expect(everything(other).includes(WORDS)).toBe(false);
  expect(await tool("check", ...into)).toMatchObject({ exitCode: 0 });
  for (const name of ["check", "export"]) {
    const words = name === "export" ? [join(temporary, "other.rdb")] : [];
    const refusal = await tool(name, ...words, "--dir", folder);
    expect(refusal.exitCode).toBe(1);
    expect(refusal.output).toContain("--master-key-file");
  }
  const [segment] = readdirSync(other).filter((name) => name.startsWith("segment-"));
  const closed = await tool("inspect", "log", join(other, segment), "--effects");
  expect(closed).toMatchObject({ exitCode: 0, output: expect.stringContaining("encrypted") });
  expect(closed.output).not.toContain(WORDS);
  const opened = await tool("inspect", "log", join(other, segment), "--effects", ...into.slice(2));
  expect(opened).toMatchObject({ exitCode: 0, output: expect.stringContaining(WORDS) });
});
