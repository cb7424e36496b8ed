/**
 * A failure of the disk ends the process at once, whatever else that disk has under way.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("./exit-while-waiting.ts", import.meta.url));

test.runIf(process.platform === "linux")("ends while a call on a thread hangs", () => {
  const folder = mkdtempSync(join(tmpdir(), "lodestone-exit-"));
  try {
    const pipe = join(folder, "pipe");
    expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
    const ended = spawnSync(process.execPath, [program, pipe], { timeout: 20_000 });
    expect(ended.signal).toBeNull();
    expect(ended.status).toBe(71);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
