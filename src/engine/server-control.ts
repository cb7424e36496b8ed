/**
 * What commands may ask of the server (`commands/server-control.ts` is the contract): thin faces
 * over the engine's parts. CONFIG SET refreshes the settings that the hot path reads.
 */
import type { UserTable } from "../auth/users.ts";
import type { Bytes } from "../base/bytes.ts";
import { ErrorReply } from "../base/errors.ts";
import { LODESTONE_VERSION } from "../base/version.ts";
import type { CommandTable } from "../commands/command-table.ts";
import type {
  CommandLatency,
  ConfigurationAccess,
  MemoryFigures,
  ServerControl,
  SnapshotControl,
} from "../commands/server-control.ts";
import type { BlockedClients } from "./blocked-clients.ts";
import type { Clients } from "./clients.ts";
import type { EngineParts, LoadingProgress, MasterKeyPlace } from "./engine-parts.ts";
import type { ExpiryCycle } from "./expiry-cycle.ts";
import { informationText } from "./information.ts";
import type { LatencyMonitor } from "./latency-monitor.ts";
import { type EngineSettings, readEncodingLimits } from "./settings.ts";
import type { SlowLogRing } from "./slow-log.ts";
import type { ServerStatistics } from "./statistics.ts";
import type { WatchTable } from "./watch-table.ts";
import type { WriteTrace } from "./write-trace.ts";

export interface ServerControlParts {
  readonly engine: EngineParts;
  readonly settings: EngineSettings;
  readonly users: UserTable;
  readonly statistics: ServerStatistics;
  readonly slowLog: SlowLogRing;
  readonly latencyEvents: LatencyMonitor;
  readonly clients: Clients;
  readonly expiry: ExpiryCycle;
  readonly blocked: BlockedClients;
  readonly watches: WatchTable;
  readonly trace: WriteTrace;
  readonly reload: () => Promise<void>;
}

const MASTER_KEY_PARAMETERS: readonly string[] = ["master-key-file", "master-key-command"];

function isMasterKeyParameter(name: string): boolean {
  return MASTER_KEY_PARAMETERS.includes(name);
}

/** Whichever is named; the other one is given up. */
function placeIn(pairs: readonly (readonly [string, string])[]): MasterKeyPlace {
  const given = new Map(pairs);
  return {
    file: given.get("master-key-file") ?? "",
    command: given.get("master-key-command") ?? "",
  };
}

export class EngineServerControl implements ServerControl {
  readonly configuration: ConfigurationAccess;
  readonly commands: CommandTable;
  readonly clients: Clients;
  readonly slowLog: SlowLogRing;
  readonly latencyEvents: LatencyMonitor;
  readonly version = LODESTONE_VERSION;
  readonly runId: string;
  startedAtMs: number;
  loading: LoadingProgress | undefined;
  readonly parts: ServerControlParts;
  #peakBytes: number;

  constructor(parts: ServerControlParts) {
    this.parts = parts;
    this.commands = parts.engine.commands;
    this.clients = parts.clients;
    this.slowLog = parts.slowLog;
    this.latencyEvents = parts.latencyEvents;
    this.runId = parts.engine.random.hex(20);
    this.startedAtMs = parts.engine.clock.nowMs();
    this.loading = undefined;
    this.#peakBytes = 0;
    this.configuration = this.#refreshingConfiguration();
    this.#refreshSettings();
  }

  get durableSequence(): number {
    return this.parts.engine.sink.durableSequence;
  }

  get appliedSequence(): number {
    return this.parts.engine.sink.appliedSequence;
  }

  get snapshots(): SnapshotControl | undefined {
    return this.parts.engine.snapshots;
  }

  configure(
    pairs: readonly (readonly [string, string])[],
  ): ErrorReply | undefined | Promise<ErrorReply | undefined> {
    const { configuration } = this;
    if (!pairs.some(([name]) => isMasterKeyParameter(name))) return configuration.set(pairs);
    const failure = configuration.check(pairs);
    if (failure !== undefined) return failure;
    const isAny = [...pairs, ...configuration.get(MASTER_KEY_PARAMETERS)].some(
      ([name, place]) => isMasterKeyParameter(name) && place !== "",
    );
    return isAny ? this.#setMasterKey(pairs) : configuration.set(pairs);
  }

