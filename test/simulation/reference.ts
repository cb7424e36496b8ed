/**
 * What one process should have told its clients: a second engine, which never crashes and has no
 * disk, does the observed events again, in their order and with their readings of the clock and
 * random numbers. It gives the replies in the order of each connection, and the units of the log.
 *
 * Searches are answered by brute force over its keyspace instead (`search-truth.ts`), since a real
 * one may be answered later.
 */
import { toBinaryString } from "../../src/base/bytes.ts";
import { ErrorReply } from "../../src/base/errors.ts";
import { commandTable } from "../../src/commands/registry.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { EngineParts } from "../../src/engine/engine-parts.ts";
import type { CommandReceiver, ReplySink } from "../../src/engine/reply-sink.ts";
import { Session } from "../../src/engine/session.ts";
import { type Effect, EffectId } from "../../src/keyspace/effect.ts";
import type { Keyspace } from "../../src/keyspace/keyspace.ts";
import type { EffectSink } from "../../src/log/effect-sink.ts";
import { ReplyEncoder } from "../../src/resp/encoder.ts";
import type { Protocol, Reply } from "../../src/resp/frame.ts";
import type { Clock, Random, Timers } from "../../src/runtime/clock.ts";
import { systemHashing } from "../../src/runtime/hashing.ts";
import { silentLogger } from "../../src/runtime/logger.ts";
import type { SearchCatalog, SliceWriter } from "../../src/search/catalog.ts";
import { Catalog } from "../../src/search/indexer.ts";
import { TrafficCounters } from "../../src/server/traffic-counters.ts";
import { MemoryConfiguration } from "../support/memory-configuration.ts";
import { ExactVectorEngine } from "./exact-vector-engine.ts";
import { decodeUnit, type EventWhat, encodeUnit, type ObservedEvent } from "./observer.ts";
import { asksForNearest, searchTruth } from "./search-truth.ts";

/** What a connection should have been told in one place. */
export interface ExpectedReply {
  /** The frame; undefined where nothing is known (a search that waited for a backfill). */
  readonly frame: string | undefined;
  /** Keys of a search, sorted, instead of a frame; "error" for any error. */
  readonly keys: readonly string[] | "error" | undefined;
  readonly event: ObservedEvent;
}

/** What they answer depends on when a snapshot ends. */
const SNAPSHOT_COMMANDS: ReadonlySet<string> = new Set(["BGSAVE", "SAVE"]);
const DEAD_END = "nothing";

class ReferenceSink implements EffectSink {
  refusal: string | undefined;
  appliedSequence = 0;
  durableSequence = 0;
  units: Buffer[] = [];
  #durable: ((sequence: number) => void)[] = [];

  get gatheringSequence(): number {
    return this.appliedSequence + 1;
  }

  appendUnit(effects: readonly Effect[]): number {
    this.appliedSequence += 1;
    this.units.push(encodeUnit(effects));
    return this.appliedSequence;
  }

  endRecord(): number {
    return this.appliedSequence;
  }

  settle(): void {
    this.durableSequence = this.appliedSequence;
    for (const listener of this.#durable) listener(this.durableSequence);
  }

  onDurable(listener: (sequence: number) => void): void {
    this.#durable.push(listener);
  }

  askWaiterCount(): void {}

  onFailure(): void {}

  async drain(): Promise<void> {}
}

/** Gives the readings and numbers of the event under way once more. */
class Playback implements Clock, Random {
  #event: ObservedEvent | undefined;
  #reading = 0;
  #wallReading = 0;
  #at = 0;
  #wallAt = 0;
  #fractionAt = 0;

  play(event: ObservedEvent): void {
    this.#event = event;
    this.#at = 0;
    this.#wallAt = 0;
    this.#fractionAt = 0;
  }

  nowMs(): number {
    this.#wallReading = this.#event?.wallReadings[this.#wallAt] ?? this.#wallReading;
    this.#wallAt += 1;
    return this.#wallReading;
  }

