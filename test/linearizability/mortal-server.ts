/**
 * A server with a durable folder that dies again and again while clients work: killed after a
 * random count of operations, or by itself at a failpoint, and sometimes once more while it reads
 * its log back. Now and then it makes a snapshot, or stands still for a moment. It comes back by
 * itself; `client` waits for that. Its first life is sound and without end, to prepare what must be
 * there; `begin` ends it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "../../src/runtime/clock.ts";
import type { FailpointName } from "../../src/runtime/failpoints.ts";
import { RespClient } from "../crash/resp-client.ts";
import { freePort, ServerProcess } from "../crash/server-process.ts";
import { below } from "./workloads.ts";

/** Small, so that a folder has several. */
const SEGMENT_BYTES = 256 * 1024;
/** The newest two snapshots are kept, so that the log is trimmed. */
const flags = ["--snapshot-schedule", "", "--snapshot-retention-days", "0"];
const RETRY_MS = 5;
const DIES_RECOVERING_ONE_IN = 4;
const RECORDS_BEFORE_DEATH = 200;
/** Operations between two snapshots, and between two pauses, on average. */
const MEAN_SNAPSHOT = 3000;
const MEAN_PAUSE = 2000;
const LONGEST_PAUSE_MS = 60;

/** With the passages that one operation makes, about. */
const deadlyFailpoints: readonly [FailpointName, number][] = [
  ["executor.executed", 1],
  ["appender.sent", 0.2],
  ["appender.durable", 0.2],
  ["gate.before-reply", 1],
  ["segment.created", 0.0005],
  ["segment.directory-synced", 0.0005],
  ["snapshot.written", 0.0003],
  ["snapshot.renamed", 0.0003],
  ["snapshot.directory-synced", 0.0003],
  ["trim.begun", 0.0003],
  ["trim.between", 0.0003],
];

export interface Mortality {
  /** Operations between two deaths, on average. */
  readonly meanLife: number;
  /** In every life, beside those that kill. */
  readonly failpoints: string;
  /** Some of the deaths are at failpoints. */
  readonly mayDieByItself: boolean;
}

export class MortalServer {
  readonly #folder: string;
  readonly #port: number;
  readonly #random: Random;
  #mortality: Mortality | undefined;
  #process: ServerProcess | undefined;
  #ready: Promise<void> = Promise.resolve();
  #operationsLeft = Number.POSITIVE_INFINITY;
  #deathCount = 0;
  #snapshotCount = 0;
  #isStopping = false;

  private constructor(folder: string, port: number, random: Random) {
    this.#folder = folder;
    this.#port = port;
    this.#random = random;
  }

  static async start(random: Random): Promise<MortalServer> {
    const folder = await mkdtemp(join(tmpdir(), "lodestone-linearizability-"));
    const server = new MortalServer(folder, await freePort(), random);
    server.#ready = server.#live("");
    await server.#ready;
    return server;
  }

  /** Ends its first life; returns in the next one. */
  async begin(mortality: Mortality): Promise<void> {
    this.#mortality = mortality;
    const first = this.#process;
    this.kill();
    await first?.exited;
    await this.#ready;
  }

  get deathCount(): number {
    return this.#deathCount;
  }

  /** A connection to the server, the next one if this one is dead. Throws if none comes. */
  async client(): Promise<RespClient> {
    while (!this.#isStopping) {
      await this.#ready;
      try {
        return await RespClient.open(this.#port);
      } catch {
        // Dead, and its end is not known here yet.
        await wait(RETRY_MS);
      }
    }
    throw new Error("the server is stopped");
  }

  /** To be called for each operation that is about to be sent. */
  countOperation(): void {
    this.#operationsLeft -= 1;
    if (this.#operationsLeft <= 0) this.kill();
    if (this.#mortality?.mayDieByItself !== true) return;
    if (below(this.#random, MEAN_SNAPSHOT) === 0) void this.#makeSnapshot();
    if (below(this.#random, MEAN_PAUSE) === 0) this.#pause();
  }

  get snapshotCount(): number {
    return this.#snapshotCount;
  }

  async #makeSnapshot(): Promise<void> {
    try {
      const client = await this.client();
      // An error says that one is under way already.
      if (!((await client.send("SAVE")) instanceof Error)) this.#snapshotCount += 1;
      client.close();
    } catch {
      // It died meanwhile.
    }
  }

  #pause(): void {
    const process = this.#process;
    process?.kill("SIGSTOP");
    setTimeout(() => process?.kill("SIGCONT"), 1 + below(this.#random, LONGEST_PAUSE_MS));
  }

  kill(): void {
    this.#operationsLeft = Number.POSITIVE_INFINITY;
    this.#process?.kill();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#process?.kill();
    await this.#process?.exited;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #live(failpoints: string): Promise<void> {
    const process = this.#spawn(failpoints);
    const client = await process.connect();
    client?.close();
    if (client === undefined && process.signal !== "SIGKILL") {
      throw new Error(`the server does not start: ${process.lastWords}`);
    }
  }

  /** The failpoints of its next life, which ends at one of them or after so many operations. */
  #drawFate({ meanLife, failpoints, mayDieByItself }: Mortality): string {
    this.#operationsLeft = 1 + below(this.#random, 2 * meanLife);
    if (!mayDieByItself || below(this.#random, 2) === 0) return failpoints;
    const [name, share] = deadlyFailpoints[below(this.#random, deadlyFailpoints.length)];
    const death = `${name}=exit@${1 + below(this.#random, 2 * meanLife * share)}`;
    return failpoints === "" ? death : `${failpoints},${death}`;
  }

  #spawn(failpoints: string): ServerProcess {
    const options = { folder: join(this.#folder, "data"), port: this.#port, failpoints };
    const process = new ServerProcess({ ...options, segmentBytes: SEGMENT_BYTES, flags });
    this.#process = process;
    void process.exited.then(() => {
      if (this.#isStopping || process !== this.#process) return;
      this.#ready = this.#rise(process);
      // Whoever asks for a client gets to know.
      this.#ready.catch(() => undefined);
    });
    return process;
  }

  async #rise(dead: ServerProcess): Promise<void> {
    if (dead.signal !== "SIGKILL") throw new Error(`the server ended itself: ${dead.lastWords}`);
    this.#deathCount += 1;
    if (this.#mortality?.mayDieByItself === true) await this.#dieRecovering();
    if (this.#isStopping) return;
    await this.#live(this.#mortality === undefined ? "" : this.#drawFate(this.#mortality));
  }

  /** Now and then: a life that ends while the log is read back, or right after. */
  async #dieRecovering(): Promise<void> {
    if (below(this.#random, DIES_RECOVERING_ONE_IN) !== 0) return;
    const options = { folder: join(this.#folder, "data"), port: this.#port };
    const failpoints = `recover.applied=exit@${1 + below(this.#random, RECORDS_BEFORE_DEATH)}`;
    const passing = new ServerProcess({
      ...options,
      failpoints,
      segmentBytes: SEGMENT_BYTES,
      flags,
    });
    this.#process = passing;
    (await passing.connect())?.close();
    passing.kill();
    await passing.exited;
  }
}
