/**
 * H2 on real disks: the server's own process, whose calls strace makes fail one kind at a time, and
 * which fills up a file system in memory.
 *
 * A failure ends it with exit code 71 within a second and nothing is acknowledged behind it; no
 * room refuses writes until there is some. The next process has everything acknowledged, and
 * nothing that nobody sent.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { RespClient } from "../crash/resp-client.ts";
import { freePort } from "../crash/server-process.ts";
import { FullDisk } from "../support/full-disk.ts";
import type { HarnessReport } from "../support/harness-report.ts";
import { findRequirement } from "../support/requirement.ts";
import { type Injection, readTrace, TracedServer } from "./traced-server.ts";

/** How often each call is made to fail at another place. */
export const rounds = Number(process.env["LODESTONE_DISK_ROUNDS"] ?? 1);

const SEGMENT_BYTES = 128 * 1024;
const EXIT_MS_MAX = 1000;
const EXIT_DISK = 71;
const PATIENCE_MS = 5000;
/** So that a segment is full after some tens of writes. */
const VALUE_BYTES = 3000;
/** Of many clients, so that a segment has many of their records. */
const SMALL_VALUE_BYTES = 60;
const WRITES_MAX = 120;
const FIRST_WRITES = 5;
const RETRY_MS = 20;
const FIRST_SEGMENT = "segment-00000000000000000001.log";

interface Case {
  readonly name: string;
  /** `pwrite64:error=EIO`, without the place. */
  readonly inject: string;
  /** `when=` of the first round; each further round is one call later. */
  readonly first: number;
  readonly last?: number;
  readonly files: readonly string[];
  /** Before the server runs under strace another one writes to the folder. */
  readonly isRestart?: boolean;
  /** It heals instead of ending the process. */
  readonly heals?: boolean;
  /** Absent: one, whose writes are a record each. Many have records that the event loop writes. */
  readonly clientCount?: number;
}

const cases: readonly Case[] = [
  { name: "a write of a record", inject: "pwrite64:error=EIO", first: 6, files: [FIRST_SEGMENT] },
  {
    name: "no room for a record",
    inject: "pwrite64:error=ENOSPC",
    first: 4,
    files: [FIRST_SEGMENT],
  },
  {
    name: "the sync of a first segment",
    inject: "fdatasync:error=EIO",
    first: 1,
    files: ["next.preparing"],
  },
  {
    name: "the sync of a next segment",
    inject: "fdatasync:error=EIO",
    first: 3,
    files: ["next.preparing"],
  },
  {
    name: "a write of a next segment",
    inject: "pwrite64:error=EIO",
    first: 3,
    files: ["next.preparing"],
  },
  { name: "the sync of the folder", inject: "fsync:error=EIO", first: 3, files: ["."] },
  {
    name: "the name of a segment",
    inject: "rename:error=EIO",
    first: 2,
    files: ["next.preparing"],
  },
  {
    name: "the opening of a log",
    inject: "openat:error=EIO",
    first: 1,
    files: [FIRST_SEGMENT],
    isRestart: true,
  },
  {
    name: "a read of the log",
    inject: "pread64:error=EIO",
    first: 1,
    files: [FIRST_SEGMENT],
    isRestart: true,
  },
  {
    name: "a write of many clients' record",
    inject: "pwrite64:error=EIO",
    first: 9,
    files: [FIRST_SEGMENT],
    clientCount: 24,
  },
  {
    name: "no room for a next segment",
    inject: "pwrite64:error=ENOSPC",
    first: 3,
    last: 5,
    files: ["next.preparing"],
    heals: true,
  },
];

const leftOut = { title: "the server on real disks", seed: undefined, figures: {}, failures: [] };

interface RealFigures {
  runs: number;
  exits: number;
  slowestExitMs: number;
  refusedWrites: number;
  healed: number;
  acknowledged: number;
}

/** Of the follower, which is a process of its own. */
const snapshotFaults = ["openat:error=EIO", "pwrite64:error=ENOSPC", "fdatasync:error=EIO"];

