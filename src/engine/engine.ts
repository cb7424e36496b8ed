/**
 * The engine: owner of the keyspace, the catalog, the sink and every session.
 *
 * It wires executor, context, gate and statistics together. A connection calls `createSession` and
 * feeds it; recovery sets `loading` while the log is read back and calls `start` when it is done.
 * When the log fails nothing is acknowledged any more and every connection is closed.
 */
import { UserTable } from "../auth/users.ts";
import { type Effect, EffectId } from "../keyspace/effect.ts";
import { Clients } from "./clients.ts";
import { EngineContext } from "./command-context.ts";
import { DiscardCycle } from "./discard-cycle.ts";
import type { EngineParts, LoadingProgress } from "./engine-parts.ts";
import { Executor } from "./executor.ts";
import { ExpiryCycle } from "./expiry-cycle.ts";
import { Hazards } from "./hazards.ts";
import { LatencyMonitor } from "./latency-monitor.ts";
import { reloadKeyspace } from "./reloading.ts";
import { Durability } from "./reply-gate.ts";
import type { CommandReceiver, ReplySink } from "./reply-sink.ts";
import { RestCycle } from "./rest-cycle.ts";
import { SealCycle } from "./seal-cycle.ts";
import { EngineServerControl } from "./server-control.ts";
import { Session, type SessionHost } from "./session.ts";
import { EngineSettings } from "./settings.ts";
import { SlowLogRing } from "./slow-log.ts";
import { ServerStatistics } from "./statistics.ts";
import { WatchTable } from "./watch-table.ts";
import { WriteTrace } from "./write-trace.ts";

const SAMPLE_PERIOD_MS = 1000;

