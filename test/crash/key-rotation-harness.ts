/**
 * H1 with keys: an encrypted server is killed again and again while its keys are rotated without a
 * pause, by hand and by themselves, snapshots are made, and writers keep account. At the next start
 * the ring must open with the master key that was confirmed last, or with the one that was being
 * set; and every acknowledged key must be there, whichever data key its record was sealed with.
 *
 * LODESTONE_KEY_KILLS says how often it dies (12).
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "../../src/runtime/clock.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import type { RespClient } from "./resp-client.ts";
import { freePort, ServerProcess } from "./server-process.ts";

export const seed = Number(process.env["LODESTONE_TEST_SEED"] ?? Date.now() % 1_000_000);
export const KEY_KILLS = Number(process.env["LODESTONE_KEY_KILLS"] ?? 12);
const SEGMENT_BYTES = 64 * 1024;
const MASTER_KEYS = 3;
const WRITERS = 8;
const READ_BATCH = 500;
const LIFE_MS_MAX = 600;
const MARK = "a value that nobody should read ";
const deaths = ["", "keys.durable=exit@", "keys.used=exit@"];

export interface KeyRotationOptions {
  readonly seed: number;
  readonly killCount: number;
  readonly planted?: string;
}

export async function runKeyRotationHarness(options: KeyRotationOptions): Promise<HarnessReport> {
  const loop = new RotationLoop(options, await freePort());
  const failures: string[] = [];
  try {
    while (loop.figures.kills < options.killCount && failures.length === 0) {
      failures.push(...(await loop.liveOnce()));
    }
    if (failures.length === 0) failures.push(...loop.plainFiles());
  } catch (failure) {
    failures.push(failure instanceof Error ? failure.message : String(failure));
  } finally {
    loop.end();
  }
  const title = "kill loop of an encrypted folder, under rotations and snapshots";
  return { harness: "H1 keys", title, seed: options.seed, figures: loop.figures, failures };
}

class RotationLoop {
  readonly figures = {
    kills: 0,
    acknowledged: 0,
    lost: 0,
    rotations: 0,
    startsWithTheOther: 0,
    newestDataKey: 0,
  };
  readonly #random: Random;
  readonly #port: number;
  readonly #temporary: string;
  readonly #planted: string;
  #server: ServerProcess | undefined;
  /** Keys `n` below it were sent; what was acknowledged of them. */
  #sentCount = 0;
  readonly #acknowledged = new Set<number>();
  #confirmed = 0;
  #pending: number | undefined;

  constructor({ seed, planted = "" }: KeyRotationOptions, port: number) {
    this.#random = seededRandom(seed);
    this.#port = port;
    this.#planted = planted;
    this.#temporary = mkdtempSync(join(tmpdir(), "lodestone-keys-"));
    mkdirSync(this.#folder);
    for (let key = 0; key < MASTER_KEYS; key += 1) {
      writeFileSync(this.#keyFile(key), randomBytes(32), { mode: 0o600 });
    }
  }

  get #folder(): string {
    return join(this.#temporary, "data");
  }

  async liveOnce(): Promise<string[]> {
    // A planted bug is found in the middle of a rotation, and not at its steps.
    const death = this.#planted === "" ? deaths[this.#below(deaths.length)] : "";
    const failpoints = death === "" ? "" : `${death}${1 + this.#below(5)}`;
    const client = await this.#start([this.#planted, failpoints].filter(Boolean).join());
    if (client === undefined) return [`no start: ${this.#server?.lastWords ?? ""}`];
    const problems = await this.#check(client);
    client.close();
    if (problems.length > 0) return problems;
    await this.#live();
    this.figures.kills += 1;
    return [];
  }

  end(): void {
    this.#server?.kill();
    rmSync(this.#temporary, { recursive: true, force: true });
  }

  /** Files in which what was written can be read. */
  plainFiles(): string[] {
    return readdirSync(this.#folder)
      .filter((name) => readFileSync(join(this.#folder, name)).includes(MARK))
      .map((name) => `${name} is not encrypted`);
  }

  #below(limit: number): number {
    return Math.floor(this.#random.fraction() * limit);
  }

  #keyFile(key: number): string {
    return join(this.#temporary, `master-key-${key}`);
  }

  /** With the master key that was being set, else with the one before. */
  async #start(failpoints: string): Promise<RespClient | undefined> {
    const first = this.#pending ?? this.#confirmed;
    for (const key of first === this.#confirmed ? [first] : [first, this.#confirmed]) {
      const client = await this.#launch(key, failpoints);
      if (client !== undefined) {
        if (key !== first) this.figures.startsWithTheOther += 1;
        this.#confirmed = key;
        this.#pending = undefined;
        return client;
      }
      if (this.#server?.lastWords.includes("wrong master key") !== true) return undefined;
    }
    return undefined;
  }

  async #launch(key: number, failpoints: string): Promise<RespClient | undefined> {
    const keys = ["--master-key-file", this.#keyFile(key), "--data-key-max-bytes", "200kb"];
    const snapshots = ["--snapshot-retention-days", "0", "--snapshot-schedule", ""];
    this.#server = new ServerProcess({
      folder: this.#folder,
      port: this.#port,
      failpoints,
      segmentBytes: SEGMENT_BYTES,
      flags: [...keys, ...snapshots],
    });
    return await this.#server.connect();
  }

  /** Until the server dies, of itself or because its time has come. */
  async #live(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    const working = [this.#rotate(server)];
    for (let writer = 0; writer < WRITERS; writer += 1) working.push(this.#write(server));
    await Promise.race([server.exited, wait(50 + this.#below(LIFE_MS_MAX))]);
    server.kill();
    await server.exited;
    await Promise.all(working);
  }

  async #write(server: ServerProcess): Promise<void> {
    await untilGone(async () => {
      const client = await server.open();
      for (;;) {
        const number = this.#sentCount;
        this.#sentCount += 1;
        if ((await client.send("SET", `key:${number}`, wordsOf(number))) !== "OK") return;
        this.#acknowledged.add(number);
        this.figures.acknowledged += 1;
      }
    });
  }

  async #rotate(server: ServerProcess): Promise<void> {
    await untilGone(async () => {
      const client = await server.open();
      for (let round = 0; ; round += 1) {
        const key = this.#below(MASTER_KEYS);
        this.#pending = key;
        const reply = await client.must("CONFIG", "SET", "master-key-file", this.#keyFile(key));
        if (reply !== "OK") throw new Error(`CONFIG SET: ${String(reply)}`);
        this.#confirmed = key;
        this.#pending = undefined;
        this.figures.rotations += 1;
        // One that is under way already is as good.
        if (round % 5 === 0) await client.send("BGSAVE");
        const figure = /encryption_key_id:(\d+)/.exec(String(await client.must("INFO", "log")));
        this.figures.newestDataKey = Number(figure?.[1]);
      }
    });
  }

  async #check(client: RespClient): Promise<string[]> {
    const numbers = [...this.#acknowledged];
    const problems: string[] = [];
    for (let at = 0; at < numbers.length; at += READ_BATCH) {
      const batch = numbers.slice(at, at + READ_BATCH);
      const values = await client.must("MGET", ...batch.map((number) => `key:${number}`));
      for (const [index, number] of batch.entries()) {
        if (Array.isArray(values) && String(values[index]) === wordsOf(number)) continue;
        this.figures.lost += 1;
        problems.push(`key:${number} was acknowledged and is lost or another`);
      }
    }
    return problems.slice(0, 5);
  }
}

function wordsOf(number: number): string {
  return `${MARK}${number}`;
}

/** What is under way when the server dies ends here; what it complains of goes on. */
async function untilGone(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (failure) {
    const isOfDeath = failure instanceof Error && /clos|ECONN|EPIPE|socket/i.test(failure.message);
    if (!isOfDeath) throw failure;
  }
}
