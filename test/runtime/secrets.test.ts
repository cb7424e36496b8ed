/**
 * The door to secrets, on real files and real programs that fail in every way.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { SecretFailure, systemSecrets } from "../../src/runtime/secrets.ts";

const folder = mkdtempSync(join(tmpdir(), "lodestone-secrets-"));
afterAll(() => rmSync(folder, { recursive: true }));

const key = Buffer.alloc(32, 7);

/** A program of node that is given as text. */
function run(program: string, timeMs?: number): Promise<Buffer> {
  return systemSecrets.runCommand([process.execPath, "-e", program], key, timeMs);
}

describe("a key's file", () => {
  test("is read, with who else may read it", async () => {
    const path = join(folder, "key");
    writeFileSync(path, key);
    chmodSync(path, 0o600);
    expect(await systemSecrets.readFile(path)).toEqual({ bytes: key, isReadableByOthers: false });
    chmodSync(path, 0o640);
    expect((await systemSecrets.readFile(path)).isReadableByOthers).toBe(true);
  });

  test("of more than limits.masterKeyFileBytesMax is none, nor is a folder, nor nothing", async () => {
    const path = join(folder, "long");
    writeFileSync(path, Buffer.alloc(limits.masterKeyFileBytesMax));
    expect((await systemSecrets.readFile(path)).bytes.length).toBe(limits.masterKeyFileBytesMax);
    writeFileSync(path, Buffer.alloc(limits.masterKeyFileBytesMax + 1));
    await expect(systemSecrets.readFile(path)).rejects.toThrow("too long to be a key");
    await expect(systemSecrets.readFile(folder)).rejects.toBeInstanceOf(SecretFailure);
    await expect(systemSecrets.readFile(join(folder, "none"))).rejects.toThrow("ENOENT");
  });
});

describe("a command", () => {
  test("gets its input and gives what it prints", async () => {
    const output = await run(
      "process.stdin.on('data', (b) => process.stdout.write(b.map((x) => x + 1)))",
    );
    expect(output).toEqual(Buffer.alloc(32, 8));
  });

  test("need not read what it is given", async () => {
    expect((await run("process.stdout.write('x')")).toString()).toBe("x");
  });

  test("that fails says so by its first line, without what is unprintable", async () => {
    const failing = run("console.error('no\\x1b[31m access\\nsecond line'); process.exit(3)");
    await expect(failing).rejects.toThrow(new SecretFailure("exit code 3: no?[31m access"));
    await expect(run("process.kill(process.pid, 'SIGTERM')")).rejects.toThrow("ended by SIGTERM");
    const absent = systemSecrets.runCommand([join(folder, "absent")], key);
    await expect(absent).rejects.toThrow("ENOENT");
    await expect(systemSecrets.runCommand([folder], key)).rejects.toThrow("EACCES");
  });

  test("that prints more than limits.masterKeyOutputBytesMax is ended", async () => {
    const most = limits.masterKeyOutputBytesMax;
    expect((await run(`process.stdout.write(Buffer.alloc(${most}))`)).length).toBe(most);
    const endless = run("setInterval(() => process.stdout.write(Buffer.alloc(65536)), 1)");
    await expect(endless).rejects.toThrow(`it printed more than ${most} bytes`);
  });

  test("that takes too long is ended, and so is waiting for what it has started", async () => {
    expect(limits.masterKeyCommandMs).toBe(30_000);
    await expect(run("setInterval(() => {}, 1000)", 300)).rejects.toThrow(
      "longer than 0.3 seconds",
    );
    const child = `require("child_process").spawn("sleep", ["30"], { stdio: "inherit" })`;
    await expect(run(child, 600)).rejects.toThrow("longer than 0.6 seconds");
  });

  test("is run without a shell", async () => {
    const output = await systemSecrets.runCommand(
      [process.execPath, "-e", "process.stdout.write(process.argv[1])", "$HOME; echo no"],
      key,
    );
    expect(output.toString()).toBe("$HOME; echo no");
  });
});
