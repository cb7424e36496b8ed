/**
 * The server as a process: how it is told to start, what it says when it cannot, and how it ends.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { freePort } from "../../bench/server-process.ts";
import { parameters } from "../../src/server/parameters.ts";
import { RawClient } from "../support/raw-client.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ENTRY = join(ROOT, "src/main.ts");
const folder = mkdtempSync(join(tmpdir(), "lodestone-process-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** Runs one that is expected to end by itself. */
async function run(args: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    env: { ...process.env, ...environment },
  });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const [exitCode] = await once(child, "close");
  return { exitCode: Number(exitCode), output };
}

describe("a start that cannot be", () => {
  const badFile = join(folder, "bad.conf");
  writeFileSync(badFile, "# a comment\nno-such-thing 1\n");
  it.each<[string, string[], Record<string, string>, RegExp]>([
    ["an unknown flag", ["--no-such-flag", "1"], {}, /no-such-flag/],
    ["a bad value", ["--port", "many"], {}, /port many/],
    ["a flag without its value", ["--port"], {}, /--port has no value/],
    ["a missing file", ["--config", join(folder, "missing.conf")], {}, /missing\.conf/],
    ["an unknown line of the file", ["--config", badFile], {}, /bad\.conf: 'no-such-thing'/],
    ["a bad variable", [], { LODESTONE_PORT: "99999" }, /environment: 'port 99999'/],
  ])("%s ends with 2 and names it", async (_, args, environment, says) => {
    const { exitCode, output } = await run(args, environment);
    expect(output).toMatch(says);
    expect(exitCode).toBe(2);
  });

  it("a port in use ends with 1 and names the address", async () => {
    server = await startTestServer();
    const other = join(folder, "other");
    const { exitCode, output } = await run(["--port", String(server.port), "--dir", other]);
    expect(output).toMatch(new RegExp(`${server.port}`));
    expect(output).toMatch(/in use/i);
    expect(exitCode).toBe(1);
  });

  it("a folder that another server holds is refused, with the holder", async () => {
    server = await startTestServer();
    const args = ["--port", String(await freePort()), "--dir", server.folder];
    const { exitCode, output } = await run(args);
    expect(output).toContain(String(server.pid));
    expect(exitCode).not.toBe(0);
  });
});

it("--help names every parameter", async () => {
  const { exitCode, output } = await run(["--help"]);
  expect(exitCode).toBe(0);
  for (const { name } of parameters) expect(output).toContain(`--${name}`);
});

describe("once it runs", () => {
  it("beyond maxclients refuses with an error, and accepts again later", async () => {
    server = await startTestServer(["--maxclients", "2"]);
    const first = await RawClient.open(server.port);
    const second = await RawClient.open(server.port);
    expect(await first.command("PING")).toBe("+PONG\r\n");
    expect(await second.command("PING")).toBe("+PONG\r\n");
    const refused = connect(server.port, "127.0.0.1");
    refused.on("error", () => {});
    let said = "";
    refused.on("data", (chunk) => {
      said += chunk.toString();
    });
    await once(refused, "close");
    expect(said).toBe("-ERR max number of clients reached\r\n");
    first.close();
    second.close();
    // The server may see the ends a moment later than this side does.
    let reply = "";
    while (reply !== "+PONG\r\n") {
      const next = await RawClient.open(server.port);
      reply = await next.command("PING");
      next.close();
    }
  });

  it("lets idle clients go after the timeout", async () => {
    server = await startTestServer(["--timeout", "1"]);
    const socket = connect(server.port, "127.0.0.1");
    socket.resume();
    await once(socket, "close");
    const client = await RawClient.open(server.port);
    expect(await client.command("PING")).toBe("+PONG\r\n");
    client.close();
  });

  it("listens on each address", async () => {
    server = await startTestServer(["--bind", "127.0.0.1 127.0.0.2"]);
    const socket = connect(server.port, "127.0.0.2");
    socket.write("PING\r\n");
    const [reply] = await once(socket, "data");
    expect(String(reply)).toBe("+PONG\r\n");
    socket.destroy();
  });

  it("asks for the password, and limits what comes before it", async () => {
    server = await startTestServer(["--requirepass", "secret"]);
    const client = await RawClient.open(server.port);
    expect(await client.command("GET", "a")).toBe("-NOAUTH Authentication required.\r\n");
    expect(await client.command("AUTH", "wrong")).toMatch(/^-WRONGPASS/);
    expect(await client.command("AUTH", "secret")).toBe("+OK\r\n");
    expect(await client.command("SET", "a", "x".repeat(20_000))).toBe("+OK\r\n");
    client.close();
    for (const [bytes, says] of [
      ["*11\r\n", "-ERR Protocol error: unauthenticated multibulk length\r\n"],
      ["*2\r\n$4\r\nAUTH\r\n$20000\r\n", "-ERR Protocol error: unauthenticated bulk length\r\n"],
    ]) {
      const socket = connect(server.port, "127.0.0.1");
      let said = "";
      socket.on("data", (chunk) => {
        said += chunk.toString();
      });
      socket.write(bytes);
      await once(socket, "close");
      expect(said).toBe(says);
    }
  });
});

it.each(["SIGTERM", "SIGINT"] as const)(
  "%s to npm start ends the server with 0, and what was acknowledged is there",
  async (signal) => {
    const data = mkdtempSync(join(folder, "data-"));
    const port = await freePort();
    const child = spawn("npm", ["start", "--", "--port", String(port), "--dir", data], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "ignore"],
    });
    let output = "";
    await new Promise<void>((resolve) =>
      child.stdout.on("data", (chunk) => {
        output += chunk;
        if (output.includes(" ready: ")) resolve();
      }),
    );
    const client = await RawClient.open(port);
    const pid = /process_id:(\d+)/.exec(await client.command("INFO", "server"))?.[1];
    let acknowledged = 0;
    const closed = once(child, "close");
    for (let index = 0; ; index += 1) {
      if (index === 200) process.kill(Number(pid), signal);
      const reply = await client.command("SET", `key:${index}`, "x");
      if (reply !== "+OK\r\n") break;
      acknowledged += 1;
    }
    const [exitCode] = await closed;
    expect(exitCode).toBe(0);
    client.close();
    const again = spawn(process.execPath, [ENTRY, "--port", String(port), "--dir", data]);
    await once(again.stdout, "data");
    const reader = await RawClient.open(port);
    const kept = Number((await reader.command("DBSIZE")).slice(1));
    expect(kept).toBeGreaterThanOrEqual(acknowledged);
    expect(kept).toBeLessThanOrEqual(acknowledged + 1);
    reader.close();
    again.kill("SIGTERM");
    expect((await once(again, "close"))[0]).toBe(0);
  },
);
