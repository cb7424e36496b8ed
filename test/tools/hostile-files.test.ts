/**
 * The tools as processes, on paths and files that nobody meant them for: each ends by itself, with
 * a sentence and its exit code, and no trace of ours.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { smallLog } from "../support/small-log.ts";

const MAIN = fileURLToPath(new URL("../../src/tools/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "lodestone-hostile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...words: string[]) {
  const { status, signal, stderr, stdout } = spawnSync(process.execPath, [MAIN, ...words], {
    encoding: "utf8",
    cwd: folder,
  });
  return { status, signal, text: stderr + stdout };
}

it("what is no file ends with 2, and so does an empty folder's name", () => {
  execFileSync("mkfifo", [join(folder, "pipe")]);
  mkdirSync(join(folder, "folder"));
  for (const path of ["pipe", "folder", "absent", "/dev/zero", "pipe/x"]) {
    const { status, text } = run("inspect", "log", path);
    expect({ status, path }).toEqual({ status: 2, path });
    expect(text).toContain("lodestone: ");
    expect(text).not.toContain("    at ");
  }
  expect(run("inspect", "frob", "pipe").status).toBe(2);
  expect(run("check", "--dir", "absent")).toMatchObject({ status: 2 });
  expect(run("check", "--dir", "pipe")).toMatchObject({ status: 2 });
});

it("a folder with hostile segments is damaged, and says where", () => {
  const data = join(folder, "data");
  mkdirSync(data);
  const disk = smallLog();
  for (const path of disk.paths()) {
    writeFileSync(join(data, path.slice(path.lastIndexOf("/") + 1)), disk.content(path));
  }
  const sound = run("check", "--dir", "data");
  expect(sound.text).toContain("data is sound");
  expect(sound.status).toBe(0);
  expect(run("repair", "--cut-tail", "--dir", "data").status).toBe(0);
  const names = disk.paths().map((path) => path.slice(path.lastIndexOf("/") + 1));
  // Sparse: it takes no room on the disk, and would take all memory.
  truncateSync(join(data, names[1]), 2 ** 40);
  const huge = run("check", "--dir", "data");
  expect(huge.status).toBe(1);
  expect(huge.text).toContain(names[1]);
  expect(huge.text).toContain("no segment is as large");
  const shown = run("repair", "--cut-tail", "--dir", "data");
  expect(shown.status).toBe(1);
  expect(shown.text).toContain("nothing was changed");
  writeFileSync(join(data, "folder.lock"), "no database at all, and longer than a header of one");
  const locked = run("check", "--dir", "data");
  expect(locked.status).toBe(1);
  expect(locked.text).toContain("folder.lock: look at");
}, 60_000);

it("a reader that leaves early is no failure", () => {
  const data = join(folder, "data");
  const first = join(data, "segment-00000000000000000001.log");
  const command = `"${process.execPath}" "${MAIN}" inspect log "${first}" --effects; echo "code $?" >&2`;
  const { stderr } = spawnSync("sh", ["-c", `{ ${command}; } | head -n 1`], { encoding: "utf8" });
  expect(stderr).toContain("code 0");
  expect(stderr).not.toContain("EPIPE");
});
