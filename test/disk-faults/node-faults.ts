/**
 * Whole nodes, one after the other on one disk that fails at its n-th call: what clients were told
 * must be there for all who come later, whoever died in between and of what.
 *
 * A node that fails must end with exit code 71 (or 72, where it says what is damaged) and answer
 * nothing more; whatever happens to a snapshot must not end it. Afterwards another node serves the
 * folder, with the page cache of the first or without; then power is lost in the middle of its
 * write.
 */
import { exitCodeOf } from "../../src/node/fatal.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { connect, type FakeNode, startFakeNode } from "../support/fake-node.ts";
import type { DecodedReply } from "../support/in-process-server.ts";
import { MortalDisk } from "./mortal-disk.ts";
import { DELAY_MAX_MS, MortalTimers } from "./mortal-timers.ts";

const SEGMENT_BYTES = 4096;
const VALUE_BYTES = 300;
const WRITES = 10;
const WRITES_AFTERWARDS = 3;
/** After each of so many writes a snapshot is made. */
const WRITES_A_SNAPSHOT = 3;
const EXIT_DISK = 71;
/** A reply comes within a few turns of the event loop; who has none then hangs. */
const PATIENCE_MS = 20_000;

export interface NodeFaultCounts {
  runs: number;
  exits: number;
  healed: number;
  acknowledged: number;
  snapshots: number;
  failedSnapshots: number;
  readonly problems: string[];
}

export function newNodeCounts(): NodeFaultCounts {
  return {
    runs: 0,
    exits: 0,
    healed: 0,
    acknowledged: 0,
    snapshots: 0,
    failedSnapshots: 0,
    problems: [],
  };
}

export interface NodeFaultOptions {
  readonly hasSnapshots: boolean;
  /** Of so many calls one is made to fail; 1 for all. */
  readonly stride: number;
  readonly failpoints: string;
}

/** Every n, each with an error and with a full disk; the page cache survives every second one. */
export async function failNodes(
  seed: number,
  counts: NodeFaultCounts,
  options: NodeFaultOptions,
): Promise<void> {
  for (const code of ["EIO", "ENOSPC"]) {
    for (let call = 1 + (seed % options.stride); ; call += options.stride) {
      const isHit = await new Trial(seed, code, call, options, counts).run();
      counts.runs += 1;
      if (!isHit) break;
    }
  }
}

class Trial {
  readonly #disk: FakeDisk;
  readonly #label: string;
  readonly #code: string;
  readonly #call: number;
  readonly #options: NodeFaultOptions;
  readonly #counts: NodeFaultCounts;
  /** By key; those of a MULTI have one value and come or stay away together. */
  readonly #acknowledged = new Map<string, string>();
  readonly #sent = new Map<string, string>();
  #writeCount = 0;

  constructor(
    seed: number,
    code: string,
    call: number,
    options: NodeFaultOptions,
    counts: NodeFaultCounts,
  ) {
    this.#disk = new FakeDisk(seededRandom(seed * 1000 + call));
    this.#label = `seed ${seed}, ${code} at call ${call}`;
    this.#code = code;
    this.#call = call;
    this.#options = options;
    this.#counts = counts;
  }

