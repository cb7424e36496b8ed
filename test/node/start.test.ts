/**
 * A whole node on a fake disk: it comes back with what it acknowledged, says how far it is, and
 * ends with the right exit code when the world breaks.
 */
import { afterEach, expect, test } from "vitest";
import { LogDamaged, LogHeld } from "../../src/log/log-driver.ts";
import { exitCodeOf } from "../../src/node/fatal.ts";
import { DiskError } from "../../src/runtime/disk.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { connect, type FakeNode, startFakeNode } from "../support/fake-node.ts";

const started: FakeNode[] = [];

afterEach(async () => {
  for (const { node } of started.splice(0)) {
    await node.whenReady.catch(() => undefined);
    await node.stop().catch(() => undefined);
  }
});

function start(...args: Parameters<typeof startFakeNode>): FakeNode {
  const node = startFakeNode(...args);
  started.push(node);
  return node;
}

function newDisk(): FakeDisk {
  return new FakeDisk(seededRandom(1));
}

test("comes back with everything after a stop, and opens the next epoch", async () => {
  const disk = newDisk();
  const first = start(disk);
  await first.node.whenReady;
  const send = connect(first.node);
  for (let number = 0; number < 100; number += 1) {
    expect(await send("SET", `key:${number}`, "x".repeat(number * 10))).toBe("OK");
  }
  await first.node.stop();
  const second = start(disk);
  const recovered = await second.node.whenReady;
  expect(recovered.tail.epoch).toBe(1);
  expect(recovered.effectCount).toBe(100);
  const again = connect(second.node);
  expect(await again("DBSIZE")).toBe(100);
  expect(await again("GET", "key:99")).toBe("x".repeat(990));
  const information = await again("INFO", "log");
  expect(information).toContain("log_driver:file");
  expect(information).toContain("log_epoch:2");
});

test("answers LOADING until everything is back", async () => {
  const disk = newDisk();
  const first = start(disk);
  await first.node.whenReady;
  expect(await connect(first.node)("SET", "k", "v")).toBe("OK");
  await first.node.stop();
  const second = start(disk);
  const send = connect(second.node);
  expect(await send("GET", "k")).toMatchObject({ text: expect.stringContaining("LOADING") });
  expect(await send("INFO", "persistence")).toContain("loading:1");
  await second.node.whenReady;
  expect(await send("GET", "k")).toBe("v");
  expect(await send("INFO", "persistence")).toContain("loading:0");
});

test("ends with exit code 71 when a write fails, and acknowledges nothing more", async () => {
  const disk = newDisk();
  const { node, exitCodes, lines } = start(disk);
  await node.whenReady;
  const send = connect(node);
  expect(await send("SET", "k", "1")).toBe("OK");
  disk.disturb = (_, what) => (what === "write" ? "EIO" : undefined);
  let isAnswered = false;
  send("SET", "k", "2").then(() => {
    isAnswered = true;
  });
  await expect.poll(() => exitCodes).toEqual([71]);
  expect(isAnswered).toBe(false);
  expect(lines).toContainEqual(
    expect.objectContaining({ level: "fatal", fields: expect.objectContaining({ code: 71 }) }),
  );
});

test("a second node on the folder is refused, and told who holds it", async () => {
  const disk = newDisk();
  const first = start(disk);
  await first.node.whenReady;
  await first.node.setAddress("127.0.0.1:7777");
  const second = start(disk);
  const failure = await second.node.whenReady.catch((reason: unknown) => reason);
  expect(failure).toBeInstanceOf(LogHeld);
  expect(String(failure)).toMatch(/pid \d+, started .*Z, at 127\.0\.0\.1:7777/);
  expect(exitCodeOf(failure)).toBe(1);
});

test("damage stops the start with exit code 72; a torn tail is cut and reported", async () => {
  const disk = newDisk();
  const first = start(disk);
  await first.node.whenReady;
  const send = connect(first.node);
  for (let number = 0; number < 20; number += 1) await send("SET", `key:${number}`, "value");
  await first.node.stop();
  const [path] = disk.paths().filter((name) => name.includes("segment-"));
  const content = disk.content(path);
  const intact = Buffer.from(content);

  content[700] ^= 4;
  const damaged = start(disk);
  const failure = await damaged.node.whenReady.catch((reason: unknown) => reason);
  expect(failure).toBeInstanceOf(LogDamaged);
  expect(exitCodeOf(failure)).toBe(72);

  const tornDisk = newDisk();
  const end = intact.findLastIndex((byte) => byte !== 0);
  tornDisk.place(path, Buffer.concat([intact.subarray(0, end - 20)], intact.length));
  const torn = start(tornDisk);
  const recovered = await torn.node.whenReady;
  expect(recovered.torn?.file).toBe(path);
  expect(recovered.effectCount).toBe(19);
  expect(torn.lines).toContainEqual(
    expect.objectContaining({ level: "warn", message: expect.stringContaining("never finished") }),
  );
});

test("a log in memory says so loudly", async () => {
  const { node, lines } = start(newDisk(), { log: "memory" });
  await node.whenReady;
  expect(await connect(node)("SET", "k", "v")).toBe("OK");
  expect(lines[0]).toMatchObject({ level: "warn", message: expect.stringContaining("IN MEMORY") });
});

test("knows the exit code of each kind of failure", () => {
  expect(exitCodeOf(new DiskError("x", "EIO"))).toBe(71);
  expect(exitCodeOf(new LogDamaged("x"))).toBe(72);
  expect(exitCodeOf(new LogHeld("x"))).toBe(1);
  expect(exitCodeOf(Object.assign(new Error("x"), { code: "EADDRINUSE" }))).toBe(1);
  expect(exitCodeOf(new Error("x"))).toBe(70);
});

test("a log with more databases than there are stops the start, and says how many it needs", async () => {
  const disk = newDisk();
  const first = start(disk);
  await first.node.whenReady;
  const send = connect(first.node);
  await send("SELECT", "9");
  expect(await send("SET", "k", "v")).toBe("OK");
  await first.node.stop();
  const second = start(disk, { databaseCount: 4 });
  const failure = await second.node.whenReady.catch((reason: unknown) => reason);
  expect(failure).toMatchObject({ message: expect.stringContaining("--databases 10") });
  expect(exitCodeOf(failure)).toBe(1);
});

test("goes on with a backfill that a stop cut off, and not with one that ended", async () => {
  const KEYS = 200;
  const disk = newDisk();
  const first = start(disk);
  await first.node.whenReady;
  const send = connect(first.node);
  for (let key = 0; key < KEYS; key += 1) await send("HSET", `k${key}`, "n", `${key}`);
  // Before the first slice, so that none is written.
  const created = send("FT.CREATE", "i", "SCHEMA", "n", "NUMERIC");
  const paused = send("CLIENT", "PAUSE", "1000000", "WRITE");
  expect([await created, await paused]).toEqual(["OK", "OK"]);
  const backfilling = `state=backfilling,done=0,total=${KEYS},`;
  expect(await send("INFO", "search_progress")).toContain(backfilling);
  await first.node.stop();

  const second = start(disk);
  await second.node.whenReady;
  const again = connect(second.node);
  const progress = again("INFO", "search_progress");
  const found = again("FT.SEARCH", "i", "@n:[0 +inf]", "LIMIT", "0", "0");
  expect(await progress).toContain(backfilling);
  expect(await found).toEqual([KEYS]);
  await second.node.stop();

  const third = start(disk);
  await third.node.whenReady;
  expect(await connect(third.node)("INFO", "search_progress")).toContain("state=complete");
});
