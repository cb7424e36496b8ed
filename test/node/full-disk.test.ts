/**
 * A whole node whose disk has no room: writes are refused, reads go on, nothing that was executed
 * is lost, and writes come back by themselves.
 */
import { afterEach, expect, test } from "vitest";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { connect, type FakeNode, startFakeNode } from "../support/fake-node.ts";

const SEGMENT_BYTES = 32 * 1024;
const MISCONF =
  "MISCONF Errors writing to the AOF file: No space left on device " +
  `(the log's next segment takes ${SEGMENT_BYTES} bytes)`;
const misconf = expect.objectContaining({ text: MISCONF });
const started: FakeNode[] = [];

afterEach(async () => {
  for (const { node } of started.splice(0)) await node.stop().catch(() => undefined);
});

function newDisk(capacityBytes: number): FakeDisk {
  const disk = new FakeDisk(seededRandom(1));
  disk.capacityBytes = capacityBytes;
  return disk;
}

async function start(disk: FakeDisk): Promise<FakeNode & { send: ReturnType<typeof connect> }> {
  const fake = startFakeNode(disk, { segmentBytes: SEGMENT_BYTES });
  started.push(fake);
  await fake.node.whenReady;
  return { ...fake, send: connect(fake.node) };
}

type Send = ReturnType<typeof connect>;

/** Writes until the next segment has no room; how many keys were acknowledged. */
async function fillUp(send: Send): Promise<number> {
  for (let number = 0; ; number += 1) {
    const reply = await send("SET", `key:${number}`, "x".repeat(300));
    if (reply === "OK") continue;
    expect(reply).toEqual(misconf);
    return number;
  }
}

function fatalLine(words: string): unknown {
  return expect.objectContaining({ level: "fatal", message: expect.stringContaining(words) });
}

async function heal(disk: FakeDisk, send: Send): Promise<void> {
  disk.capacityBytes = Number.POSITIVE_INFINITY;
  await expect.poll(() => send("SET", "again", "1"), { timeout: 10_000 }).toBe("OK");
  const information = await send("INFO");
  expect(information).toContain("aof_last_write_status:ok");
  expect(information).toContain("log_shortage:\r\n");
}

test("writes are refused with Redis's words, reads go on, INFO says so, and it heals", async () => {
  const disk = newDisk(SEGMENT_BYTES + 8 * 1024);
  const { send, lines, exitCodes } = await start(disk);
  const count = await fillUp(send);
  expect(await send("GET", "key:0")).toBe("x".repeat(300));
  expect(await send("DBSIZE")).toBe(count);
  const information = await send("INFO");
  expect(information).toContain("aof_last_write_status:err");
  expect(information).toContain("log_shortage:No space left on device");
  expect(disk.paths().filter((path) => path.endsWith("preparing"))).toEqual([]);
  expect(lines.filter(({ level }) => level === "error")).toHaveLength(1);
  await heal(disk, send);
  expect(exitCodes).toEqual([]);
});

test("a MULTI with a write is refused, queued before or during the shortage", async () => {
  const disk = newDisk(SEGMENT_BYTES + 8 * 1024);
  const { node, send } = await start(disk);
  const early = connect(node);
  expect(await early("MULTI")).toBe("OK");
  expect(await early("SET", "early", "1")).toBe("QUEUED");
  await fillUp(send);
  const reason = MISCONF.replace(/^ERR /, "");
  expect(await early("EXEC")).toMatchObject({
    text: `EXECABORT Transaction discarded because of: ${reason}`,
  });
  expect(await send("MULTI")).toBe("OK");
  expect(await send("GET", "key:0")).toBe("QUEUED");
  expect(await send("SET", "late", "1")).toEqual(misconf);
  expect(await send("EXEC")).toMatchObject({ text: expect.stringContaining("EXECABORT") });
  expect(await send("MULTI")).toBe("OK");
  expect(await send("GET", "key:0")).toBe("QUEUED");
  expect(await send("EXEC")).toEqual(["x".repeat(300)]);
  expect(await send("EXISTS", "early", "late")).toBe(0);
});

test("who is blocked stays so while writes are refused, and is served when they come back", async () => {
  const disk = newDisk(SEGMENT_BYTES + 8 * 1024);
  const { node, send } = await start(disk);
  const popped = connect(node)("BLPOP", "list", "0");
  const late = connect(node)("BLPOP", "never", "0.05");
  await fillUp(send);
  expect(await late).toBeNull();
  expect(await send("RPUSH", "list", "a")).toEqual(misconf);
  expect(await connect(node)("BLPOP", "list", "0")).toEqual(misconf);
  await heal(disk, send);
  expect(await send("RPUSH", "list", "b")).toBe(1);
  expect(await popped).toEqual(["list", "b"]);
});

test("what expires meanwhile is not seen, and its removal is in the log once there is room", async () => {
  const disk = newDisk(SEGMENT_BYTES + 8 * 1024);
  const first = await start(disk);
  expect(await first.send("SET", "short", "1", "PX", "60000")).toBe("OK");
  expect(await first.send("SET", "soon", "1", "PX", "300")).toBe("OK");
  const count = await fillUp(first.send);
  await expect.poll(() => first.send("EXISTS", "soon")).toBe(0);
  expect(await first.send("DBSIZE")).toBe(count + 2);
  await heal(disk, first.send);
  await expect.poll(() => first.send("DBSIZE"), { timeout: 5000 }).toBe(count + 2);
  expect(await first.send("KEYS", "so*")).toEqual([]);
  await first.node.stop();
  const second = await start(disk);
  expect(await second.send("DBSIZE")).toBe(count + 2);
  expect(await second.send("GET", "short")).toBe("1");
});