  monotonicMs(): number {
    this.#reading = this.#event?.readings[this.#at] ?? this.#reading;
    this.#at += 1;
    return this.#reading;
  }

  fraction(): number {
    const drawn = this.#event?.fractions[this.#fractionAt] ?? 0;
    this.#fractionAt += 1;
    return drawn;
  }

  hex(byteCount: number): string {
    return "0".repeat(byteCount * 2);
  }
}

export class Reference {
  readonly keyspace: Keyspace;
  /** By session. */
  readonly expected = new Map<number, ExpectedReply[]>();
  readonly #engine: Engine;
  readonly #catalog: Catalog;
  readonly #sink = new ReferenceSink();
  readonly #playback = new Playback();
  readonly #sessions = new Map<number, CommandReceiver>();
  readonly #closed = new Set<number>();
  readonly #earlyWatchers = new Set<number>();
  readonly #planned = new Map<string, () => void>();
  #event: ObservedEvent | undefined;
  #registeredCount = 0;
  #isLoading = false;
  #isMuted = false;
  #batch: { readonly number: number; readonly session: CommandReceiver } | undefined;
  #writer: SliceWriter | undefined;

  /** The catalog listens to the keyspace and follows it. */
  constructor(keyspace: Keyspace, catalog: Catalog) {
    this.keyspace = keyspace;
    this.#catalog = catalog;
    this.#engine = new Engine(this.#parts());
  }

  /** Does the event again; what differs from what was observed, undefined when nothing does. */
  replay(event: ObservedEvent): string | undefined {
    this.#event = event;
    this.#registeredCount = 0;
    this.#playback.play(event);
    this.#sink.refusal = event.refusal;
    this.#sink.units = [];
    if (event.isLoading !== this.#isLoading) this.#setLoading(event.isLoading);
    const problem = this.#run(event.what);
    this.#sink.settle();
    return problem ?? this.#compareUnits(event);
  }

  /** What a blocked session would be told if it had asked just now; undefined for nothing. */
  answerNow(sessionId: number): string | undefined {
    const session = this.#sessions.get(sessionId);
    if (!(session instanceof Session) || session.blocked === undefined) return undefined;
    const { args } = session.blocked;
    const frames: string[] = [];
    const probe = this.#engine.createSession(this.#sinkTo((frame) => frames.push(frame), ""));
    if (!(probe instanceof Session)) return undefined;
    probe.database = session.database;
    probe.protocol = session.protocol;
    probe.execute([...args]);
    this.#sink.settle();
    return frames[0];
  }

  #setLoading(isLoading: boolean): void {
    this.#isLoading = isLoading;
    const progress = { startedAtMs: 0, bytesDone: 0, bytesTotal: 0, secondsLeft: 0 };
    this.#engine.loading = isLoading ? progress : undefined;
  }

  #run(what: EventWhat): string | undefined {
    switch (what.kind) {
      case "session":
        this.#connect(what.address);
        return undefined;
      case "execute":
        return this.#execute(what);
      case "closed":
        if (!this.#closed.has(what.sessionId)) this.#close(what.sessionId);
        return undefined;
      case "timer": {
        const run = this.#planned.get(what.key);
        if (run === undefined) return `timer ${what.key} is not planned in the reference`;
        run();
        return undefined;
      }
      case "slice":
        this.#writer?.write(what.slice);
        return undefined;
      case "start":
        this.#engine.start();
        return undefined;
      case "end record":
        this.#engine.endRecord(what.effects);
        return undefined;
      case "stop":
        void this.#engine.stop();
        return undefined;
    }
  }

