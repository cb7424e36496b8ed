/**
 * One node on a fake world, from one seed: clients, crashes at any turn, restarts from what the
 * disk kept, clocks that jump, disks that fill up and fail. Everything happens in turns that the
 * seed orders (`scheduler.ts`); the oracle judges what clients were told.
 */
import { RecordKind, readHeader } from "../../src/log/record-format.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { ExitCode } from "../../src/runtime/process.ts";
import { searchEverything } from "./call-source.ts";
import { Oracle } from "./oracle.ts";
import { Scheduler } from "./scheduler.ts";
import { SimulatedClient } from "./simulated-client.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import { Trace } from "./trace.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly operations: number;
  /** Planted bugs. */
  readonly failpoints?: string;
  /** Without it only the trace is made. */
  readonly isJudged?: boolean;
  /** Keeps the trace's lines. */
  readonly lines?: string[];
}

export interface SimulationResult {
  readonly digest: string;
  readonly problems: readonly string[];
  readonly operations: number;
  readonly crashes: number;
  readonly turns: number;
  readonly comparedReplies: number;
  readonly lostUnits: number;
  readonly snapshots: number;
  readonly failedSnapshots: number;
  readonly damagedSnapshots: number;
  readonly trims: number;
  readonly simulatedMs: number;
}

