/**
 * A data folder as text, for fixtures: of each file a line `file NAME BYTES`, then its bytes as
 * hexadecimal digits, zeros at its end left out.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { PREPARED_NAME } from "../../src/log/segment-format.ts";
import { joinPath } from "../../src/runtime/disk.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { LOG_FOLDER } from "../support/log-records.ts";

const DIGITS_PER_LINE = 120;

function fixturePath(name: string): URL {
  return new URL(`../fixtures/${name}`, import.meta.url);
}

export function readFixture(name: string): string {
  return readFileSync(fixturePath(name), "utf8");
}

export function writeFixture(name: string, text: string): void {
  writeFileSync(fixturePath(name), text);
}

/** The bytes of a fixture that is one file. */
export function fixtureBytes(name: string): Buffer {
  return Buffer.from(readFixture(name).replaceAll(/\s/g, ""), "hex");
}

export function linesOf(bytes: Buffer): string[] {
  return bytes.toString("hex").match(new RegExp(`.{1,${DIGITS_PER_LINE}}`, "g")) ?? [];
}

export function folderText(disk: FakeDisk): string {
  const lines: string[] = [];
  for (const path of disk.paths()) {
    // It may be there or not: the next segment's file, ahead of need.
    if (path.endsWith(PREPARED_NAME)) continue;
    const content = disk.content(path);
    let end = content.length;
    while (end > 0 && content[end - 1] === 0) end -= 1;
    lines.push(`file ${path.slice(LOG_FOLDER.length + 1)} ${content.length}`);
    lines.push(...linesOf(content.subarray(0, end)));
  }
  return `${lines.join("\n")}\n`;
}

export function folderOf(text: string): FakeDisk {
  const disk = new FakeDisk(seededRandom(1));
  for (const part of text.split("file ").slice(1)) {
    const [head, ...lines] = part.trim().split("\n");
    const [name, byteCount] = head.split(" ");
    const content = Buffer.alloc(Number(byteCount));
    Buffer.from(lines.join(""), "hex").copy(content);
    disk.place(joinPath(LOG_FOLDER, name), content);
  }
  return disk;
}