  async #setMasterKey(
    pairs: readonly (readonly [string, string])[],
  ): Promise<ErrorReply | undefined> {
    const place = placeIn(pairs);
    const { rotateKeys } = this.parts.engine;
    try {
      if (rotateKeys === undefined) throw new Error("nothing is encrypted here");
      await rotateKeys(place);
    } catch (failure) {
      const reason = failure instanceof Error ? failure.message : String(failure);
      const line = reason.replaceAll(/[\r\n]+/g, " ");
      const name = place.command === "" ? "master-key-file" : "master-key-command";
      return new ErrorReply(
        `ERR CONFIG SET failed (possibly related to argument '${name}') - ${line}`,
      );
    }
    return this.configuration.set([
      ...pairs.filter(([name]) => !isMasterKeyParameter(name)),
      ["master-key-file", place.file],
      ["master-key-command", place.command],
    ]);
  }

  info(sections: readonly string[]): string {
    return informationText(this, sections);
  }

  resetStatistics(): void {
    this.parts.statistics.reset();
  }

  latencies(): readonly CommandLatency[] {
    return this.parts.statistics.commands
      .flatMap((command) =>
        command.histogram === undefined
          ? []
          : [
              {
                name: command.name,
                callCount: command.histogram.count,
                histogram: command.histogram.cumulativeByMicrosecondPowers(),
              },
            ],
      )
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  memory(): MemoryFigures {
    const { keyspace, catalog, process } = this.parts.engine;
    const usedBytes = keyspace.usedBytes + catalog.usedBytes;
    this.#peakBytes = Math.max(this.#peakBytes, usedBytes);
    let keyCount = 0;
    for (const database of keyspace.databases) keyCount += database.keyCount;
    return {
      usedBytes,
      peakBytes: this.#peakBytes,
      datasetBytes: keyspace.usedBytes,
      searchBytes: catalog.usedBytes,
      residentBytes: process.residentBytes(),
      heapBytes: process.heapBytes(),
      keyCount,
    };
  }

  giveBackMemory(): void {
    this.parts.engine.process.giveBackMemory();
  }

  nowMicroseconds(): number {
    return Math.floor(this.parts.engine.clock.nowMs() * 1000);
  }

  monotonicMs(): number {
    return this.parts.engine.clock.monotonicMs();
  }

  random(): number {
    return this.parts.engine.random.fraction();
  }

  isDebugEnabled(): boolean {
    return this.parts.settings.isDebugEnabled;
  }

  setActiveExpire(isOn: boolean): void {
    this.parts.expiry.isOn = isOn;
  }

  writeLogLine(text: string): void {
    this.parts.engine.logger.info({}, text);
  }

  reload(): Promise<void> {
    return this.parts.reload();
  }

  authenticate(userName: string, password: Bytes): boolean {
    return this.parts.users.authenticate(userName, password);
  }

  hasUser(userName: string): boolean {
    return this.parts.users.find(userName) !== undefined;
  }

  isPasswordRequired(): boolean {
    return this.parts.users.isPasswordRequired();
  }

  shutdown(options: {
    readonly isForced: boolean;
    readonly isNow: boolean;
  }): ErrorReply | undefined {
    return this.parts.engine.lifeCycle.shutdown(options);
  }

  abortShutdown(): ErrorReply | undefined {
    return this.parts.engine.lifeCycle.abortShutdown();
  }

  #refreshingConfiguration(): ConfigurationAccess {
    const inner = this.parts.engine.configuration;
    return {
      get: (patterns) => inner.get(patterns),
      check: (pairs) => inner.check(pairs),
      set: (pairs) => {
        const failure = inner.set(pairs);
        if (failure instanceof ErrorReply) return failure;
        this.#refreshSettings();
        return undefined;
      },
      rewrite: () => inner.rewrite(),
      number: (name) => inner.number(name),
      text: (name) => inner.text(name),
    };
  }

  #refreshSettings(): void {
    const { settings, users, slowLog, latencyEvents, statistics, trace, engine } = this.parts;
    settings.refresh(engine.configuration);
    users.setDefaultPassword(settings.password);
    slowLog.thresholdMicroseconds = settings.slowLogThresholdMicroseconds;
    slowLog.entriesMax = settings.slowLogEntriesMax;
    slowLog.trim();
    latencyEvents.thresholdMs = settings.latencyThresholdMs;
    statistics.isLatencyTracked = settings.isLatencyTracked;
    trace.isOn = settings.isWriteTraced;
    readEncodingLimits(engine.configuration, engine.keyspace.encodingLimits);
  }
}
