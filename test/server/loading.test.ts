/**
 * A server that is asked while it reads its log back: recovery is held at a failpoint, so the state
 * is there for as long as the test looks at it. The replies are those of redis-server 7 at the same
 * commands while it loads an RDB.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort, type ServerProcess, startServerProcess } from "../../bench/server-process.ts";
import { RawClient } from "../support/raw-client.ts";

const LOADING = "-LOADING Redis is loading the dataset in memory\r\n";
const ABORTED = "-EXECABORT Transaction discarded because of previous errors.\r\n";
const KEY_COUNT = 10;
const VALUE = "x".repeat(50_000);
const SEGMENT = ["--log-segment-bytes", String(1024 * 1024)];
const HELD = ["--debug-commands", "yes", "--failpoints", "recover.held=hold@7"];
const HELD_BYTES_MIN = 4 * VALUE.length;
const HELD_BYTES_MAX = 8 * VALUE.length;

let folder = "";
let port = 0;
let server: ServerProcess | undefined;

function start(flags: readonly string[]): ServerProcess {
  server = startServerProcess({ folder, port, flags: [...SEGMENT, ...flags] });
  // A test that ends it before it is ready still looks at this itself.
  server.whenReady.catch(() => undefined);
  return server;
}

/** Listening begins long before recovery ends, and a moment after the process began. */
async function connect(): Promise<RawClient> {
  for (;;) {
    const client = await RawClient.open(port).catch(() => undefined);
    if (client !== undefined) return client;
    await sleep(10);
  }
}

async function persistence(client: RawClient): Promise<Map<string, string>> {
  const text = await client.command("INFO", "persistence");
  const pairs = text.split("\r\n").map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1)];
  });
  return new Map(pairs);
}

/** A client of a server that is held in the middle of its log. */
async function connectWhileHeld(): Promise<RawClient> {
  const client = await connect();
  let loadedBytes = 0;
  while (loadedBytes < HELD_BYTES_MIN) {
    loadedBytes = Number((await persistence(client)).get("loading_loaded_bytes"));
  }
  return client;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lodestone-loading-"));
  port = await freePort();
  const first = start([]);
  await first.whenReady;
  const client = await RawClient.open(port);
  const index = ["FT.CREATE", "i", "SCHEMA", "n", "NUMERIC"];
  expect(await client.command(...index)).toBe("+OK\r\n");
  // One at a time, so that each is a record of its own.
  for (let key = 0; key < KEY_COUNT; key += 1) {
    expect(await client.command("HSET", `k${key}`, "n", `${key}`, "v", VALUE)).toBe(":2\r\n");
  }
  client.close();
  await first.kill();
});

