/**
 * DEBUG RELOAD: what was written down is what was in memory, from files and from flat forms; and
 * what others see meanwhile.
 */
import { afterEach, describe, expect, test } from "vitest";
import { ErrorReply } from "../../src/base/errors.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { connect, type FakeNode, startFakeNode } from "../support/fake-node.ts";

const started: FakeNode[] = [];

afterEach(async () => {
  for (const { node } of started.splice(0)) await node.stop();
});

async function start(log: "file" | "memory", disk = new FakeDisk(seededRandom(1))) {
  const started1 = startFakeNode(disk, { log });
  started.push(started1);
  await started1.node.whenReady;
  return started1.node;
}

const writes = [
  "SET s v",
  "SET number 12",
  "SET gone soon PX 3600000",
  "APPEND s more",
  `SET long ${"x".repeat(5000)}`,
  "HSET h a 1 b 2",
  `HSET wide f ${"y".repeat(3000)}`,
  "RPUSH l 1 2 3",
  "LPOP l",
  "SELECT 3",
  "RPUSH elsewhere x",
  "SELECT 0",
  "SWAPDB 0 3",
  "DEL number",
];

describe.each(["file", "memory"] as const)("with the log in %s", (log) => {
  test("the same is there afterwards, and can be written", async () => {
    const node = await start(log);
    const send = connect(node);
    for (const line of writes) await send(...line.split(" "));
    const before = await send("DEBUG", "DIGEST");
    const expiry = await send("PEXPIRETIME", "gone");
    expect(await send("DEBUG", "RELOAD")).toBe("OK");
    expect(await send("DEBUG", "DIGEST")).toBe(before);
    expect(await send("PEXPIRETIME", "gone")).toBe(expiry);
    expect(await send("RPUSH", "elsewhere", "y")).toBe(2);
    const grown = await send("DEBUG", "DIGEST");
    expect(grown).not.toBe(before);
    expect(await send("DEBUG", "LOADAOF")).toBe("OK");
    expect(await send("DEBUG", "DIGEST")).toBe(grown);
  });

  test("others get LOADING until it is done, and a second one is refused", async () => {
    const node = await start(log);
    const send = connect(node);
    const other = connect(node);
    await send("SET", "k", "v");
    const reloaded = send("DEBUG", "RELOAD");
    const refused = await other("SET", "k", "w");
    expect(refused).toMatchObject({ text: expect.stringMatching(/^LOADING /) });
    const second = await other("DEBUG", "RELOAD");
    expect(second).toMatchObject({ text: expect.stringContaining("being read back already") });
    expect(await reloaded).toBe("OK");
    expect(await other("GET", "k")).toBe("v");
    expect(await other("SET", "k", "w")).toBe("OK");
  });

  test("a MULTI that asks for it keeps what it wrote before and behind", async () => {
    const node = await start(log);
    const send = connect(node);
    for (const line of ["MULTI", "SET a 1", "DEBUG RELOAD", "SET b 2"]) {
      await send(...line.split(" "));
    }
    expect(await send("EXEC")).toEqual(["OK", "OK", "OK"]);
    expect(await send("MGET", "a", "b")).toEqual(["1", "2"]);
  });

  test("it is refused while there is an index", async () => {
    const node = await start(log);
    const send = connect(node);
    await send("FT.CREATE", "idx", "SCHEMA", "t", "TAG");
    const refusal = await send("DEBUG", "RELOAD");
    expect(refusal).toBeInstanceOf(ErrorReply);
    await send("FT.DROPINDEX", "idx");
    expect(await send("DEBUG", "RELOAD")).toBe("OK");
  });
});