  #execute(what: EventWhat & { readonly kind: "execute" }): string | undefined {
    const session = this.#sessions.get(what.sessionId);
    if (session === undefined) return `session ${what.sessionId} is not there in the reference`;
    if (this.#batch?.number !== what.batch || this.#batch.session !== session) {
      this.#batch?.session.endBatch();
      this.#batch = what.batch === 0 ? undefined : { number: what.batch, session };
      this.#batch?.session.beginBatch();
    }
    const args = what.args.map((arg) => arg);
    const name = toBinaryString(args[0]).toUpperCase();
    if (this.#event?.isLoading === false && SNAPSHOT_COMMANDS.has(name)) {
      this.#passTime(session);
      const unknown = { frame: undefined, keys: undefined, event: this.#event };
      this.#expectedOf(what.sessionId).push(unknown);
    } else if (name === "FT.SEARCH" && this.#event?.isLoading === false) {
      this.#passTime(session);
      this.#search(what);
    } else {
      if (name === "WATCH" && this.#isLoading) this.#earlyWatchers.add(what.sessionId);
      // What was read back after the WATCH counted as changes.
      const isEarly = what.isDirty && this.#earlyWatchers.has(what.sessionId);
      if (isEarly && session instanceof Session) session.isDirty = true;
      session.execute(args);
      if (session.isStalled && !session.isBlocked) return "it stalls in the reference";
    }
    return undefined;
  }

  /** Reads the clocks as the command did that is not done again here. */
  #passTime(session: CommandReceiver): void {
    this.#isMuted = true;
    session.execute(["PING"]);
    this.#sink.settle();
    this.#isMuted = false;
  }

  #search({ sessionId, args, isBackfilling }: EventWhat & { readonly kind: "execute" }): void {
    const event = this.#event;
    if (event === undefined) return;
    const nowMs = event.ranAtMs;
    // What it met of what has passed it removed.
    for (const { bytes } of event.units) this.#removePassed(bytes, nowMs);
    const query = toBinaryString(args[2]);
    const keys = this.#truth(toBinaryString(args[1]), query, nowMs);
    // While writes are held, what has passed may still be found.
    const isHeld = this.keyspace.databases[0].earliestFieldExpiryMs < nowMs;
    const isLater = isBackfilling || asksForNearest(query);
    const isUnknown = isLater || (isHeld && keys !== "error");
    this.#expectedOf(sessionId).push({
      frame: undefined,
      keys: isUnknown ? undefined : keys,
      event,
    });
  }

  #truth(name: string, query: string, nowMs: number): readonly string[] | "error" {
    const index = this.#catalog.find(name);
    if (index === undefined) return "error";
    return searchTruth(this.keyspace, index.schema.prefixes, query, nowMs);
  }

  #removePassed(unit: Buffer, nowMs: number): void {
    const passed: Effect[] = [];
    for (const effect of decodeUnit(unit)) {
      if (!hasPassed(effect, this.keyspace, nowMs)) continue;
      this.keyspace.apply(effect, nowMs);
      passed.push(effect);
    }
    this.#sink.appendUnit(passed);
  }

  #connect(address: string): void {
    const id = this.#sessions.size + 1;
    const told = (frame: string): void => {
      const event = this.#event;
      if (event === undefined || this.#isMuted) return;
      this.#expectedOf(id).push({ frame, keys: undefined, event });
    };
    const sink = this.#sinkTo(told, address, id);
    this.#sessions.set(id, this.#engine.createSession(sink));
  }

  #sinkTo(told: (frame: string) => void, address: string, id = 0): ReplySink {
    const encoder = new ReplyEncoder();
    return {
      send: (reply: Reply, protocol: Protocol) => {
        encoder.clear();
        encoder.encode(reply, protocol);
        told(encoder.written().toString("latin1"));
      },
      resume: () => undefined,
      closeWhenSent: () => this.#close(id),
      closeNow: () => this.#closed.add(id),
      outputBytes: 0,
      address,
      localAddress: DEAD_END,
    };
  }

  #close(sessionId: number): void {
    this.#closed.add(sessionId);
    this.#sessions.get(sessionId)?.connectionClosed();
  }

  #expectedOf(sessionId: number): ExpectedReply[] {
    const expected = this.expected.get(sessionId) ?? [];
    this.expected.set(sessionId, expected);
    return expected;
  }

  #compareUnits(event: ObservedEvent): string | undefined {
    const { units } = this.#sink;
    const isEqual =
      units.length === event.units.length &&
      units.every((unit, index) => unit.equals(event.units[index].bytes));
    if (isEqual) return undefined;
    const shown = (buffers: readonly Buffer[]): string =>
      JSON.stringify(buffers.map((bytes) => bytes.toString("latin1")));
    const logged = shown(event.units.map(({ bytes }) => bytes));
    return `its units are ${logged}, and ${shown(units)} when it is done again`;
  }

  #parts(): EngineParts {
    const timers: Timers = {
      after: (_delayMs, run) => this.#plan(run),
      every: (_periodMs, run) => this.#plan(run),
      soon: (run) => void this.#plan(run),
    };
    return {
      commands: commandTable,
      keyspace: this.keyspace,
      catalog: this.#watchedCatalog(),
      sink: this.#sink,
      clock: this.#playback,
      timers,
      random: this.#playback,
      hashing: systemHashing,
      configuration: new MemoryConfiguration(),
      logger: silentLogger,
      lifeCycle: {
        shutdown: () => undefined,
        abortShutdown: () => new ErrorReply("ERR No shutdown in progress."),
      },
      process: referenceProcess,
      readBack: undefined,
      snapshots: undefined,
      rotateKeys: undefined,
      failpoints: undefined,
    };
  }

  #plan(run: () => void): { cancel(): void } {
    this.#planned.set(`${this.#event?.number}:${this.#registeredCount}`, run);
    this.#registeredCount += 1;
    return { cancel: () => undefined };
  }

  /** Its slices are those that were observed. */
  #watchedCatalog(): SearchCatalog {
    const catalog = this.#catalog;
    return {
      find: (name) => catalog.find(name),
      names: () => catalog.names(),
      markIngested: (sequence) => catalog.markIngested(sequence),
      infoSections: () => catalog.infoSections(),
      indexesToSeal: (nowMs) => catalog.indexesToSeal(nowMs),
      startBackfills: (writer) => {
        this.#writer = writer;
      },
      stopBackfills: () => undefined,
      get usedBytes() {
        return catalog.usedBytes;
      },
    };
  }
}

