/**
 * redis-cli at work: hints at a terminal, mass insertion, and RESP3.
 */
import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRequirement } from "../support/requirement.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";
import { runPython } from "./python.ts";

const version = findRequirement("redis-cli");
const python = findRequirement("python-clients");

describe.skipIf(version === undefined)("redis-cli", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server?.stop());

  function run(args: readonly string[], input = ""): Promise<string> {
    const child = spawn("redis-cli", ["-h", "127.0.0.1", "-p", `${server.port}`, ...args]);
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stdin.end(input);
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", () => resolve(output));
    });
  }

  it("inserts 10,000 keys with --pipe", async () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => {
      const key = `mass:${index}`;
      return `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$5\r\nvalue\r\n`;
    });
    expect(await run(["--pipe"], lines.join(""))).toContain("errors: 0, replies: 10000");
    expect(await run(["DBSIZE"])).toBe("10000\n");
    expect(await run(["GET", "mass:9999"])).toBe("value\n");
  });

  it("speaks RESP3 with -3", async () => {
    expect(await run(["-3", "HSET", "hash", "field", "value"])).toBe("1\n");
    expect(await run(["-3", "--no-raw", "HGETALL", "hash"])).toContain('1# "field" => "value"');
  });

  it.skipIf(python === undefined)("shows hints that come from COMMAND DOCS", async () => {
    const shown = await runPython(python ?? "", "redis_cli_hints.py", [server.port]);
    expect(shown.exitCode, shown.output).toBe(0);
    expect(shown.output).toContain("set: key value [NX|XX] [GET] [EX seconds|PX milliseconds");
    expect(shown.output).toContain("hset: key field value [field value ...]");
    expect(shown.output).toContain("ft.search: index query");
    expect(shown.output).toContain("reply: True");
  });
});