test("a first start on a full disk serves reads, and takes writes once there is room", async () => {
  const disk = newDisk(1000);
  const { send, exitCodes } = await start(disk);
  expect(await send("GET", "k")).toBeNull();
  expect(await send("KEYS", "*")).toEqual([]);
  expect(await send("SET", "k", "1")).toEqual(misconf);
  const saved = await send("SAVE");
  expect(saved === "OK" || /No space|no space/.test(JSON.stringify(saved))).toBe(true);
  await heal(disk, send);
  expect(await send("GET", "again")).toBe("1");
  expect(exitCodes).toEqual([]);
  expect(await send("INFO", "log")).toContain("log_epoch:1");
});

test("a start whose claim has no room serves what is there", async () => {
  const disk = newDisk(Number.POSITIVE_INFINITY);
  const first = await start(disk);
  expect(await first.send("SET", "large", "x".repeat(SEGMENT_BYTES * 2))).toBe("OK");
  expect(await first.send("HSET", "h", "f", "v")).toBe(1);
  await first.node.stop();
  // The large record has a segment to itself, so the last one's room is what is taken away.
  const [path] = disk
    .paths()
    .filter((name) => name.includes("segment-"))
    .slice(-1);
  const content = disk.content(path);
  const end = content.findLastIndex((byte) => byte !== 0) + 1;
  disk.place(path, content.subarray(0, end + 50));
  disk.capacityBytes = 1;

  const second = await start(disk);
  expect(await second.send("HGET", "h", "f")).toBe("v");
  expect(await second.send("DBSIZE")).toBe(2);
  expect(await second.send("HSET", "h", "f", "w")).toEqual(misconf);
  await heal(disk, second.send);
  expect(await second.send("HSET", "h", "f", "w")).toBe(0);
  await second.node.stop();
  const third = await start(disk);
  expect(await third.send("HGET", "h", "f")).toBe("w");
  expect(await third.send("STRLEN", "large")).toBe(SEGMENT_BYTES * 2);
});

test("a unit that has no room waits unanswered while reads go on, and is kept when it comes", async () => {
  const disk = newDisk(4 * SEGMENT_BYTES);
  const { node, send, exitCodes } = await start(disk);
  expect(await send("SET", "small", "1")).toBe("OK");
  let reply: unknown;
  const writing = connect(node);
  void writing("SET", "large", "x".repeat(6 * SEGMENT_BYTES)).then((given) => {
    reply = given;
  });
  await expect.poll(() => send("INFO", "persistence")).toContain("aof_last_write_status:err");
  expect(await send("GET", "small")).toBe("1");
  expect(await send("SET", "small", "2")).toMatchObject({
    text: expect.stringContaining("MISCONF Errors writing to the AOF file: No space left"),
  });
  // What is durable can be saved meanwhile, which may be what makes room.
  expect(await send("SAVE")).toBe("OK");
  expect(reply).toBeUndefined();
  await heal(disk, send);
  await expect.poll(() => reply).toBe("OK");
  expect(await send("STRLEN", "large")).toBe(6 * SEGMENT_BYTES);
  expect(exitCodes).toEqual([]);
});

test("a stop does not wait for room: it ends with exit code 71, and nothing acknowledged is lost", async () => {
  const disk = newDisk(4 * SEGMENT_BYTES);
  const { node, send, exitCodes, lines } = await start(disk);
  expect(await send("SET", "small", "1")).toBe("OK");
  let isAnswered = false;
  void connect(node)("SET", "large", "x".repeat(6 * SEGMENT_BYTES)).then(() => {
    isAnswered = true;
  });
  await expect.poll(() => send("INFO", "persistence")).toContain("aof_last_write_status:err");
  await expect(node.stop()).rejects.toMatchObject({ code: "ENOSPC" });
  expect(exitCodes).toEqual([71]);
  expect(isAnswered).toBe(false);
  expect(lines).toContainEqual(fatalLine("free some and start again"));
  disk.killProcess();
  const after = await start(disk);
  expect(await after.send("GET", "small")).toBe("1");
  expect(await after.send("EXISTS", "large")).toBe(0);
});

test("a stop of a node that only serves reads ends well", async () => {
  const { node, exitCodes } = await start(newDisk(1000));
  await node.stop();
  expect(exitCodes).toEqual([]);
});

test("a failed sync of the segment that is made ahead ends the process, with no write needed", async () => {
  const disk = newDisk(Number.POSITIVE_INFINITY);
  const { send, exitCodes, lines } = await start(disk);
  expect(await send("SET", "k", "x".repeat(100))).toBe("OK");
  disk.disturb = (_, what, path) =>
    what === "fdatasync" && path.endsWith("preparing") ? "EIO" : undefined;
  expect(await send("SET", "half", "x".repeat(SEGMENT_BYTES / 2))).toBe("OK");
  await expect.poll(() => exitCodes).toEqual([71]);
  expect(lines).toContainEqual(fatalLine("Look at the disk"));
});