  /** Whether there was such a call. */
  async run(): Promise<boolean> {
    let isHit = false;
    let isOfSnapshot = false;
    this.#disk.disturb = (call, _, path) => {
      if (call !== this.#call) return undefined;
      isHit = true;
      isOfSnapshot = path.includes("snapshot-");
      return this.#code;
    };
    const exitCode = await this.#serve(WRITES);
    this.#disk.disturb = () => undefined;
    if (exitCode !== undefined) this.#counts.exits += 1;
    else if (isHit) this.#counts.healed += 1;
    if (exitCode !== undefined && exitCode !== EXIT_DISK) this.#problem(`exit code ${exitCode}`);
    if (exitCode !== undefined && isOfSnapshot) this.#problem("a snapshot's failure ended it");
    if (Math.floor(this.#call / this.#options.stride) % 2 === 0) this.#disk.losePower();
    for (const writes of [WRITES_AFTERWARDS, 0]) {
      const later = await this.#serve(writes, writes > 0);
      if (later !== undefined) this.#problem(`a later start ended with ${later}`);
    }
    this.#counts.acknowledged += this.#acknowledged.size;
    return isHit;
  }

  /** A node from its start to its end; its exit code, if it ended by itself. */
  async #serve(writeCount: number, isCutOff = false): Promise<number | undefined> {
    const { failpoints } = this.#options;
    const timers = new MortalTimers();
    const disk = new MortalDisk(this.#disk);
    const fake = startFakeNode(disk, { segmentBytes: SEGMENT_BYTES, timers, failpoints });
    const ready = fake.node.whenReady.then(() => undefined, exitCodeOf);
    let exitCode = await Promise.race([ready, fake.exited]);
    if (exitCode === undefined) {
      await this.#check(fake);
      exitCode = await this.#write(fake, writeCount, isCutOff);
    }
    if (exitCode === undefined && !isCutOff) {
      await fake.node.stop().catch(() => undefined);
      exitCode = fake.exitCodes[0];
    }
    if (isCutOff && exitCode === undefined) this.#disk.losePower();
    else this.#disk.killProcess();
    disk.die();
    timers.die();
    return exitCode;
  }

  async #check(fake: FakeNode): Promise<void> {
    const send = connect(fake.node);
    for (const [key, value] of this.#acknowledged) {
      const found = await within(send("GET", key), fake.exited);
      if (found !== value) this.#problem(`${key} was acknowledged and is ${String(found)}`);
    }
    for (const [key, value] of this.#sent) {
      const found = await within(send("GET", key), fake.exited);
      if (found !== null && found !== value) this.#problem(`${key} is what nobody wrote`);
      const twin = await within(send("GET", `${key}:twin`), fake.exited);
      if (found !== null && twin !== null && found !== twin) this.#problem(`${key} is torn`);
      if ((found === null) !== (twin === null)) this.#problem(`${key} is there without its twin`);
      // Whoever read it was shown it.
      if (found !== null) this.#acknowledged.set(key, value);
    }
  }

  /** The exit code, if it ended meanwhile. The last one may be in flight when power is lost. */
  async #write(fake: FakeNode, count: number, isCutOff: boolean): Promise<number | undefined> {
    const send = connect(fake.node);
    for (let left = count; left > 0; left -= 1) {
      this.#writeCount += 1;
      const key = `key:${this.#writeCount}`;
      const value = `${key} `.padEnd(VALUE_BYTES, "x");
      this.#sent.set(key, value);
      if (isCutOff && left === 1) this.#disk.isHolding = true;
      const reply = this.#writePair(send, key, value);
      if (isCutOff && left === 1) {
        reply.then(() => this.#acknowledged.set(key, value));
        // Long enough for an answer that waits for no disk.
        await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
        return undefined;
      }
      const answer = await within(reply, fake.exited);
      if (typeof answer === "number") {
        reply.then(() => this.#problem(`${key} was answered after the failure`));
        await new Promise((resolve) => setImmediate(resolve));
        return answer;
      }
      if (isArrayOf(answer, "OK")) this.#acknowledged.set(key, value);
      else this.#problem(`${key} got ${JSON.stringify(answer)}`);
      if (this.#options.hasSnapshots && left % WRITES_A_SNAPSHOT === 0)
        await this.#save(fake, isCutOff);
    }
    return undefined;
  }

  /** On a disk that works again it must succeed. */
  async #save(fake: FakeNode, mustSucceed: boolean): Promise<void> {
    const answer = await within(connect(fake.node)("SAVE"), fake.exited);
    if (answer === "OK") this.#counts.snapshots += 1;
    else this.#counts.failedSnapshots += 1;
    const isRefused = typeof answer === "object" || answer === "OK";
    if (typeof answer !== "number" && (mustSucceed ? answer !== "OK" : !isRefused)) {
      this.#problem(`a snapshot got ${JSON.stringify(answer)}`);
    }
  }

  async #writePair(
    send: ReturnType<typeof connect>,
    key: string,
    value: string,
  ): Promise<DecodedReply> {
    void send("MULTI");
    void send("SET", key, value);
    void send("SET", `${key}:twin`, value);
    const reply = await send("EXEC");
    // What a full disk refuses is asked for again.
    if (!JSON.stringify(reply).includes("EXECABORT")) return reply;
    await new Promise((resolve) => setTimeout(resolve, DELAY_MAX_MS));
    return this.#writePair(send, key, value);
  }

  #problem(what: string): void {
    this.#counts.problems.push(`${this.#label}: ${what}`);
  }
}

/** The reply or the exit code, whichever is first. */
async function within(
  reply: Promise<DecodedReply>,
  exited: Promise<number>,
): Promise<DecodedReply | number> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hangs = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("no answer at all"), PATIENCE_MS);
  });
  const first = await Promise.race([reply, exited, hangs]);
  clearTimeout(timer);
  return first;
}

function isArrayOf(reply: DecodedReply | number, word: string): boolean {
  return Array.isArray(reply) && reply.length > 0 && reply.every((item) => item === word);
}
