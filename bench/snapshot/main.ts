/**
 * `npm run bench -- snapshot`: what clients wait while a snapshot is made, beside what they wait
 * while none is.
 */
import { rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { BulkClient, encodeWords } from "../bulk-client.ts";
import { positive, positiveInteger } from "../option-values.ts";
import { informationOf, startMixed } from "../recovery/mixed-server.ts";
import { median, quantile } from "../statistics.ts";

const usage = `npm run bench -- snapshot [options]

Ten connections send GET and SET by turns at a fixed rate, each timed from when it was due; for a
while without a snapshot, and then from BGSAVE until it stands, round after round.

  --megabytes N      data, as a client sends it (1000)
  --rate N           commands a second, all connections together (2000)
  --seconds N        without a snapshot (20)
  --rounds N         (3)
`;

const CONNECTIONS = 10;
const TICK_MS = 1;

export async function runSnapshot(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      megabytes: { type: "string", default: "1000" },
      rate: { type: "string", default: "2000" },
      seconds: { type: "string", default: "20" },
      rounds: { type: "string", default: "3" },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  // Its own collections are not what is measured: each is a delay of all that is due.
  setFlagsFromString("--no-parallel-scavenge");
  const mixed = await startMixed(positive("megabytes", values.megabytes));
  const client = await BulkClient.open(mixed.server.port);
  const load = new PacedLoad(mixed.server.port, positiveInteger("rate", values.rate));
  load.start();
  const ratios: number[] = [];
  for (let round = 1; round <= positiveInteger("rounds", values.rounds); round += 1) {
    await settle(load);
    await wait(positive("seconds", values.seconds) * 1000);
    const idleTimes = load.take();
    const idle = report("without a snapshot", idleTimes);
    await settle(load);
    const begun = performance.now();
    await client.command("BGSAVE");
    while ((await informationOf(client)).get("rdb_bgsave_in_progress") === "1") await wait(500);
    const seconds = (performance.now() - begun) / 1000;
    const during = report(`snapshot ${round}, ${seconds.toFixed(1)} s`, load.take());
    const info = await informationOf(client);
    const resident = Math.round(Number(info.get("snapshot_follower_resident_bytes")) / 1e6);
    const status = info.get("rdb_last_bgsave_status");
    ratios.push(during / idle);
    const times = (during / idle).toFixed(2);
    console.log(`  p99 is ${times} times; the follower took ${resident} MB at most; ${status}`);
  }
  console.log(`p99 while a snapshot is made: ${median(ratios).toFixed(2)} times (median)`);
  load.stop();
  client.close();
  await mixed.server.kill();
  rmSync(mixed.folder, { recursive: true, force: true });
}

/** What this process did between two stretches, sorting for one, delayed what it sends. */
async function settle(load: PacedLoad): Promise<void> {
  await wait(3000);
  load.take();
}

function report(what: string, times: readonly number[]): number {
  const p99 = quantile(times, 0.99);
  const parts = [
    `p50 ${quantile(times, 0.5).toFixed(2)}`,
    `p99 ${p99.toFixed(2)}`,
    `p99.9 ${quantile(times, 0.999).toFixed(2)}`,
    `worst ${times.reduce((worst, time) => Math.max(worst, time), 0).toFixed(1)} ms`,
  ];
  console.log(`${what.padEnd(28)} ${parts.join("  ")}  (${times.length} commands)`);
  return p99;
}

/** Open loop: a command is sent when it is due, whether those before it were answered or not. */
class PacedLoad {
  readonly #sockets: Socket[];
  readonly #due: number[][] = [];
  readonly #rate: number;
  #times: number[] = [];
  #sent = 0;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(port: number, rate: number) {
    this.#rate = rate;
    this.#sockets = Array.from({ length: CONNECTIONS }, (_, index) => {
      const socket = connect(port, "127.0.0.1");
      socket.setNoDelay(true);
      this.#due.push([]);
      // Replies are +OK or a bulk of one line without a line break inside: two or one breaks each.
      let isInBulk = false;
      socket.on("data", (chunk) => {
        for (const line of chunk.toString("latin1").split("\r\n").slice(0, -1)) {
          if (!isInBulk && line.startsWith("$") && line !== "$-1") isInBulk = true;
          else {
            isInBulk = false;
            this.#times.push(performance.now() - (this.#due[index].shift() ?? 0));
          }
        }
      });
      return socket;
    });
  }

  start(): void {
    this.#startedAt = performance.now();
    this.#timer = setInterval(() => this.#send(), TICK_MS);
  }

  /** What was measured since the last call, in milliseconds. */
  take(): readonly number[] {
    const times = this.#times;
    this.#times = [];
    return times;
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
  }

  #send(): void {
    const count = Math.floor(((performance.now() - this.#startedAt) / 1000) * this.#rate);
    for (; this.#sent < count; this.#sent += 1) {
      const number = this.#sent;
      const key = `string:${(number * 7919) % 50_000}:${number % 8}`;
      const words = number % 2 === 0 ? ["GET", key] : ["SET", key, "v".repeat(90)];
      this.#due[number % CONNECTIONS].push(this.#startedAt + (number / this.#rate) * 1000);
      this.#sockets[number % CONNECTIONS].write(encodeWords(words), "latin1");
    }
  }
}
