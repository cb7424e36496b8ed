/**
 * The real disk against a real folder: what the fake one promises, this one keeps.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DiskError, readFile, replaceFile } from "../../src/runtime/disk.ts";
import { systemDisk } from "../../src/runtime/system-disk.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lodestone-disk-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("writes at offsets, reads back, and reads less only at the end", async () => {
  const path = join(folder, "a");
  const created = await systemDisk.open(path, "create");
  await created.write(Buffer.from("hello world"), 0);
  await created.sync();
  await created.close();
  const file = await systemDisk.open(path, "durable");
  await file.write(Buffer.from("W"), 6);
  await file.write(Buffer.from("!"), 11);
  const into = Buffer.alloc(20);
  expect(await file.read(into, 6)).toBe(6);
  expect(into.subarray(0, 6).toString()).toBe("World!");
  await file.truncate(5);
  expect(await file.sizeBytes()).toBe(5);
  await file.close();
  expect((await readFile(systemDisk, path)).toString()).toBe("hello");
});

test("replaces a file whole, and lists names in order", async () => {
  await replaceFile(systemDisk, folder, "b", Buffer.from("one"));
  await replaceFile(systemDisk, folder, "b", Buffer.from("two"));
  await replaceFile(systemDisk, folder, "a", Buffer.from("three"));
  expect(await systemDisk.list(folder)).toEqual(["a", "b"]);
  expect((await readFile(systemDisk, join(folder, "b"))).toString()).toBe("two");
  expect(await systemDisk.list(join(folder, "absent"))).toEqual([]);
});

test("makes folders with their parents, once or twice", async () => {
  const deep = join(folder, "x", "y");
  await systemDisk.makeFolder(deep);
  await systemDisk.makeFolder(deep);
  await systemDisk.syncFolder(deep);
  expect(await systemDisk.exists(deep)).toBe(true);
});

test("fails with the system's code, and with the path", async () => {
  const path = join(folder, "absent");
  const failure = await systemDisk.open(path, "read").catch((reason: unknown) => reason);
  expect(failure).toBeInstanceOf(DiskError);
  expect(failure).toMatchObject({ code: "ENOENT" });
  expect(String(failure)).toContain(path);
  await replaceFile(systemDisk, folder, "there", Buffer.from("x"));
  await expect(systemDisk.open(join(folder, "there"), "create")).rejects.toMatchObject({
    code: "EEXIST",
  });
});

test("refuses what is no regular file at once: a pipe would be waited for, a device never ends", async () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  for (const path of [pipe, folder, "/dev/zero"]) {
    await expect(systemDisk.open(path, "read"), path).rejects.toMatchObject({ code: "EINVAL" });
  }
});
