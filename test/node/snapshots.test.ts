/**
 * Snapshots of a whole node on a fake disk: what was acknowledged is there after a start from
 * snapshot and log, whatever became of the newest snapshot.
 */
import { afterEach, describe, expect, test } from "vitest";
import { ErrorReply } from "../../src/base/errors.ts";
import type { RunningNode } from "../../src/node/start.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { connect, type FakeNode, startFakeNode } from "../support/fake-node.ts";

const running: RunningNode[] = [];

afterEach(async () => {
  for (const node of running.splice(0)) await node.stop();
});

async function start(disk: FakeDisk): Promise<FakeNode & { send: ReturnType<typeof connect> }> {
  const fake = startFakeNode(disk);
  await fake.node.whenReady;
  running.push(fake.node);
  return { ...fake, send: connect(fake.node) };
}

async function stop({ node }: FakeNode): Promise<void> {
  running.splice(running.indexOf(node), 1);
  await node.stop();
}

function newDisk(): FakeDisk {
  return new FakeDisk(seededRandom(1));
}

function names(disk: FakeDisk, part: string): string[] {
  return disk.paths().filter((path) => path.includes(part));
}

async function fill(send: ReturnType<typeof connect>, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += 20) {
    const batch = Array.from({ length: 20 }, (_, at) =>
      send("SET", `key-${index + at}`, `${"v".repeat(200)}${index + at}`),
    );
    await Promise.all(batch);
  }
}

async function infoOf(send: ReturnType<typeof connect>): Promise<Map<string, string>> {
  const text = String(await send("INFO", "everything"));
  return new Map(text.split("\r\n").map((line) => line.split(":", 2) as [string, string]));
}

describe("snapshots of a node", () => {
  test("a start reads the newest and the log behind it", async () => {
    const disk = newDisk();
    let node = await start(disk);
    await fill(node.send, 0, 300);
    expect(await node.send("SAVE")).toBe("OK");
    await fill(node.send, 300, 400);
    await node.send("DEL", "key-5");
    const digest = await node.send("DEBUG", "DIGEST");
    await stop(node);
    node = await start(disk);
    expect(await node.send("DEBUG", "DIGEST")).toEqual(digest);
    expect(await node.send("DBSIZE")).toBe(399);
    const info = await infoOf(node.send);
    expect(info.get("rdb_last_load_keys_loaded")).toBe("300");
  });

  test("the log is trimmed below the older of two, and a start still has everything", async () => {
    const disk = newDisk();
    let node = await start(disk);
    await fill(node.send, 0, 300);
    await node.send("SAVE");
    const before = names(disk, "segment-").length;
    expect((await infoOf(node.send)).get("snapshot_trimmed_sequence")).toBe("0");
    await fill(node.send, 300, 600);
    await node.send("SAVE");
    const info = await infoOf(node.send);
    expect(Number(info.get("snapshot_trimmed_sequence"))).toBeGreaterThan(0);
    expect(names(disk, "segment-").length).toBeLessThan(before + before);
    await stop(node);
    node = await start(disk);
    expect(await node.send("DBSIZE")).toBe(600);
    expect(await node.send("GET", "key-599")).toBe(`${"v".repeat(200)}599`);
  });

  test("a damaged newest is said loudly, and the one before is taken", async () => {
    const disk = newDisk();
    let node = await start(disk);
    await fill(node.send, 0, 100);
    await node.send("SAVE");
    await fill(node.send, 100, 200);
    await node.send("SAVE");
    await fill(node.send, 200, 300);
    await stop(node);
    const newest = names(disk, ".snap").at(-1) ?? "";
    disk.content(newest)[5000] ^= 1;
    node = await start(disk);
    expect(await node.send("DBSIZE")).toBe(300);
    const loud = node.lines.find(({ message }) => message.includes("DAMAGED"));
    expect(loud?.level).toBe("error");
    expect(JSON.stringify(loud?.fields)).toContain(newest);
  });

  test("with none left, and a log that was trimmed, the start is refused", async () => {
    const disk = newDisk();
    const node = await start(disk);
    await fill(node.send, 0, 300);
    await node.send("SAVE");
    await fill(node.send, 300, 600);
    await node.send("SAVE");
    await stop(node);
    for (const path of names(disk, ".snap")) disk.content(path)[5000] ^= 1;
    await expect(startFakeNode(disk).node.whenReady).rejects.toThrow("Put back a sound snapshot");
  });

  test("a failure is a status and a line, and the server goes on", async () => {
    const disk = newDisk();
    const node = await start(disk);
    await fill(node.send, 0, 100);
    disk.disturb = (_call, what, path) =>
      what === "write" && path.includes(".snap") ? "ENOSPC" : undefined;
    const reply = await node.send("SAVE");
    expect(reply).toBeInstanceOf(ErrorReply);
    expect((await infoOf(node.send)).get("rdb_last_bgsave_status")).toBe("err");
    expect(names(disk, ".snap")).toEqual([]);
    disk.disturb = () => undefined;
    expect(await node.send("SET", "more", "1")).toBe("OK");
    expect(await node.send("SAVE")).toBe("OK");
    expect((await infoOf(node.send)).get("rdb_last_bgsave_status")).toBe("ok");
  });
});
