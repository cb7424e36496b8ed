/**
 * `npm run lodestone -- import` and `export`: what comes out is what went in, what is wrong changes
 * nothing, and a user is told in a sentence. The other end, redis-server, is in `test/compat`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { keyspaceDigest } from "../../src/commands/server/digest.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { flatValue } from "../../src/keyspace/restored-value.ts";
import type { World } from "../../src/node/world.ts";
import { RdbFileWriter } from "../../src/rdb/file-writer.ts";
import { systemClock, systemTimers } from "../../src/runtime/clock.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { systemProcess } from "../../src/runtime/process.ts";
import { systemSecrets } from "../../src/runtime/secrets.ts";
import { systemDisk } from "../../src/runtime/system-disk.ts";
import { exportFile } from "../../src/tools/export-file.ts";
import { withFolder } from "../../src/tools/folder.ts";
import { importFile } from "../../src/tools/import-file.ts";
import { followersOn } from "../support/in-process-followers.ts";
import { InProcessServer, present, silentLogger } from "../support/in-process-server.ts";
import { rdbCases } from "../support/rdb-values.ts";

const made: string[] = [];

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

function worldOf(disk: FakeDisk): World {
  return {
    clock: systemClock,
    timers: systemTimers,
    random: seededRandom(1),
    disk,
    process: systemProcess,
    followers: followersOn(disk, systemClock, systemTimers),
    logger: silentLogger,
    secrets: systemSecrets,
  };
}

interface Tool {
  readonly disk: FakeDisk;
  readonly lines: string[];
  readonly put: (name: string, bytes: Buffer) => Promise<void>;
  readonly imports: (file: string, isReplacing?: boolean) => ReturnType<typeof importFile>;
  readonly exports: (file: string) => ReturnType<typeof exportFile>;
  readonly digest: () => Promise<string>;
}

function tool(): Tool {
  const disk = new FakeDisk(seededRandom(1));
  const world = worldOf(disk);
  const lines: string[] = [];
  const say = (line: string) => lines.push(line);
  const settings = { folder: "/log", databaseCount: 16, segmentBytes: 1024 * 1024, say };
  return {
    disk,
    lines,
    async put(name, bytes) {
      const file = await disk.open(name, "create");
      await file.write(bytes, 0);
      await file.close();
    },
    imports: (file, isReplacing = false) => importFile(world, { ...settings, file, isReplacing }),
    exports: (file) => exportFile(world, { ...settings, file }),
    digest: () => withFolder(world, settings, async ({ keyspace }) => keyspaceDigest(keyspace)),
  };
}

/** All cases, each under its number, in two databases; and a hash with fields that expire. */
function everything(): Keyspace {
  const keyspace = new Keyspace();
  const put = (database: number, key: string, from: InProcessServer, expiryMs: number) => {
    const { value } = present(from.keyspace.peek(0, "k"));
    const restored = flatValue(value);
    const id = EffectId.keyRestore;
    keyspace.apply({ id, database, key, value: restored, expiryMs }, 0);
  };
  for (const [index, { commands }] of rdbCases.entries()) {
    const server = new InProcessServer();
    const client = server.connect();
    for (const call of commands) client.command(...call);
    put(index % 2, `key ${index}`, server, index % 3 === 0 ? 9e12 + index : 0);
  }
  const server = new InProcessServer();
  const client = server.connect();
  client.command("HSET", "k", "a", "1", "b", "2");
  client.command("HPEXPIREAT", "k", "9000000000000", "FIELDS", "1", "a");
  put(5, "fields", server, 0);
  return keyspace;
}

function fileOf(keyspace: Keyspace): Buffer {
  const writer = new RdbFileWriter(12, {});
  for (const [database, store] of keyspace.databases.entries()) {
    writer.beginDatabase(database, store.keyCount, 0);
    for (const key of store.keys()) {
      const entry = present(keyspace.peek(database, key));
      writer.key(key, flatValue(entry.value), entry.expiryMs);
    }
  }
  return Buffer.concat([Buffer.from(writer.take()), writer.end()]);
}

function small(keys: readonly string[], database = 0, expiryMs = 0): Buffer {
  const writer = new RdbFileWriter(10, {});
  writer.beginDatabase(database, keys.length, 0);
  for (const key of keys) writer.key(key, { type: "string", value: `value of ${key}` }, expiryMs);
  return Buffer.concat([Buffer.from(writer.take()), writer.end()]);
}