/** With `failpoints` the server has that bug. */
export async function runRealFaults(failpoints = ""): Promise<HarnessReport> {
  if (findRequirement("strace") === undefined) {
    return { ...leftOut, harness: "H2 real", leftOut: "strace is not here" };
  }
  const folder = mkdtempSync(join(tmpdir(), "lodestone-real-disk-"));
  const run = new RealRun(folder, failpoints);
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const each of cases) {
        await run.fail(each, round);
        if (failpoints !== "" && run.hasFailed) return run.report("H2 real", "planted");
      }
      for (const inject of snapshotFaults) await run.failSnapshot(inject);
    }
  } finally {
    await run.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return run.report("H2 real", "a server whose calls strace makes fail");
}

/** What a test needs root for. */
export async function runFullDisk(): Promise<HarnessReport> {
  if (findRequirement("tmpfs") === undefined) {
    return { ...leftOut, harness: "H2 full", leftOut: "a tmpfs cannot be mounted here" };
  }
  const disk = new FullDisk();
  const run = new RealRun(disk.folder, "");
  try {
    await run.fillUp(disk);
    await run.startFull(disk);
  } finally {
    await run.close();
    disk.remove();
  }
  return run.report("H2 full", "a server on a full file system");
}

/** Kills it where it does not. */
async function endsInTime(server: TracedServer): Promise<boolean> {
  const isOver = await Promise.race([server.exited.then(() => true), wait(PATIENCE_MS, false)]);
  await server.kill();
  return isOver;
}

