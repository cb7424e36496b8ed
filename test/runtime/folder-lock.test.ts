/**
 * The folder lock between real processes: exclusive, and never stale.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FolderHeld } from "../../src/runtime/disk.ts";
import { systemDisk } from "../../src/runtime/system-disk.ts";

const holderProgram = fileURLToPath(new URL("./lock-holder.ts", import.meta.url));
let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lodestone-lock-"));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

async function startHolder(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [holderProgram, folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const [said] = await once(child.stdout, "data");
  expect(String(said)).toBe("held\n");
  return child;
}

test("a second process is refused, and told who holds the folder", async () => {
  const holder = await startHolder();
  const refused = systemDisk.lock(folder, "me");
  await expect(refused).rejects.toBeInstanceOf(FolderHeld);
  await expect(refused).rejects.toThrow(`pid ${holder.pid}, 127.0.0.1:7001`);
});

test("a killed holder leaves no stale lock", async () => {
  const holder = await startHolder();
  const ended = once(holder, "exit");
  holder.kill("SIGKILL");
  await ended;
  const lock = await systemDisk.lock(folder, "me");
  await lock.release();
});

test("a released lock is free, also while its process lives", async () => {
  const holder = await startHolder();
  holder.stdin?.write("go\n");
  await once(holder.stdout ?? holder, "data");
  const lock = await systemDisk.lock(folder, "me");
  await expect(systemDisk.lock(folder, "me again")).rejects.toThrow("held by me");
  await lock.describe("me at 127.0.0.1:6379");
  await expect(systemDisk.lock(folder, "x")).rejects.toThrow("held by me at 127.0.0.1:6379");
  await lock.release();
});

test("who looks for a holder is told, changes nothing, and holds nothing", async () => {
  expect(await systemDisk.holderOf(folder)).toBeUndefined();
  const holder = await startHolder();
  expect(await systemDisk.holderOf(folder)).toBe(`pid ${holder.pid}, 127.0.0.1:7001`);
  const ended = once(holder, "exit");
  holder.kill("SIGKILL");
  await ended;
  const before = await readdir(folder);
  expect(await systemDisk.holderOf(folder)).toBeUndefined();
  expect(await readdir(folder)).toEqual(before);
  const lock = await systemDisk.lock(folder, "me");
  expect(await systemDisk.holderOf(folder)).toBe("me");
  await lock.release();
  expect(await systemDisk.holderOf(folder)).toBeUndefined();
});
