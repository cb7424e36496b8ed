/**
 * BGSAVE, SAVE and LASTSAVE over a socket, with a follower that is a real child process; and deaths
 * of either process at every step of a snapshot.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { freePort, type ServerProcess, startServerProcess } from "../../bench/server-process.ts";
import { RawClient } from "../support/raw-client.ts";

const made: string[] = [];
const running: ServerProcess[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) await server.kill().catch(() => undefined);
});

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

const SEGMENT_FLAGS = ["--log-segment-bytes", "65536", "--snapshot-schedule", ""];

interface Served {
  readonly folder: string;
  readonly server: ServerProcess;
  readonly client: RawClient;
}

async function serve(folder?: string, failpoints = "", flags: string[] = []): Promise<Served> {
  let place = folder;
  if (place === undefined) {
    place = mkdtempSync(join(tmpdir(), "lodestone-snapshots-"));
    made.push(place);
  }
  const debug = failpoints === "" ? [] : ["--debug-commands", "yes", "--failpoints", failpoints];
  const port = await freePort();
  const server = startServerProcess({
    folder: place,
    port,
    flags: [...SEGMENT_FLAGS, ...debug, ...flags],
  });
  running.push(server);
  await server.whenReady;
  return { folder: place, server, client: await RawClient.open(port) };
}

async function fill({ client }: Served, from: number, to: number): Promise<void> {
  const commands = [];
  for (let index = from; index < to; index += 1) {
    commands.push(["SET", `key-${index}`, `${index}`.padEnd(500, ".")]);
  }
  expect(new Set(await client.pipeline(commands))).toEqual(new Set(["+OK\r\n"]));
}

async function info({ client }: Served, name: string): Promise<string> {
  const text = await client.command("INFO", "persistence");
  return new RegExp(`^${name}:(.*?)\r?$`, "m").exec(text)?.[1] ?? "";
}

async function whenIdle(served: Served): Promise<void> {
  for (;;) {
    const state = await info(served, "rdb_bgsave_in_progress");
    if (state !== "1") return;
  }
}

function files(folder: string, part: string): string[] {
  return readdirSync(folder).filter((name) => name.includes(part));
}

describe("snapshots over a socket", () => {
  test("BGSAVE answers at once, and INFO and LASTSAVE say how it went", async () => {
    const served = await serve();
    await fill(served, 0, 500);
    const { client } = served;
    const before = Number((await client.command("LASTSAVE")).slice(1));
    const replies = await client.pipeline([
      ["BGSAVE"],
      ["BGSAVE"],
      ["SAVE"],
      ["BGSAVE", "SCHEDULE"],
    ]);
    const underWay = "-ERR Background save already in progress\r\n";
    expect(replies).toEqual(["+Background saving started\r\n", underWay, underWay, underWay]);
    await whenIdle(served);
    expect(await info(served, "rdb_last_bgsave_status")).toBe("ok");
    expect(await info(served, "rdb_saves")).toBe("1");
    expect(await info(served, "rdb_changes_since_last_save")).toBe("0");
    expect(Number(await info(served, "rdb_last_bgsave_time_sec"))).toBeGreaterThanOrEqual(0);
    expect(Number((await client.command("LASTSAVE")).slice(1))).toBeGreaterThanOrEqual(before);
    expect(files(served.folder, ".snap")).toHaveLength(1);
    expect(await client.command("BGSAVE", "NOW")).toBe("-ERR syntax error\r\n");
  });

  test("SAVE answers once the snapshot stands; others are served meanwhile", async () => {
    const served = await serve();
    await fill(served, 0, 500);
    const other = await RawClient.open(served.server.port);
    const saved = served.client.command("SAVE");
    expect(await other.command("SET", "during", "1")).toBe("+OK\r\n");
    expect(await saved).toBe("+OK\r\n");
    expect(files(served.folder, ".snap")).toHaveLength(1);
    expect(await served.client.command("MULTI")).toBe("+OK\r\n");
    expect(await served.client.command("SAVE")).toBe(
      "-ERR Command not allowed inside a transaction\r\n",
    );
    expect(await served.client.command("DISCARD")).toContain("OK");
    await served.client.pipeline([["MULTI"], ["SET", "a", "1"], ["BGSAVE"]]);
    expect(await served.client.command("EXEC")).toBe(
      "*2\r\n+OK\r\n+Background saving scheduled\r\n",
    );
    for (;;) if ((await info(served, "rdb_saves")) === "2") break;
  });

  test("is begun by the log's length and by save points, as CONFIG SET says", async () => {
    const served = await serve();
    const { client } = served;
    expect(await client.command("CONFIG", "SET", "save", "1 x")).toContain("Invalid save");
    expect(await client.command("CONFIG", "SET", "snapshot-schedule", "25:00")).toContain("HH:MM");
    expect(await client.command("CONFIG", "SET", "snapshot-log-bytes", "100kb")).toBe("+OK\r\n");
    await fill(served, 0, 500);
    for (;;) if ((await info(served, "rdb_saves")) === "1") break;
    expect(await client.command("CONFIG", "SET", "snapshot-log-bytes", "0")).toBe("+OK\r\n");
    expect(await client.command("CONFIG", "SET", "save", "1 10")).toBe("+OK\r\n");
    await fill(served, 500, 520);
    for (;;) if ((await info(served, "rdb_saves")) === "2") break;
    expect(await client.command("CONFIG", "SET", "save", "")).toBe("+OK\r\n");
  });

  test("a follower that dies is a status, and leaves nothing", async () => {
    const served = await serve(undefined, "snapshot.block=exit");
    await fill(served, 0, 500);
    expect(await served.client.command("SAVE")).toMatch(/^-ERR no snapshot was made: .*SIGKILL/);
    expect(await info(served, "rdb_last_bgsave_status")).toBe("err");
    expect(files(served.folder, "snapshot-")).toEqual([]);
    await fill(served, 500, 600);
    expect(await served.client.command("DBSIZE")).toBe(":600\r\n");
  });

  test("the follower goes with its server, and what it left is removed", async () => {
    const served = await serve(undefined, "snapshot.block=delay:3000");
    await fill(served, 0, 500);
    expect(await served.client.command("BGSAVE")).toContain("started");
    while (files(served.folder, ".snap.new").length === 0) await served.client.command("PING");
    const follower = followerOf(served.server.pid);
    await served.server.kill();
    while (isAlive(follower)) await new Promise((resolve) => setImmediate(resolve));
    expect(files(served.folder, ".snap.new")).toHaveLength(1);
    const again = await serve(served.folder);
    expect(files(served.folder, "snapshot-")).toEqual([]);
    expect(await again.client.command("DBSIZE")).toBe(":500\r\n");
  });

  test.each([
    "snapshot.written",
    "snapshot.renamed",
    "snapshot.directory-synced",
    "trim.begun",
    "trim.between",
  ])("a server that dies at %s has everything when it comes back", async (failpoint) => {
    const first = await serve();
    await fill(first, 0, 600);
    expect(await first.client.command("SAVE")).toBe("+OK\r\n");
    await fill(first, 600, 1200);
    await first.server.kill();
    const second = await serve(first.folder, `${failpoint}=exit`);
    await fill(second, 1200, 1300);
    expect(await second.client.command("SAVE")).toBe("(closed)");
    const third = await serve(first.folder);
    expect(await third.client.command("DBSIZE")).toBe(":1300\r\n");
    await fill(third, 0, 10);
    expect(await third.client.command("SAVE")).toBe("+OK\r\n");
    expect(files(first.folder, ".new")).toEqual([]);
  });

  test("while a snapshot is read back others get LOADING, and INFO says how far it is", async () => {
    const first = await serve();
    await fill(first, 0, 6000);
    expect(await first.client.command("SAVE")).toBe("+OK\r\n");
    await fill(first, 6000, 6100);
    await first.server.stop();
    const port = await freePort();
    const held = ["--debug-commands", "yes", "--failpoints", "recover.held=hold@2"];
    const server = startServerProcess({
      folder: first.folder,
      port,
      flags: [...SEGMENT_FLAGS, ...held],
    });
    running.push(server);
    let client: RawClient | undefined;
    while (client === undefined) client = await RawClient.open(port).catch(() => undefined);
    const served = { folder: first.folder, server, client };
    while (Number(await info(served, "loading_loaded_bytes")) < 1_000_000);
    expect(await client.command("GET", "key-1")).toContain("-LOADING");
    expect(await client.command("SAVE")).toContain("-LOADING");
    expect(await info(served, "loading")).toBe("1");
    expect(await info(served, "async_loading")).toBe("0");
    const total = Number(await info(served, "loading_total_bytes"));
    const share = (Number(await info(served, "loading_loaded_bytes")) * 100) / total;
    expect(await info(served, "loading_loaded_perc")).toBe(share.toFixed(2));
    expect(Number(await info(served, "loading_eta_seconds"))).toBeGreaterThanOrEqual(0);
    expect(Number(await info(served, "loading_start_time"))).toBeGreaterThan(1_700_000_000);
    process.kill(server.pid, "SIGUSR2");
    await server.whenReady;
    expect(await info(served, "loading")).toBe("0");
    expect(await client.command("DBSIZE")).toBe(":6100\r\n");
    expect(await info(served, "rdb_last_load_keys_loaded")).toBe("6000");
  });

  test("with no sound snapshot and a trimmed log the start is refused with 72", async () => {
    const first = await serve();
    for (const at of [0, 600, 1200]) {
      await fill(first, at, at + 600);
      expect(await first.client.command("SAVE")).toBe("+OK\r\n");
    }
    await first.server.stop();
    for (const name of files(first.folder, ".snap")) {
      const path = join(first.folder, name);
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1] ^= 4;
      writeFileSync(path, bytes);
    }
    await expect(serve(first.folder)).rejects.toThrow(
      /ended with 72: .*Put back a sound snapshot/s,
    );
  });
});

function followerOf(parentId: number): number {
  const children = readFileSync(`/proc/${parentId}/task/${parentId}/children`, "utf8");
  return Number(children.trim().split(" ")[0]);
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}
