/**
 * Whole files: what redis-server saved is imported, and what we export it loads; every value is
 * the same on both sides.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyspaceDigest } from "../../src/commands/server/digest.ts";
import { systemWorld } from "../../src/node/world.ts";
import { exportFile } from "../../src/tools/export-file.ts";
import { withFolder } from "../../src/tools/folder.ts";
import { importFile } from "../../src/tools/import-file.ts";
import { InProcessServer, silentLogger } from "../support/in-process-server.ts";
import { described, rdbCases, type Send } from "../support/rdb-values.ts";
import { findRedisServer, RedisPeer } from "../support/redis-peer.ts";

const version = findRedisServer();
const library = "#!lua name=library\nredis.register_function('f', function() return 1 end)";

describe.skipIf(version === undefined)(`beside redis-server ${version ?? "(not here)"}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "rdb-files-"));
  const world = systemWorld(silentLogger);
  const lines: string[] = [];
  const settings = {
    folder: join(folder, "data"),
    databaseCount: 16,
    say: (line: string) => lines.push(line),
  };
  const exported = join(folder, "exported.rdb");
  let peer: RedisPeer;

  beforeAll(async () => {
    peer = await RedisPeer.start([], { isBinary: true });
    for (const [index, { commands }] of rdbCases.entries()) {
      for (const call of commands) await peer.command(...call);
      await peer.command("copy", "k", `key ${index}`, "db", String(index % 3));
      if (index % 4 === 0) await peer.command("pexpireat", `key ${index}`, "9000000000000");
      await peer.command("del", "k");
    }
    await peer.command("function", "load", library);
    expect(await peer.command("save")).toBe("OK");
  });

  afterAll(async () => {
    await peer.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("a file that it saved holds what its payloads hold", async () => {
    const file = join(peer.folder, "dump.rdb");
    const counts = await importFile(world, { ...settings, file, isReplacing: false });
    expect(counts).toMatchObject({ importedCount: rdbCases.length, expiredCount: 0 });
    expect(lines).toContain("left out: 1 libraries of functions");
    const server = new InProcessServer();
    const client = server.connect();
    for (const index of rdbCases.keys()) {
      const database = String(index % 3);
      await peer.command("select", database);
      client.command("SELECT", database);
      const payload = String(await peer.command("dump", `key ${index}`));
      const expiryMs = Math.max(0, Number(await peer.command("pexpiretime", `key ${index}`)));
      const call = ["RESTORE", `key ${index}`, String(expiryMs), payload, "ABSTTL"];
      expect(client.command(...call)).toBe("OK");
    }
    const digest = await withFolder(world, settings, async ({ keyspace }) =>
      keyspaceDigest(keyspace),
    );
    expect(digest).toBe(keyspaceDigest(server.keyspace));
  });

  it("loads the file that we export", async () => {
    await exportFile(world, { ...settings, file: exported });
    const other = await RedisPeer.start(["--dbfilename", "exported.rdb"], {
      isBinary: true,
      folder,
    });
    const theirs: Send = (...args) => peer.command(...args);
    const again: Send = (...args) => other.command(...args);
    try {
      for (const [index, { name }] of rdbCases.entries()) {
        for (const send of [theirs, again]) {
          await send("select", String(index % 3));
          expect(await send("copy", `key ${index}`, "k", "replace"), name).toBe(1);
        }
        expect(await described(again), name).toEqual(await described(theirs));
        expect(await again("pexpiretime", "k")).toBe(await theirs("pexpiretime", "k"));
      }
      for (const database of ["0", "1", "2"]) {
        for (const send of [theirs, again]) await send("select", database);
        expect(await again("dbsize")).toBe(await theirs("dbsize"));
      }
    } finally {
      await other.stop();
    }
  });
});