export class Engine {
  readonly control: EngineServerControl;
  readonly statistics: ServerStatistics;
  readonly expiry: ExpiryCycle;
  readonly #parts: EngineParts;
  readonly #executor: Executor;
  readonly #host: SessionHost;
  readonly #seals: SealCycle;
  readonly #rests: RestCycle;
  readonly #durability: Durability;
  readonly #clients: Clients;
  readonly #trace: WriteTrace;
  #nextSessionId: number;
  #isFailed: boolean;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    const settings = new EngineSettings(parts.configuration);
    const users = new UserTable(parts.hashing);
    const hazards = new Hazards();
    const slowLog = new SlowLogRing();
    const latencyEvents = new LatencyMonitor();
    const watches = new WatchTable(parts.keyspace, parts.clock);
    const trace = new WriteTrace(parts.clock, parts.logger);
    this.statistics = new ServerStatistics(parts.commands.all);
    this.#trace = trace;
    this.#durability = new Durability(parts.sink.durableSequence, parts.failpoints, trace);
    this.#executor = new Executor({
      engine: parts,
      settings,
      users,
      hazards,
      statistics: this.statistics,
      slowLog,
      latencyEvents,
      trace,
      watches,
      closed: (session) => this.#closed(session),
    });
    this.#host = parts.observe?.(this.#executor) ?? this.#executor;
    this.expiry = new ExpiryCycle(
      parts.keyspace,
      parts.clock,
      parts.timers,
      this.statistics,
      (effects, nowMs) => this.#executor.applyOwnUnit(effects, nowMs),
      () => parts.sink.refusal !== undefined || this.#executor.isLoading,
      latencyEvents,
    );
    this.#seals = new SealCycle({
      catalog: parts.catalog,
      clock: parts.clock,
      timers: parts.timers,
      mayWrite: () => this.#mayWriteOfItself(),
      applyUnit: (effects) => this.#executor.applyOwnUnit(effects, parts.clock.nowMs()),
    });
    new DiscardCycle(parts.keyspace.released.discards, parts.clock, parts.timers);
    this.#rests = new RestCycle(parts.timers, parts.process);
    this.#clients = new Clients(parts.clock, parts.timers, this.#executor, this.expiry);
    this.control = new EngineServerControl({
      engine: parts,
      settings,
      users,
      statistics: this.statistics,
      slowLog,
      latencyEvents,
      clients: this.#clients,
      expiry: this.expiry,
      blocked: this.#executor.blocked,
      watches,
      trace,
      reload: () => this.#reload(),
    });
    this.#nextSessionId = 1;
    this.#isFailed = false;
    this.#wireContext(hazards);
    parts.sink.askWaiterCount(() => this.#durability.waitingCount);
    parts.sink.onDurable((sequence) => {
      if (trace.isOn) trace.durable(sequence);
      hazards.settle(sequence);
      this.#durability.advance(sequence);
    });
    parts.sink.onFailure((reason) => this.#fail(reason));
  }

  createSession(sink: ReplySink): CommandReceiver {
    const session = this.#newSession(sink);
    this.#clients.sessions.set(session.id, session);
    this.statistics.connectionCount += 1;
    if (this.#isFailed) sink.closeNow("the log has failed");
    return session;
  }

  get sessionCount(): number {
    return this.#clients.sessions.size;
  }

  /** While it is set, commands without the `loading` flag get LOADING. */
  set loading(progress: LoadingProgress | undefined) {
    this.control.loading = progress;
    this.#executor.isLoading = progress !== undefined;
  }

  /** Begins what it does of itself: active expiry, seals, backfills, rests and sampling. */
  start(): void {
    // What recovery read back is durable, though no append of this process made it so.
    this.#durability.advance(this.#parts.sink.durableSequence);
    this.expiry.start();
    this.#seals.start();
    this.#rests.start();
    this.#startBackfills();
    this.control.startedAtMs = this.#parts.clock.nowMs();
    this.#parts.timers.every(SAMPLE_PERIOD_MS, () => {
      this.statistics.sample(this.#parts.clock.nowMs());
    });
  }

  /**
   * Ends the record that gathers, with these effects as its last unit unless nothing may be written
   * now: a snapshot is of what this record and those before it hold, and of nothing behind it.
   * Where the log has no room, that is what is durable: what waits for room may wait for the
   * snapshot, behind which the log is trimmed. Not to be called while a command runs.
   */
  endRecord(effects: readonly Effect[]): {
    readonly sequence: number;
    readonly isWritten: boolean;
  } {
    const { sink } = this.#parts;
    if (sink.refusal !== undefined) return { sequence: sink.durableSequence, isWritten: false };
    const isWritten = this.#mayWriteOfItself();
    if (isWritten) this.#executor.applyOwnUnit(effects, this.#parts.clock.nowMs());
    return { sequence: sink.endRecord(), isWritten };
  }

  /**
   * Ends the periodic work and closes every connection once its replies have left; who is blocked
   * gets none. Backfills go on, since searches wait for them, until the caller stops the catalog's.
   */
  async stop(): Promise<void> {
    this.#executor.blocked.stop();
    this.expiry.stop();
    this.#seals.stop();
    this.#rests.stop();
    await this.#parts.sink.drain();
    for (const session of [...this.#clients.sessions.values()]) {
      session.closeAfterReply();
      session.gate.pushClose();
    }
  }

  #startBackfills(): void {
    const { catalog, clock, failpoints } = this.#parts;
    catalog.startBackfills({
      mayWrite: () => this.#mayWriteOfItself(),
      write: (slice) => {
        this.#executor.applyOwnUnit([{ id: EffectId.indexBackfill, ...slice }], clock.nowMs());
        failpoints?.pass("backfill.slice");
      },
    });
  }

  #mayWriteOfItself(): boolean {
    const { isLoading, pauseMode } = this.#executor;
    return this.#parts.sink.refusal === undefined && pauseMode === "none" && !isLoading;
  }

  async #reload(): Promise<void> {
    if (this.control.loading !== undefined) throw new Error("it is being read back already");
    const nothingDone = { bytesDone: 0, bytesTotal: 0, secondsLeft: 0 };
    this.loading = { startedAtMs: this.#parts.clock.nowMs(), ...nothingDone };
    try {
      await reloadKeyspace(this.#parts);
    } finally {
      this.loading = undefined;
    }
  }

  #newSession(sink: ReplySink): Session {
    const id = this.#nextSessionId;
    this.#nextSessionId += 1;
    return new Session(id, sink, this.#host, this.#durability, this.#parts.clock.nowMs());
  }

  #wireContext(hazards: Hazards): void {
    const { keyspace, catalog, sink } = this.#parts;
    const context = new EngineContext({
      keyspace,
      server: this.control,
      search: catalog,
      session: new Session(0, nobody, this.#executor, this.#durability, 0),
      hazards,
      sink,
      statistics: this.statistics,
      runDeferred: (session, database, run) => this.#executor.runDeferred(session, database, run),
    });
    this.#executor.useContext(context);
  }

  #closed(session: Session): void {
    this.#clients.sessions.delete(session.id);
    if (this.#trace.isOn) this.#trace.sessionClosed(session.id);
  }

  #fail(reason: Error): void {
    this.#isFailed = true;
    const fields = { reason: reason.message };
    this.#parts.logger.error(fields, "the log has failed: nothing is acknowledged any more");
    this.#executor.blocked.stop();
    this.expiry.stop();
    this.#seals.stop();
    this.#rests.stop();
    this.#parts.catalog.stopBackfills();
    for (const session of [...this.#clients.sessions.values()]) {
      session.gate.close();
      session.sink.closeNow("the log has failed");
      session.connectionClosed();
    }
  }
}

/** Where the server's own session sends its replies. */
const nobody: ReplySink = {
  send() {},
  resume() {},
  closeWhenSent() {},
  closeNow() {},
  outputBytes: 0,
  address: "",
  localAddress: "",
};