class RealRun {
  readonly #folder: string;
  readonly #failpoints: string;
  readonly #figures: RealFigures = {
    runs: 0,
    exits: 0,
    slowestExitMs: 0,
    refusedWrites: 0,
    healed: 0,
    acknowledged: 0,
  };
  readonly #failures: string[] = [];
  readonly #servers: TracedServer[] = [];
  #label = "";
  /** By key, of the folder at hand. */
  #acknowledged = new Map<string, string>();
  #sentCount = 0;
  #underWayMax = 1;
  #valueBytes = VALUE_BYTES;

  constructor(folder: string, failpoints: string) {
    this.#folder = folder;
    this.#failpoints = failpoints;
  }

  get hasFailed(): boolean {
    return this.#failures.length > 0;
  }

  report(harness: string, title: string): HarnessReport {
    return {
      harness,
      title,
      seed: undefined,
      figures: { ...this.#figures },
      failures: this.#failures,
    };
  }

  async close(): Promise<void> {
    for (const server of this.#servers) await server.kill();
  }

  async fail(each: Case, round: number): Promise<void> {
    const place = each.first + round;
    const when = each.last === undefined ? `${place}` : `${place}..${each.last + round}`;
    this.#begin(`${each.name} (${each.inject}:when=${when})`);
    this.#underWayMax = each.clientCount ?? 1;
    this.#valueBytes = each.clientCount === undefined ? VALUE_BYTES : SMALL_VALUE_BYTES;
    const data = join(this.#folder, `data-${this.#figures.runs}`);
    if (each.isRestart === true) await this.#writeFirst(data);
    const traceFile = `${data}.trace`;
    const injection: Injection = {
      inject: `${each.inject}:when=${when}`,
      paths: each.files.map((file) => (file === "." ? data : join(data, file))),
      traceFile,
    };
    const server = await this.#start(data, injection);
    const client = await server.connect();
    const before = this.#acknowledged.size;
    if (client !== undefined) {
      const others = await server.connectMore((each.clientCount ?? 1) - 1);
      await Promise.all([client, ...others].map((writer) => this.#write(writer, WRITES_MAX)));
      for (const other of others) other.close();
    }
    if (each.heals === true) await this.#shutDown(server, client);
    if (!(await endsInTime(server))) this.#problem("it goes on as if nothing had failed");
    client?.close();
    const trace = readTrace(traceFile);
    if (trace.injectedCount === 0) this.#problem("no call was made to fail");
    if (each.heals === true) this.#judgeHealed(server);
    else this.#judgeExit(server, trace.exitMs);
    const isOfRecords = each.files[0] === FIRST_SEGMENT && each.inject.startsWith("pwrite64");
    const told = this.#acknowledged.size - before;
    // One client waits for each reply: a record each, behind the claim.
    if (isOfRecords && each.clientCount === undefined && told > trace.doneBefore - 1) {
      this.#problem(`${told} writes acknowledged, ${trace.doneBefore - 1} done`);
    }
    await this.#readBack(data);
  }

  /** The first snapshot fails, which is a status; the server goes on, and the next one is made. */
  async failSnapshot(inject: string): Promise<void> {
    this.#begin(`a snapshot (${inject})`);
    const data = join(this.#folder, `data-${this.#figures.runs}`);
    // Its sequence: of the claim and the writes before it, and perhaps of a record of its own.
    const paths = [1, 2, 3].map((more) => {
      const digits = String(FIRST_WRITES + more).padStart(20, "0");
      return join(data, `snapshot-${digits}.snap.new`);
    });
    const traceFile = `${data}.trace`;
    const server = await this.#start(data, { inject: `${inject}:when=1`, paths, traceFile });
    const client = await server.connect();
    if (client === undefined) return this.#problem(`no start: ${server.lastWords}`);
    await this.#write(client, FIRST_WRITES);
    if (!((await client.send("SAVE")) instanceof Error)) this.#problem("the snapshot was made");
    const information = String(await client.must("INFO", "persistence"));
    if (!information.includes("rdb_last_bgsave_status:err")) this.#problem("INFO calls it well");
    await this.#write(client, FIRST_WRITES);
    const next = await client.send("SAVE");
    if (next !== "OK") this.#problem(`the next snapshot got ${String(next)}`);
    await this.#shutDown(server, client);
    if (!(await endsInTime(server))) this.#problem("it does not stop");
    this.#judgeHealed(server);
    client.close();
    if (readTrace(traceFile).injectedCount === 0) this.#problem("no call was made to fail");
    await this.#readBack(data);
  }

  /** Fills the disk up, reads, makes room, and writes on, with its own log on that disk too. */
  async fillUp(disk: FullDisk): Promise<void> {
    this.#begin("a file system that fills up");
    const data = join(disk.folder, "data");
    const server = await this.#start(data, undefined, join(disk.folder, "server.log"));
    const client = await server.connect();
    if (client === undefined) return this.#problem(`no start: ${server.lastWords}`);
    disk.fill(3 * SEGMENT_BYTES);
    await this.#writeUntilRefused(client);
    disk.fill(0);
    await this.#checkAll(client);
    if ((await client.send("SET", "refused", "1")) === "OK") this.#problem("a write without room");
    const information = String(await client.must("INFO"));
    if (!information.includes("log_shortage:No space left on device")) {
      this.#problem("INFO does not say that there is no room");
    }
    disk.empty();
    await this.#writeUntilTaken(client);
    await this.#write(client, 10);
    client.close();
    await server.kill();
    await this.#readBack(data);
  }

  /** A start on a disk that has no room at all, with a log and without one. */
  async startFull(disk: FullDisk): Promise<void> {
    for (const name of ["data", "new"]) {
      this.#begin(`a start on a full file system (${name})`, name !== "data");
      const data = join(disk.folder, name);
      disk.fill(0);
      const server = await this.#start(data);
      const client = await server.connect();
      if (client === undefined) {
        this.#problem(`no start: ${server.lastWords}`);
        continue;
      }
      await this.#checkAll(client);
      const refusal = await client.send("SET", "refused", "1");
      if (name === "new" && refusal === "OK") this.#problem("a write without room");
      disk.empty();
      await this.#writeUntilTaken(client);
      client.close();
      await server.kill();
      await this.#readBack(data);
    }
  }

  #begin(label: string, isNew = true): void {
    this.#label = label;
    this.#figures.runs += 1;
    if (isNew) this.#acknowledged = new Map();
  }

  #problem(what: string): void {
    this.#failures.push(`${this.#label}: ${what}`);
  }

  async #start(folder: string, injection?: Injection, logFile?: string): Promise<TracedServer> {
    const failpoints = injection === undefined ? "" : this.#failpoints;
    const port = await freePort();
    const server = new TracedServer({
      folder,
      port,
      segmentBytes: SEGMENT_BYTES,
      logFile,
      failpoints,
      injection,
    });
    this.#servers.push(server);
    return server;
  }

  async #writeFirst(data: string): Promise<void> {
    const server = await this.#start(data);
    const client = await server.connect();
    if (client !== undefined) await this.#write(client, FIRST_WRITES);
    client?.close();
    await server.kill();
  }

  /** One after the other until the server is gone; what a full disk refuses is asked for again. */
  async #write(client: RespClient, count: number): Promise<void> {
    for (let left = count; left > 0; ) {
      const reply = await this.#writeOne(client).catch(() => undefined);
      if (reply === undefined) return;
      if (reply === "OK") left -= 1;
      else await wait(RETRY_MS);
    }
  }

  async #writeOne(client: RespClient): Promise<unknown> {
    this.#sentCount += 1;
    const key = `key:${this.#sentCount}`;
    const value = `${key} `.padEnd(this.#valueBytes, "z");
    const reply = await client.send("SET", key, value);
    if (reply === "OK") {
      this.#acknowledged.set(key, value);
      this.#figures.acknowledged += 1;
    } else if (String(reply).includes("MISCONF")) this.#figures.refusedWrites += 1;
    else this.#problem(`${key} got ${String(reply)}`);
    return reply;
  }

  async #writeUntilRefused(client: RespClient): Promise<void> {
    for (let reply: unknown = "OK"; reply === "OK"; ) reply = await this.#writeOne(client);
  }

  async #writeUntilTaken(client: RespClient): Promise<void> {
    while ((await this.#writeOne(client)) !== "OK") await wait(RETRY_MS);
    this.#figures.healed += 1;
  }

  async #shutDown(server: TracedServer, client: RespClient | undefined): Promise<void> {
    await client?.send("SHUTDOWN").catch(() => undefined);
    if (client === undefined) await server.kill();
  }

  #judgeExit(server: TracedServer, exitMs: number | undefined): void {
    const { exitCode, lastWords } = server;
    this.#figures.exits += 1;
    if (exitCode !== EXIT_DISK) this.#problem(`exit code ${exitCode}: ${lastWords}`);
    if (!lastWords.includes("start again")) this.#problem(`no advice: ${lastWords}`);
    if (exitMs === undefined) return;
    this.#figures.slowestExitMs = Math.max(this.#figures.slowestExitMs, exitMs);
    if (exitMs > EXIT_MS_MAX) this.#problem(`${exitMs} ms from the failure to the end`);
  }

  #judgeHealed({ exitCode, lastWords }: TracedServer): void {
    if (exitCode !== 0) this.#problem(`exit code ${exitCode}: ${lastWords}`);
    else this.#figures.healed += 1;
  }

  /** A fresh server, on a disk that works. */
  async #readBack(data: string): Promise<void> {
    const server = await this.#start(data);
    const client = await server.connect();
    if (client === undefined) this.#problem(`no start afterwards: ${server.lastWords}`);
    else {
      await this.#checkAll(client);
      client.close();
    }
    await server.kill();
  }

  async #checkAll(client: RespClient): Promise<void> {
    for (const [key, value] of this.#acknowledged) {
      const found = await client.must("GET", key);
      if (String(found) !== value) this.#problem(`${key} was acknowledged and is lost`);
    }
    const count = Number(await client.must("DBSIZE"));
    // Those that were under way may be there.
    if (count > this.#acknowledged.size + this.#underWayMax)
      this.#problem(`${count} keys, which nobody wrote`);
  }
}