describe("import and export", () => {
  it("bring everything through the log, out, and in again", async () => {
    const keyspace = everything();
    const first = tool();
    await first.put("/first.rdb", fileOf(keyspace));
    const counts = await first.imports("/first.rdb");
    expect(counts).toEqual({
      importedCount: rdbCases.length + 1,
      replacedCount: 0,
      expiredCount: 0,
    });
    expect(await first.digest()).toBe(keyspaceDigest(keyspace));
    const written = await first.exports("/second.rdb");
    expect(written).toMatchObject({ keyCount: rdbCases.length + 1, version: 12 });
    const file = await first.disk.open("/second.rdb", "read");
    const bytes = Buffer.alloc(await file.sizeBytes());
    await file.read(bytes, 0);
    const second = tool();
    await second.put("/second.rdb", bytes);
    await second.imports("/second.rdb");
    expect(await second.digest()).toBe(keyspaceDigest(keyspace));
  });

  it("change nothing when one byte of the file is wrong", async () => {
    const { put, imports, disk } = tool();
    const bytes = small(["a", "b"]);
    bytes[bytes.length - 12] ^= 1;
    await put("/bad.rdb", bytes);
    await expect(imports("/bad.rdb")).rejects.toThrow("the checksum says");
    expect(await disk.list("/log")).toEqual([]);
  });

  it("refuse keys that are there already, unless they are to be replaced", async () => {
    const { put, imports, exports: exportsTo } = tool();
    await put("/one.rdb", small(["a"]));
    await put("/two.rdb", small(["b", "a"]));
    await imports("/one.rdb");
    await expect(imports("/two.rdb")).rejects.toThrow('"a" is in database 0 already');
    expect(await exportsTo("/out.rdb")).toMatchObject({ keyCount: 1, version: 10 });
    expect(await imports("/two.rdb", true)).toMatchObject({ importedCount: 2, replacedCount: 1 });
    await expect(exportsTo("/out.rdb")).rejects.toThrow("/out.rdb is there already");
    expect(await exportsTo("/more.rdb")).toMatchObject({ keyCount: 2 });
  });

  it("say what they leave out, and what does not fit", async () => {
    const { put, imports, exports: exportsTo, digest } = tool();
    await expect(exportsTo("/out.rdb")).rejects.toThrow("there is no log in /log");
    await put("/passed.rdb", small(["a"], 0, 1000));
    expect(await imports("/passed.rdb")).toMatchObject({ importedCount: 0, expiredCount: 1 });
    await put("/high.rdb", small(["a"], 16));
    await expect(imports("/high.rdb")).rejects.toThrow("--databases 17 or more");
    await put("/twice.rdb", small(["b", "a", "a"]));
    // Two keys were imported before it was noticed.
    await expect(imports("/twice.rdb")).rejects.toThrow('"a" comes twice in the file: say');
    expect(await digest()).toBe(keyspaceDigest(new Keyspace()));
    expect(await imports("/twice.rdb", true)).toMatchObject({ replacedCount: 1 });
    await expect(imports("/nowhere.rdb")).rejects.toThrow("/nowhere.rdb");
  });

  it("fail when the disk does, with what was reported durable in the log", async () => {
    const { put, imports, disk } = tool();
    await put("/one.rdb", small(["a"]));
    disk.disturb = (_, what) => (what === "write" ? "EIO" : undefined);
    await expect(imports("/one.rdb")).rejects.toThrow("EIO");
  });
});

describe("`npm run lodestone -- import` and `export`", () => {
  it("end with the server's exit codes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rdb-files-"));
    made.push(folder);
    const main = fileURLToPath(new URL("../../src/tools/main.ts", import.meta.url));
    const run = (...args: string[]) => {
      const { status, stderr, stdout } = spawnSync(process.execPath, [main, ...args], {
        encoding: "utf8",
        cwd: folder,
      });
      return { status, text: stderr + stdout };
    };
    writeFileSync(join(folder, "in.rdb"), small(["a", "b"]));
    writeFileSync(join(folder, "bad.rdb"), "REDIS");
    expect(run("import", "--help").text).toContain(
      "npm run lodestone -- import FILE.rdb --dir DIR",
    );
    expect(run("import", "none.rdb", "--dir", "data").text).toContain("none.rdb");
    expect(run("import", "in.rdb").status).toBe(2);
    expect(run("import", "bad.rdb", "--dir", "data")).toMatchObject({ status: 1 });
    expect(readdirSync(folder)).not.toContain("data");
    const imported = run("import", "in.rdb", "--dir", "data");
    expect(imported).toMatchObject({ status: 0 });
    expect(imported.text).toContain("imported 2 keys into data; all of them are durable");
    const lock = await systemDisk.lock(join(folder, "data"), "somebody else");
    const held = run("export", "out.rdb", "--dir", "data");
    expect(held).toMatchObject({ status: 1 });
    expect(held.text).toContain("somebody else");
    await lock.release();
    const exported = run("export", "out.rdb", "--dir", "data");
    expect(exported.text).toContain("version 10, for Redis 7.0 and later");
    expect(readdirSync(folder).sort()).toEqual(["bad.rdb", "data", "in.rdb", "out.rdb"]);
  });
});