const CLIENTS = 5;
const RESTART_MAX_MS = 200;
/** One seed of so many. */
const ENCRYPTED_OF = 4;
/** Of virtual time, to the end of a process whose log could not be written. */
const EXIT_MAX_MS = 1000;
const DAMAGE_SHARE = 0.1;
const PATIENCE_TURNS = 500;
const QUIET_MAX_MS = 60_000;
const SEGMENT_SIZES = [4 * 1024, 8 * 1024, 32 * 1024];
/** Turns that a process lives: killed at its start, in its youth, or late. */
const SHORT_TURNS = 150;
const USUAL_TURNS = 3000;
const LONG_TURNS = 8000;

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  return new Simulation(options).run();
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #disk: FakeDisk;
  readonly #oracle = new Oracle();
  readonly #clients: SimulatedClient[];
  readonly #problems: string[] = [];
  #process: SimulatedProcess | undefined;
  readonly #snapshots = { snapshots: 0, failedSnapshots: 0, damagedSnapshots: 0, trims: 0 };
  #processCount = 0;
  #crashCount = 0;
  #sentCount = 0;
  /** The turn at which the present process meets its end. */
  #endsAtTurn = 0;
  /** No more crashes, and the disk is well. */
  #isPeaceful = false;
  #mayFail = false;
  #mustEndByMs = Number.POSITIVE_INFINITY;
  /** It is to end while it writes. */
  #isMidWrite = false;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#scheduler = new Scheduler(seededRandom(options.seed));
    this.#trace = new Trace(options.lines);
    this.#disk = new FakeDisk(seededRandom(options.seed + 1));
    const random = (): number => this.#scheduler.random.fraction();
    this.#clients = Array.from(
      { length: CLIENTS },
      (_, number) =>
        new SimulatedClient(number, this.#scheduler, random, {
          connect: (port) => this.#process?.connect(port),
          maySend: () => !this.#isPeaceful,
          sent: (count) => {
            this.#sentCount += count;
          },
          told: (client, frame) => this.#trace.add(`told ${client} ${frame}`),
        }),
    );
  }

  async run(): Promise<SimulationResult> {
    this.#startProcess();
    for (const client of this.#clients) client.begin();
    while (this.#sentCount < this.#options.operations && !this.#hasProblem) {
      await this.#turn();
    }
    await this.#calmDown();
    await this.#readBack();
    return {
      digest: this.#trace.digest(),
      problems: [...this.#problems, ...this.#oracle.problems],
      operations: this.#sentCount,
      crashes: this.#crashCount,
      turns: this.#scheduler.turnCount,
      comparedReplies: this.#oracle.comparedReplies,
      lostUnits: this.#oracle.lostUnits,
      ...this.#snapshots,
      simulatedMs: this.#scheduler.elapsedMs,
    };
  }

  get #hasProblem(): boolean {
    return this.#problems.length > 0;
  }

  /** Everybody who still waits is answered, or their connection is closed. */
  async #calmDown(): Promise<void> {
    this.#makePeace();
    await this.#becomeQuiet();
    const client = this.#clients.find(({ isConnected }) => isConnected);
    client?.finishWith(searchEverything());
    await this.#becomeQuiet();
    for (const client of this.#clients) {
      if (!client.isAnswered) this.#problems.push(`no answer ever came: ${client.describe()}`);
    }
    const refusal = this.#process?.refusal;
    if (refusal !== undefined) this.#problems.push(`writes are refused for ever: ${refusal}`);
  }

  async #becomeQuiet(): Promise<void> {
    const untilMs = this.#scheduler.elapsedMs + QUIET_MAX_MS;
    const isQuiet = (): boolean =>
      this.#process?.isReady === true &&
      this.#process.refusal === undefined &&
      this.#clients.every((client) => client.isAnswered);
    while (!isQuiet() && this.#scheduler.elapsedMs < untilMs && !this.#hasProblem) {
      await this.#turn();
    }
  }

  /** A clean stop, and one more process that reads everything back. */
  async #readBack(): Promise<void> {
    const last = this.#process;
    last?.terminate();
    await this.#until(() => last?.isDead === true, "the process did not stop");
    if (last !== undefined && last.exitCode !== ExitCode.stopped) {
      this.#problems.push(`the process stopped with ${last.exitCode}`);
    }
    await this.#until(() => this.#process?.isReady === true, "the last process is not ready");
    this.#process?.die();
  }

  async #until(isReached: () => boolean, problem: string): Promise<void> {
    const untilMs = this.#scheduler.elapsedMs + QUIET_MAX_MS;
    while (!isReached() && !this.#hasProblem) {
      if (this.#scheduler.elapsedMs > untilMs) this.#problems.push(problem);
      await this.#turn();
    }
  }

  async #turn(): Promise<void> {
    const process = this.#process;
    try {
      if (!this.#scheduler.step()) this.#problems.push("nothing is left to do");
    } catch (failure) {
      process?.fault(failure);
    }
    // Microtasks of the turn come before the next one; nothing else of the real world is there.
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#moveClock();
    if (this.#process !== undefined) this.#fate(this.#process);
  }

  #moveClock(): void {
    const scheduler = this.#scheduler;
    const dice = scheduler.random.fraction();
    if (dice < 0.0005) scheduler.pause(scheduler.below(4000));
    else if (dice < 0.001) scheduler.jump(scheduler.below(7_200_000) - 3_600_000);
  }

  /** Whether the process ended itself, or ends now. */
  #fate(process: SimulatedProcess): void {
    if (process.isDead) {
      this.#judgeExit(process);
      this.#buried(process, this.#scheduler.happens(0.5));
      return;
    }
    if (this.#scheduler.elapsedMs > this.#mustEndByMs) {
      this.#problems.push(`process ${process.number} goes on after its log could not be written`);
    }
    const { turnCount } = this.#scheduler;
    if (this.#isPeaceful || turnCount < this.#endsAtTurn) return;
    // Most deaths come while something is being written.
    const isPatient = turnCount < this.#endsAtTurn + PATIENCE_TURNS;
    if (this.#isMidWrite && isPatient && process.disk.writesInFlight === 0) return;
    const dice = this.#scheduler.random.fraction();
    if (dice < 0.15 && process.isReady && !process.isStopping) {
      process.terminate();
      this.#endsAtTurn = this.#scheduler.turnCount + this.#scheduler.below(200);
      return;
    }
    process.die();
    this.#crashCount += 1;
    this.#buried(process, dice < 0.7);
  }

  #judgeExit(process: SimulatedProcess): void {
    const { exitCode, number } = process;
    if (exitCode === ExitCode.stopped && process.isStopping) return;
    if (exitCode === ExitCode.disk && this.#mayFail) return;
    const fatal = process.lines.find(({ level }) => level === "fatal");
    const why = JSON.stringify(fatal);
    this.#problems.push(`process ${number} ended with ${exitCode}: ${why}`);
  }

  #buried(process: SimulatedProcess, hasPowerFailed: boolean): void {
    this.#process = undefined;
    this.#count(process);
    this.#trace.add(`process ${process.number} is gone, power failure: ${hasPowerFailed}`);
    if (this.#options.isJudged !== false) this.#oracle.died(process);
    if (hasPowerFailed) this.#disk.losePower();
    else this.#disk.killProcess();
    this.#disk.disturb = () => undefined;
    this.#disk.capacityBytes = Number.POSITIVE_INFINITY;
    if (!this.#isPeaceful && this.#scheduler.happens(DAMAGE_SHARE)) this.#damageSnapshot();
    this.#scheduler.after(this.#scheduler.below(RESTART_MAX_MS), () => this.#startProcess());
  }

  /** What snapshots there were, by the lines of its log. */
  #count({ lines }: SimulatedProcess): void {
    for (const { message } of lines) {
      if (message.startsWith("a snapshot was made")) this.#snapshots.snapshots += 1;
      if (message.startsWith("no snapshot was made")) this.#snapshots.failedSnapshots += 1;
      if (message.startsWith("THIS SNAPSHOT IS DAMAGED")) this.#snapshots.damagedSnapshots += 1;
      if (message.startsWith("the log was trimmed")) this.#snapshots.trims += 1;
    }
  }

  /** A flipped bit in the newest of several. */
  #damageSnapshot(): void {
    const paths = this.#disk.paths().filter((path) => path.endsWith(".snap"));
    const newest = paths.at(-1);
    if (newest === undefined || paths.length < 2) return;
    const bytes = Buffer.from(this.#disk.content(newest));
    bytes[this.#scheduler.below(bytes.length)] ^= 1 << this.#scheduler.below(8);
    this.#disk.place(newest, bytes);
  }

  #startProcess(): void {
    const scheduler = this.#scheduler;
    this.#processCount += 1;
    this.#mayFail = false;
    this.#mustEndByMs = Number.POSITIVE_INFINITY;
    if (!this.#isPeaceful) this.#planMishap();
    const dice = scheduler.random.fraction();
    const turnsMax = dice < 0.3 ? SHORT_TURNS : dice < 0.8 ? USUAL_TURNS : LONG_TURNS;
    this.#isMidWrite = scheduler.happens(0.7);
    this.#endsAtTurn = scheduler.turnCount + scheduler.below(turnsMax);
    const process: SimulatedProcess = new SimulatedProcess({
      number: this.#processCount,
      scheduler,
      trace: this.#trace,
      disk: this.#disk,
      segmentBytes: SEGMENT_SIZES[this.#options.seed % SEGMENT_SIZES.length],
      failpoints: this.#options.failpoints ?? "",
      isEncrypted: this.#options.seed % ENCRYPTED_OF === 0,
      snapshotLogBytes: scheduler.happens(0.6) ? 2000 + scheduler.below(12_000) : 0,
      onWritten: (path, bytes) => this.#written(process, path, bytes),
    });
    this.#process = process;
  }

  /** The disk fails once, or is full for a while. */
  #planMishap(): void {
    const scheduler = this.#scheduler;
    const dice = scheduler.random.fraction();
    if (dice < 0.12) {
      this.#mayFail = true;
      const failsAt = this.#disk.callCount + 1 + scheduler.below(300);
      this.#disk.disturb = (call, what, path) => {
        if (call !== failsAt) return undefined;
        const isOfLog = what === "write" && path.includes("/segment-");
        if (isOfLog) this.#mustEndByMs = scheduler.elapsedMs + EXIT_MAX_MS;
        return "EIO";
      };
    } else if (dice < 0.3) {
      this.#mayFail = true;
      this.#disk.capacityBytes = this.#usedBytes() + scheduler.below(40_000);
      scheduler.after(scheduler.below(5000), () => {
        this.#disk.capacityBytes = Number.POSITIVE_INFINITY;
      });
    }
  }

  #usedBytes(): number {
    let bytes = 0;
    for (const path of this.#disk.paths()) bytes += this.#disk.content(path).length;
    return bytes;
  }

  #makePeace(): void {
    this.#isPeaceful = true;
    this.#disk.capacityBytes = Number.POSITIVE_INFINITY;
    this.#disk.disturb = () => undefined;
  }

  /** The claim shows what was read back, before anything comes behind it. */
  #written(process: SimulatedProcess, path: string, bytes: Uint8Array): void {
    if (!path.includes("/segment-")) return;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const header = readHeader(buffer, 0);
    if (typeof header === "string" || header.kind !== RecordKind.claim) return;
    if (this.#options.isJudged !== false) this.#oracle.claimed(process, header.sequence - 1);
  }
}
