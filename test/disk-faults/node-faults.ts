/**
 * Whole nodes, one after the other on one disk that fails at its n-th call: what clients were told
 * must be there for all who come later, whoever died in between and of what.
 *
 * A node that fails must end with exit code 71 (or 72, where it says what is damaged) and answer
 * nothing more; a full disk must not end it at all. Afterwards another node serves the folder,
 * with the page cache of the first or without; then power is lost in the middle of its write.
 */
import { exitCodeOf } from "../../src/node/fatal.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { connect, type FakeNode, startFakeNode } from "../support/fake-node.ts";
import type { DecodedReply } from "../support/in-process-server.ts";
import { DELAY_MAX_MS, MortalTimers } from "./mortal-timers.ts";

const SEGMENT_BYTES = 4096;
const VALUE_BYTES = 300;
const WRITES = 10;
const WRITES_AFTERWARDS = 3;
const EXIT_DISK = 71;
/** A reply comes within a few turns of the event loop; who has none then hangs. */
const PATIENCE_MS = 20_000;

export interface NodeFaultCounts {
  runs: number;
  exits: number;
  healed: number;
  acknowledged: number;
  readonly problems: string[];
}

export function newNodeCounts(): NodeFaultCounts {
  return { runs: 0, exits: 0, healed: 0, acknowledged: 0, problems: [] };
}

/** Every n, each with an error and with a full disk; the page cache survives every second one. */
export async function failNodes(
  seed: number,
  counts: NodeFaultCounts,
  failpoints = "",
): Promise<void> {
  for (const code of ["EIO", "ENOSPC"]) {
    for (let call = 1; ; call += 1) {
      const trial = new Trial(seed, code, call, failpoints, counts);
      const isHit = await trial.run();
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
  readonly #failpoints: string;
  readonly #counts: NodeFaultCounts;
  /** By key; those of a MULTI have one value and come or stay away together. */
  readonly #acknowledged = new Map<string, string>();
  readonly #sent = new Map<string, string>();
  #writeCount = 0;

  constructor(
    seed: number,
    code: string,
    call: number,
    failpoints: string,
    counts: NodeFaultCounts,
  ) {
    this.#disk = new FakeDisk(seededRandom(seed * 1000 + call));
    this.#label = `seed ${seed}, ${code} at call ${call}`;
    this.#code = code;
    this.#call = call;
    this.#failpoints = failpoints;
    this.#counts = counts;
  }

  /** Whether there was such a call. */
  async run(): Promise<boolean> {
    let isHit = false;
    this.#disk.disturb = (call) => {
      if (call !== this.#call) return undefined;
      isHit = true;
      return this.#code;
    };
    const exitCode = await this.#serve(WRITES);
    this.#disk.disturb = () => undefined;
    if (exitCode !== undefined) this.#counts.exits += 1;
    else if (isHit) this.#counts.healed += 1;
    if (exitCode !== undefined && exitCode !== EXIT_DISK) this.#problem(`exit code ${exitCode}`);
    if (this.#call % 2 === 0) this.#disk.losePower();
    for (const writes of [WRITES_AFTERWARDS, 0]) {
      const later = await this.#serve(writes, writes > 0);
      if (later !== undefined) this.#problem(`a later start ended with ${later}`);
    }
    this.#counts.acknowledged += this.#acknowledged.size;
    return isHit;
  }

  /** A node from its start to its end; its exit code, if it ended by itself. */
  async #serve(writeCount: number, isCutOff = false): Promise<number | undefined> {
    const failpoints = this.#failpoints;
    const timers = new MortalTimers();
    const fake = startFakeNode(this.#disk, { segmentBytes: SEGMENT_BYTES, timers, failpoints });
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
    }
    return undefined;
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
