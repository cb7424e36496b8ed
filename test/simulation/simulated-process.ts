/**
 * One life of a server: `main.ts`'s wiring over a fake world, from its start until it is killed,
 * loses power, ends itself or was asked to stop. A dead one does nothing any more.
 */
import { ErrorReply } from "../../src/base/errors.ts";
import type { Effect } from "../../src/keyspace/effect.ts";
import { endProcess } from "../../src/node/fatal.ts";
import { type RunningNode, startNode } from "../../src/node/start.ts";
import type { World } from "../../src/node/world.ts";
import type { Clock, Timers } from "../../src/runtime/clock.ts";
import type { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import type { Logger } from "../../src/runtime/logger.ts";
import { ExitCode, type ProcessDoor } from "../../src/runtime/process.ts";
import { type SecretDoor, SecretFailure } from "../../src/runtime/secrets.ts";
import { ConnectionLimits } from "../../src/server/connection-limits.ts";
import { Server } from "../../src/server/server.ts";
import { TrafficCounters } from "../../src/server/traffic-counters.ts";
import { keepingLogger, type LogLine } from "../support/fake-node.ts";
import { MemoryConfiguration } from "../support/memory-configuration.ts";
import { ExactVectorEngine } from "./exact-vector-engine.ts";
import { Observer } from "./observer.ts";
import type { Scheduler } from "./scheduler.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { SimulatedFollowers } from "./simulated-followers.ts";
import { SimulatedNetwork, type SimulatedSocket } from "./simulated-network.ts";
import type { Trace } from "./trace.ts";

/** Few, since each costs time and memory in every life. */
export const DATABASES = 4;
const CLOSE_GRACE_MS = 2000;
const ANSWER_MAX_MS = 3;
/** Little, so that a snapshot takes several passes over the log. */
const SNAPSHOT_MEMORY_BYTES = 64 * 1024;
const MASTER_KEY_BYTES = 32;
/** So little that data keys change, and old ones go, within a life. */
const DATA_KEY_BYTES_MAX = 20_000;
const FOLDER = "/log";

const connectionParameters = [
  ["client-query-buffer-limit", "1073741824"],
  ["timeout", "0"],
  ["tcp-keepalive", "300"],
] as const;

export interface ProcessPlan {
  readonly number: number;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly disk: FakeDisk;
  readonly segmentBytes: number;
  readonly failpoints: string;
  readonly isEncrypted: boolean;
  /** 0: only when somebody asks for a snapshot. */
  readonly snapshotLogBytes: number;
  /** Sees what is written to the disk, before it is. */
  readonly onWritten: (path: string, bytes: Uint8Array) => void;
}

export class SimulatedProcess {
  readonly number: number;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly observer: Observer;
  readonly lines: LogLine[] = [];
  readonly node: RunningNode;
  isDead = false;
  isReady = false;
  isStopping = false;
  /** Of a process that ended itself. */
  exitCode: ExitCode | undefined;
  failure: unknown;
  /** By session, from 1. */
  readonly sockets: SimulatedSocket[] = [];
  readonly disk: SimulatedDisk;
  /** What recovery applied. */
  readonly recovered: Effect[] = [];
  readonly #plan: ProcessPlan;
  readonly #network = new SimulatedNetwork();
  readonly #server: Server;
  readonly #soon: (() => void)[] = [];

  constructor(plan: ProcessPlan) {
    this.#plan = plan;
    this.number = plan.number;
    this.scheduler = plan.scheduler;
    this.trace = plan.trace;
    this.observer = new Observer(plan.trace);
    const configuration = new MemoryConfiguration([
      ...connectionParameters,
      ["snapshot-log-bytes", String(plan.snapshotLogBytes)],
      ["snapshot-memory", String(SNAPSHOT_MEMORY_BYTES)],
      ["snapshot-retention-days", "0"],
      ["data-key-max-bytes", String(DATA_KEY_BYTES_MAX)],
      ["data-key-max-days", "0"],
    ]);
    const counters = new TrafficCounters();
    this.disk = this.#diskOf(() => this.isDead);
    const world = this.#world();
    this.node = this.#startNode(world, configuration, counters);
    this.observer.askLoading(() => this.node.engine.control.loading !== undefined);
    const { engine } = this.node;
    const start = engine.start.bind(engine);
    engine.start = () => this.observer.during({ kind: "start" }, start);
    const stop = engine.stop.bind(engine);
    engine.stop = () => this.observer.during({ kind: "stop" }, stop);
    const endRecord = engine.endRecord.bind(engine);
    engine.endRecord = (effects) =>
      this.observer.during({ kind: "end record", effects }, () => endRecord(effects));
    this.#rememberRecovery();
    this.#server = new Server({
      network: this.#network,
      clock: world.clock,
      timers: world.timers,
      logger: world.logger,
      limits: new ConnectionLimits(configuration),
      counters,
      createSession: (sink) =>
        this.observer.during({ kind: "session", address: sink.address }, () =>
          engine.createSession(sink),
        ),
    });
    void this.#run();
  }

  /** A new connection; undefined while nobody listens. */
  connect(port: number): SimulatedSocket | undefined {
    if (this.isDead) return undefined;
    const socket = this.#network.connect(this.scheduler, port);
    if (socket !== undefined) this.sockets.push(socket);
    return socket;
  }

  /** SIGTERM. */
  terminate(): void {
    if (this.isStopping || this.isDead) return;
    this.isStopping = true;
    this.trace.add("terminated");
    void this.#stop();
  }

  /** Why writes are refused, if they are. */
  get refusal(): string | undefined {
    return this.observer.refusal;
  }

  /** Nothing of it happens any more. */
  die(): void {
    if (this.isDead) return;
    this.isDead = true;
    this.#soon.length = 0;
    for (const socket of this.sockets) socket.die();
  }

  /** An exception that nobody caught. */
  fault(failure: unknown): void {
    this.failure ??= failure;
    this.#end(failure);
  }

  /** Whatever was applied before the first event that a client could cause a change by. */
  #rememberRecovery(): void {
    const { keyspace } = this.node;
    const apply = keyspace.apply.bind(keyspace);
    keyspace.apply = (effect, nowMs) => {
      if (this.node.engine.control.loading !== undefined) this.recovered.push(effect);
      apply(effect, nowMs);
    };
  }

  async #run(): Promise<void> {
    try {
      await this.#server.listen(["10.0.0.9"], 6379);
      await this.node.setAddress("10.0.0.9:6379");
      await this.node.whenReady;
      this.isReady = true;
    } catch (failure) {
      this.#end(failure);
    }
  }

  async #stop(): Promise<void> {
    try {
      this.#server.stopListening();
      await this.node.stop();
      await this.#server.whenEmpty(CLOSE_GRACE_MS);
      this.#exit(ExitCode.stopped);
    } catch (failure) {
      this.#end(failure);
    }
  }

  #end(failure: unknown): void {
    if (this.isDead) return;
    const exit = (code: ExitCode): never => this.#exit(code) as never;
    endProcess(failure, { exit }, this.#logger(), 0);
  }

  #exit(code: ExitCode): void {
    if (this.isDead) return;
    this.trace.add(`exit ${code}`);
    this.exitCode = code;
    this.die();
  }

  #startNode(
    world: World,
    configuration: MemoryConfiguration,
    traffic: TrafficCounters,
  ): RunningNode {
    const { segmentBytes, failpoints, isEncrypted } = this.#plan;
    const later = (run: () => void): void =>
      this.#inTurn(this.scheduler.random.fraction() * ANSWER_MAX_MS, run);
    return startNode(
      {
        log: "file",
        folder: FOLDER,
        address: "10.0.0.9:6379",
        failpoints,
        masterKey: isEncrypted ? { file: "/master.key", command: "" } : undefined,
        databaseCount: DATABASES,
        segmentBytes,
        searchThreadCount: 1,
      },
      world,
      {
        configuration,
        facts: { port: 6379, configFile: "", traffic },
        lifeCycle: {
          shutdown: () => {
            this.terminate();
            return undefined;
          },
          abortShutdown: () => new ErrorReply("ERR No shutdown in progress."),
        },
      },
      {
        vectorEngine: new ExactVectorEngine(later),
        engineParts: (parts) => this.observer.around(parts),
      },
    );
  }

  #diskOf(isDead: () => boolean): SimulatedDisk {
    const { scheduler, trace } = this;
    return new SimulatedDisk(this.#plan.disk, {
      isDead,
      scheduler,
      trace,
      written: (path, bytes) => this.#plan.onWritten(path, bytes),
    });
  }

  #world(): World {
    const { scheduler } = this;
    const random = seededRandom(scheduler.below(2 ** 32));
    const clock: Clock = {
      nowMs: () => scheduler.nowMs(),
      monotonicMs: () => scheduler.monotonicMs(),
    };
    const timers = this.#timers();
    const secrets: SecretDoor = {
      readFile: async () => ({
        bytes: Buffer.alloc(MASTER_KEY_BYTES, 7),
        isReadableByOthers: false,
      }),
      runCommand: () => Promise.reject(new SecretFailure("no secrets here")),
      randomBytes: (count) => Buffer.from(random.hex(count), "hex"),
    };
    const isParentDead = (): boolean => this.isDead;
    const diskOf = (isDead: () => boolean): SimulatedDisk => this.#diskOf(isDead);
    const around = { scheduler, clock, timers, secrets, isParentDead, diskOf };
    return {
      secrets,
      clock,
      timers,
      random,
      disk: this.disk,
      process: this.#door(),
      followers: new SimulatedFollowers(around),
      logger: this.#logger(),
    };
  }

  #timers(): Timers {
    return {
      after: (delayMs, run) => this.scheduler.after(delayMs, () => this.#guarded(run)),
      every: (periodMs, run) => {
        let isCancelled = false;
        const plan = (): void => {
          this.scheduler.after(periodMs, () => {
            if (isCancelled || this.isDead) return;
            plan();
            this.#guarded(run);
          });
        };
        plan();
        return {
          cancel: () => {
            isCancelled = true;
          },
        };
      },
      soon: (run) => {
        this.#soon.push(run);
        // In their order, each in a turn of its own.
        this.scheduler.after(0, () => {
          const next = this.#soon.shift();
          if (next !== undefined) this.#guarded(next);
        });
      },
    };
  }

  #inTurn(delayMs: number, run: () => void): void {
    this.scheduler.after(delayMs, () => this.#guarded(run));
  }

  #guarded(run: () => void): void {
    if (!this.isDead) run();
  }

  #logger(): Logger {
    return keepingLogger(this.lines);
  }

  #door(): ProcessDoor {
    return {
      id: 1000 + this.number,
      startedAtMs: this.scheduler.wallMs,
      onTermination: () => undefined,
      onFault: () => undefined,
      exit: (code) => this.#exit(code) as never,
      nodeVersion: "v24.0.0",
      operatingSystem: "Linux",
      executable: "lodestone",
      coreCount: 1,
      residentBytes: () => 50_000_000,
      heapBytes: () => 10_000_000,
      processorSeconds: () => ({ system: 0, user: 0 }),
    };
  }
}
