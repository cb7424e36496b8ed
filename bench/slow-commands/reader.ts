/**
 * The client that must not wait: GETs at a fixed rate whatever the server does, each timed from the
 * moment at which it was due. A process of its own. It is told `begin` and `end` by lines, and
 * answers each `end`, once all it has sent is answered, with the times as a JSON array.
 *
 *   node reader.ts PORT KEY GETS_PER_SECOND
 */
import net from "node:net";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { encodeWords } from "../bulk-client.ts";

const CONNECTIONS = 10;

const [port, key, getsPerSecond] = process.argv.slice(2);
const request = encodeWords(["GET", key]);
/** What the reply takes: all are the same. */
const REPLY_BYTES = "$5\r\nvalue\r\n".length;

/** Connections in turns; of each the due times of what it has sent and not got. */
const lanes = await Promise.all(Array.from({ length: CONNECTIONS }, openLane));
let timesMs: number[] = [];
let dueMs = performance.now();
let turn = 0;
let isRunning = false;
let unansweredCount = 0;
let ended: (() => void) | undefined;

async function openLane() {
  const waitingMs: number[] = [];
  let receivedBytes = 0;
  const socket = await new Promise<net.Socket>((resolve, reject) => {
    const opened = net.connect({ port: Number(port), host: "127.0.0.1", noDelay: true });
    opened.once("error", reject);
    opened.once("connect", () => resolve(opened));
  });
  socket.on("data", (chunk) => {
    receivedBytes += chunk.length;
    for (; receivedBytes >= REPLY_BYTES; receivedBytes -= REPLY_BYTES) {
      timesMs.push(performance.now() - (waitingMs.shift() ?? Number.NaN));
      unansweredCount -= 1;
    }
    if (unansweredCount === 0 && !isRunning) ended?.();
  });
  return { socket, waitingMs };
}

setInterval(() => {
  const nowMs = performance.now();
  for (; dueMs <= nowMs; dueMs += 1000 / Number(getsPerSecond)) {
    if (!isRunning) continue;
    const { socket, waitingMs } = lanes[turn % CONNECTIONS];
    turn += 1;
    waitingMs.push(dueMs);
    unansweredCount += 1;
    socket.write(request, "latin1");
  }
}, 1);

createInterface({ input: process.stdin }).on("line", (line) => {
  if (line === "begin") {
    timesMs = [];
    isRunning = true;
    return;
  }
  ended = () => {
    ended = undefined;
    process.stdout.write(`${JSON.stringify(timesMs)}\n`);
  };
  isRunning = false;
  if (unansweredCount === 0) ended();
});
process.stdin.once("end", () => process.exit(0));
process.stdout.write("ready\n");
