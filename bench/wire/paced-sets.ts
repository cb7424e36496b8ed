/**
 * An open load of SETs: they are sent at a fixed rate whatever the server does, so that both
 * servers are given the same work (a closed loop at full speed gives the faster one more of it, and
 * on few cores measures who gets the processor). A process of its own, which runs until SIGTERM
 * and then prints how many SETs a second were answered.
 *
 *   node paced-sets.ts PORT SETS_PER_SECOND KEY_COUNT VALUE_BYTES
 */
import net from "node:net";
import os from "node:os";
import { performance } from "node:perf_hooks";

// The reader whose latency is measured must not wait for the processor while this one has it.
os.setPriority(19);

const CONNECTIONS = 50;
const OK_BYTES = "+OK\r\n".length;

const [port, setsPerSecond, keyCount, valueBytes] = process.argv.slice(2).map(Number);
const value = "x".repeat(valueBytes);
let answeredBytes = 0;

function open(): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => resolve(socket));
    socket.on("data", (chunk) => {
      if (chunk[0] !== 43)
        throw new Error(`the server answered ${chunk.toString("latin1", 0, 80)}`);
      answeredBytes += chunk.length;
    });
  });
}

function request(): string {
  const key = `key:${String(Math.floor(Math.random() * keyCount)).padStart(12, "0")}`;
  return `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`;
}

const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, open));
const beginMs = performance.now();
let sentCount = 0;
// Once a millisecond, and asleep in between: a generator that turns as fast as it can takes the
// processor from the server's threads.
setInterval(() => {
  const dueCount = ((performance.now() - beginMs) * setsPerSecond) / 1000;
  for (; sentCount < dueCount; sentCount += 1) {
    sockets[sentCount % CONNECTIONS].write(request(), "latin1");
  }
}, 1);
process.once("SIGTERM", () => {
  const seconds = (performance.now() - beginMs) / 1000;
  process.stdout.write(`${answeredBytes / OK_BYTES / seconds}\n`, () => process.exit(0));
});
process.stdout.write("started\n");
