/** The wire bench's open load, against servers that stall: what it must not leave out. */
import net from "node:net";
import { afterEach, expect, test } from "vitest";
import { Arrivals } from "../../bench/wire/arrivals.ts";
import { percentile, runOpenLoad } from "../../bench/wire/open-load.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";

const load = {
  seed: 5,
  setsPerSecond: 500,
  getsPerSecond: 1_000,
  warmUpSeconds: 0,
  seconds: 1,
  keyCount: 100,
  valueBytes: 8,
};
const open: { server: net.Server; sockets: Set<net.Socket> }[] = [];

afterEach(() => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** Hands each command's name to `answer`, with the way to reply to it. */
async function serve(
  answer: (command: string, reply: (text: string) => void) => void,
): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      for (const [command] of chunk.toString("latin1").matchAll(/\b[GS]ET\b/g)) {
        answer(command, (text) => socket.write(text));
      }
    });
  });
  open.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen");
  return address.port;
}

const replyTo = (command: string): string => (command === "SET" ? "+OK\r\n" : "$1\r\nx\r\n");

test("a stall is charged to every GET that was due in it", async () => {
  const stallMs = 300;
  const held: (() => void)[] = [];
  let isStalled: boolean | undefined;
  const port = await serve((command, reply) => {
    if (command === "GET" && isStalled === undefined) {
      isStalled = true;
      setTimeout(() => {
        isStalled = false;
        for (const release of held) release();
      }, stallMs);
    }
    if (command === "GET" && isStalled === true) held.push(() => reply(replyTo(command)));
    else reply(replyTo(command));
  });
  const { p99Ms } = await runOpenLoad({ ...load, port });
  // Some 300 of 1,000 were due in it. Clients that wait for replies would have sent 10 of them.
  expect(held.length).toBeGreaterThan(100);
  expect(p99Ms).toBeGreaterThan(stallMs / 2);
});

test("a server that does not keep up with the SETs is an error, not a smaller load", async () => {
  let setCount = 0;
  const port = await serve((command, reply) => {
    if (command === "SET") setCount += 1;
    // After the keys were filled, a reply comes when the load's second is over.
    const waitMs = command === "SET" && setCount > load.keyCount ? 1_500 : 0;
    if (waitMs > 0) setTimeout(() => reply(replyTo(command)), waitMs);
    else reply(replyTo(command));
  });
  const failure = /^of \d+ SETs a second only 0 were answered$/;
  await expect(runOpenLoad({ ...load, port })).rejects.toThrow(failure);
});

test("an error reply ends the load", async () => {
  const port = await serve((command, reply) =>
    reply(command === "SET" ? "-OOM no room\r\n" : replyTo(command)),
  );
  await expect(runOpenLoad({ ...load, port })).rejects.toThrow("OOM no room");
});

test("the same seed gives the same arrivals, at their rate and not evenly", () => {
  const arrivalsOf = (seed: number): number[] => {
    const arrivals = new Arrivals(1_000, seededRandom(seed).fraction);
    return Array.from({ length: 20_000 }, () => {
      const dueMs = arrivals.nextMs;
      arrivals.advance();
      return dueMs;
    });
  };
  const due = arrivalsOf(7);
  expect(arrivalsOf(7)).toEqual(due);
  expect(arrivalsOf(8)).not.toEqual(due);
  expect(due[due.length - 1] / due.length).toBeCloseTo(1, 1);
  const gaps = due.slice(1).map((dueMs, index) => dueMs - due[index]);
  // Of a Poisson process with one a millisecond, e^-2 of the gaps are longer than two.
  expect(gaps.filter((gapMs) => gapMs > 2).length / gaps.length).toBeCloseTo(Math.exp(-2), 1);
});

test("percentiles are of what was measured, by rank", () => {
  const sorted = Array.from({ length: 1_000 }, (_, index) => index + 1);
  expect([0.5, 0.99, 0.999, 1].map((share) => percentile(sorted, share))).toEqual([
    500, 990, 999, 1_000,
  ]);
});
