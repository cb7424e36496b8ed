/**
 * Children with a channel, started by the native code and by node alike; and that the native one
 * does not copy what we have in memory first.
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { Duplex, PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { startChild } from "../../src/runtime/child-process.ts";
import { FramedChannel } from "../../src/runtime/framed-channel.ts";
import { loadRuntimeAddon } from "../../src/runtime/native-addon.ts";

const program = new URL("./channel-child.ts", import.meta.url);
const addon = loadRuntimeAddon();
const isLinux = process.platform === "linux";

test("the native code is there on Linux", () => {
  expect(addon !== undefined).toBe(isLinux);
});

const starts = { "native code": addon ?? null, node: null };

describe.runIf(isLinux).each(Object.entries(starts))("a child of %s", (_, wanted) => {
  function open() {
    const child = startChild(program, [], wanted);
    const messages: unknown[] = [];
    let heard: () => void = () => undefined;
    const channel = new FramedChannel(child.channel, {
      broken: () => child.kill(),
      message(message) {
        messages.push(message);
        heard();
      },
    });
    const whenHeard = () =>
      new Promise<void>((resolve) => {
        heard = resolve;
      });
    return { child, channel, messages, whenHeard };
  }

  test("gets messages, our environment, and nothing on its standard input", async () => {
    process.env["LODESTONE_CHILD_TEST"] = "a=b c";
    const { child, channel, messages } = open();
    const echo = { bytes: Buffer.from([0, 1, 255]), text: "x".repeat(100_000), at: 2 ** 40 };
    await channel.send({ echo, end: 0 });
    expect(await child.ended).toBeUndefined();
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({
      echo,
      standardInput: 0,
      argumentsCount: 2,
      environment: "a=b c",
      blockedSignals: "0000000000000000",
    });
  });

  test("says how it ended", async () => {
    const ends: readonly [number | "SIGTERM", RegExp][] = [
      [0, /^undefined$/],
      [3, /exit code 3/],
      ["SIGTERM", /ended by SIGTERM/],
    ];
    for (const [end, expected] of ends) {
      const { child, channel } = open();
      await channel.send({ echo: 1, end });
      expect(String(await child.ended)).toMatch(expected);
    }
  });

  test("is killed, once and again", async () => {
    const { child, channel, whenHeard } = open();
    const answered = whenHeard();
    await channel.send({ echo: 1 });
    await answered;
    child.kill();
    child.kill();
    expect(await child.ended).toMatch(/SIGKILL/);
    child.kill();
  });

  test("ends when we close its channel", async () => {
    const { child, channel, whenHeard } = open();
    const answered = whenHeard();
    await channel.send({ echo: 1 });
    await answered;
    child.channel.destroy();
    expect(await child.ended).toMatch(/exit code 9/);
  });

  test("that cannot be started is an error", async () => {
    const path = process.execPath;
    process.execPath = "/nowhere/node";
    try {
      const start = async () => await open().child.ended;
      const outcome = await start().then(String, String);
      expect(outcome).toMatch(/ENOENT/);
    } finally {
      process.execPath = path;
    }
  });
});

/** What a program of its own printed last, as JSON. */
function lastPrintedBy(script: string) {
  const flags = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script];
  const { stdout, stderr } = spawnSync(process.execPath, flags, { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

test.runIf(isLinux)("native code starts a child without a fork, and leaves no zombie", () => {
  // Told by page faults: how long a fork takes is the machine's affair.
  const source = new URL("../../src/runtime/child-process.ts", import.meta.url).href;
  const script = `
    import { readFileSync } from "node:fs";
    import { startChild } from "${source}";
    const faultsOf = () => process.resourceUsage().minorPageFault;
    const kept = Array.from({ length: 40 }, () => Buffer.alloc(10_000_000, 1));
    const child = startChild(new URL("file:///nowhere.mjs"), ["--version"]);
    const before = faultsOf();
    // A fork would have made each page a copy to be made at its next write.
    for (const buffer of kept) for (let at = 0; at < buffer.length; at += 4096) buffer[at] = 2;
    const faults = faultsOf() - before;
    await child.ended;
    const path = "/proc/self/task/" + process.pid + "/children";
    console.log(JSON.stringify({ faults, children: readFileSync(path, "latin1") }));
  `;
  const { faults, children } = lastPrintedBy(script);
  expect(children).toBe("");
  expect(faults).toBeLessThan(20_000);
});

test.runIf(isLinux)("all threads leave one processor, where there is another", () => {
  const source = new URL("../../src/runtime/native-addon.ts", import.meta.url).href;
  const script = `
    import { readdirSync, readFileSync } from "node:fs";
    import { loadRuntimeAddon } from "${source}";
    const threads = () => readdirSync("/proc/self/task");
    const counts = () => threads().map((thread) => {
      const status = readFileSync("/proc/self/task/" + thread + "/status", "latin1");
      const mask = /Cpus_allowed:\\s+([\\w,]+)/.exec(status)[1].replaceAll(",", "");
      return BigInt("0x" + mask).toString(2).replaceAll("0", "").length;
    });
    const before = counts();
    const failure = loadRuntimeAddon().leaveOneProcessor(Int32Array.from(threads(), Number));
    console.log(JSON.stringify({ failure, before, after: counts() }));
  `;
  const { failure, before, after } = lastPrintedBy(script);
  expect(failure).toBe(0);
  expect(before.length).toBeGreaterThan(3);
  expect(new Set(before).size).toBe(1);
  expect(after).toEqual(before.map((count: number) => Math.max(1, count - 1)));
});

describe("a channel", () => {
  function open(stream: Duplex) {
    const messages: unknown[] = [];
    const reasons: string[] = [];
    const channel = new FramedChannel(stream, {
      message: (message) => messages.push(message),
      broken: (reason) => reasons.push(reason),
    });
    return { stream, channel, messages, reasons };
  }

  async function framesOf(...messages: object[]): Promise<Buffer> {
    const chunks: Buffer[] = [];
    // What was sent is wiped once it has left.
    const write = (chunk: Buffer, _: string, done: () => void) => {
      chunks.push(Buffer.from(chunk));
      done();
    };
    const { channel } = open(new Duplex({ read: () => undefined, write }));
    for (const message of messages) await channel.send(message);
    return Buffer.concat(chunks);
  }

  test("takes frames however they are cut", async () => {
    const sent = [{ at: 1, text: "é".repeat(50) }, {}, { bytes: Buffer.from([1, 2]) }];
    const bytes = await framesOf(...sent);
    for (const size of [1, 2, 3, 5, 7, 64, bytes.length]) {
      const { stream, messages } = open(new PassThrough());
      for (let at = 0; at < bytes.length; at += size) stream.write(bytes.subarray(at, at + size));
      stream.end();
      await once(stream, "end");
      expect(messages).toEqual(sent);
    }
  });

  test("ends at what is no message", async () => {
    const bytes = await framesOf({ at: 1 });
    const { stream, messages, reasons } = open(new PassThrough());
    stream.write(Buffer.concat([bytes.subarray(0, 4), Buffer.alloc(bytes.length - 4, 0x7f)]));
    await once(stream, "close");
    expect(reasons).toHaveLength(1);
    expect(messages).toEqual([]);
  });

  test("ends at a message of more than limits.followerMessageBytesMax", async () => {
    const { stream, messages, reasons } = open(new PassThrough());
    const header = Buffer.alloc(4);
    header.writeUInt32LE(limits.followerMessageBytesMax + 1);
    stream.write(header);
    await once(stream, "close");
    expect(reasons).toEqual([`a message of ${limits.followerMessageBytesMax + 1} bytes`]);
    expect(messages).toEqual([]);
  });
});