afterEach(async () => {
  await server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

describe("while the log is read back", () => {
  it("what needs the data gets LOADING", async () => {
    start(HELD);
    const client = await connectWhileHeld();
    for (const command of [
      ["PING"],
      ["GET", "k0"],
      ["HGETALL", "k0"],
      ["SET", "k0", "other"],
      ["TYPE", "k0"],
      ["DBSIZE"],
      ["FLUSHALL"],
      ["FT.SEARCH", "i", "@n:[0 9]"],
      ["FT._LIST"],
      ["FT.DROPINDEX", "i"],
    ]) {
      expect(await client.command(...command), command.join(" ")).toBe(LOADING);
    }
    client.close();
  });

  it("what needs no data works, and INFO says how far it is", async () => {
    start(HELD);
    const client = await connectWhileHeld();
    const unknown = "-ERR unknown command 'NOSUCH', with args beginning with: \r\n";
    expect(await client.command("ECHO", "a")).toBe("$1\r\na\r\n");
    expect(await client.command("SELECT", "1")).toBe("+OK\r\n");
    expect(await client.command("SELECT", "0")).toBe("+OK\r\n");
    expect(await client.command("CLIENT", "GETNAME")).toBe("$-1\r\n");
    expect(await client.command("CONFIG", "GET", "maxclients")).toMatch(/^\*2\r\n\$10\r\nmaxcl/);
    expect(await client.command("COMMAND", "COUNT")).toMatch(/^:\d+\r\n$/);
    expect(await client.command("WATCH", "a")).toBe("+OK\r\n");
    expect(await client.command("UNWATCH")).toBe("+OK\r\n");
    expect(await client.command("NOSUCH")).toBe(unknown);
    expect(await client.command("HELLO", "3")).toMatch(/^%/);
    expect(await client.command("RESET")).toBe("+RESET\r\n");
    const fields = await persistence(client);
    expect(fields.get("loading")).toBe("1");
    const [total, loaded] = ["loading_total_bytes", "loading_loaded_bytes"].map((name) =>
      Number(fields.get(name)),
    );
    expect(loaded).toBeLessThan(HELD_BYTES_MAX);
    expect(total).toBeGreaterThan(KEY_COUNT * VALUE.length);
    expect(fields.get("loading_loaded_perc")).toBe(((loaded * 100) / total).toFixed(2));
    expect(Number(fields.get("loading_eta_seconds"))).toBeGreaterThanOrEqual(0);
    expect(Number(fields.get("loading_start_time"))).toBeGreaterThan(0);
    expect(await client.command("INFO", "keyspace")).toContain("db0:keys=");
    client.close();
  });

  it("MULTI runs what needs no data, and is aborted by what does", async () => {
    start(HELD);
    const client = await connectWhileHeld();
    const replies = await client.pipeline([
      ["MULTI"],
      ["ECHO", "a"],
      ["EXEC"],
      ["MULTI"],
      ["SET", "k0", "other"],
      ["ECHO", "a"],
      ["EXEC"],
      ["EXEC"],
    ]);
    expect(replies).toEqual([
      "+OK\r\n",
      "+QUEUED\r\n",
      "*1\r\n$1\r\na\r\n",
      "+OK\r\n",
      LOADING,
      "+QUEUED\r\n",
      ABORTED,
      "-ERR EXEC without MULTI\r\n",
    ]);
    client.close();
  });
});

it("a connection from the time of loading goes on when all is back", async () => {
  const held = start(HELD);
  const client = await connectWhileHeld();
  expect(await client.command("SET", "k0", "other")).toBe(LOADING);
  expect(await client.command("MULTI")).toBe("+OK\r\n");
  expect(await client.command("ECHO", "queued while loading")).toBe("+QUEUED\r\n");
  process.kill(held.pid, "SIGUSR2");
  await held.whenReady;
  expect(await client.command("HGET", "k9", "n")).toBe("+QUEUED\r\n");
  expect(await client.command("SET", "new", "1")).toBe("+QUEUED\r\n");
  expect(await client.command("EXEC")).toBe(
    "*3\r\n$20\r\nqueued while loading\r\n$1\r\n9\r\n+OK\r\n",
  );
  const fields = await persistence(client);
  expect(fields.get("loading")).toBe("0");
  expect([...fields.keys()].filter((name) => name.startsWith("loading_"))).toEqual([]);
  expect(await client.command("DBSIZE")).toBe(`:${KEY_COUNT + 1}\r\n`);
  expect(await client.command("TYPE", "k0")).toBe("+hash\r\n");
  const found = await client.command("FT.SEARCH", "i", "@n:[0 9]", "LIMIT", "0", "0");
  expect(found).toBe(`*1\r\n:${KEY_COUNT}\r\n`);
  client.close();
});

it("SIGTERM ends a server that is loading, and the next one has everything", async () => {
  const held = start(HELD);
  const client = await connectWhileHeld();
  client.close();
  await held.stop();
  await expect(held.whenReady).rejects.toThrow("ended with 0");
  await start([]).whenReady;
  const reader = await RawClient.open(port);
  expect(await reader.command("DBSIZE")).toBe(`:${KEY_COUNT}\r\n`);
  reader.close();
});