/** Whether it removes only what has expired. */
function hasPassed(effect: Effect, keyspace: Keyspace, nowMs: number): boolean {
  if (effect.id !== EffectId.keyDelete && effect.id !== EffectId.hashDelete) return false;
  const entry = keyspace.peek(effect.database, effect.key);
  if (entry === undefined) return false;
  if (entry.expiryMs !== 0 && entry.expiryMs < nowMs) return true;
  const { value } = entry;
  if (value.type !== "hash") return false;
  if (effect.id === EffectId.keyDelete) return !value.hasLiveField(nowMs);
  return effect.fields.every((field) => value.expiryMsOf(field) < nowMs);
}

/** A catalog that follows the keyspace and starts nothing of itself. */
export function followingCatalog(keyspace: Keyspace): Catalog {
  const catalog = new Catalog(keyspace, new ExactVectorEngine(), {
    monotonicMs: () => 0,
    soon: () => undefined,
    after: () => ({ cancel: () => undefined }),
    logger: silentLogger,
  });
  keyspace.addListener(catalog);
  return catalog;
}

const referenceProcess = {
  processId: 1,
  port: 6379,
  nodeVersion: "v24.0.0",
  operatingSystem: "Linux",
  executable: "lodestone",
  configFile: "",
  residentBytes: () => 50_000_000,
  heapBytes: () => 10_000_000,
  processorSeconds: () => ({ system: 0.5, user: 1.5 }),
  giveBackMemory: () => undefined,
  logLines: () => [],
  traffic: new TrafficCounters(),
};
