/**
 * Writes down what one process was asked and when its turn came: every command, timer, closing and
 * slice of a backfill as an event, with the readings of the clock, the random numbers and the units
 * of the log that belong to it. `reference.ts` does the same events again.
 *
 * Events within events (a stalled command that a timer lets go on) stand behind those they are in.
 */
import { ByteReader } from "../../src/base/byte-reader.ts";
import { ByteWriter } from "../../src/base/byte-writer.ts";
import type { Bytes } from "../../src/base/bytes.ts";
import type { EngineParts } from "../../src/engine/engine-parts.ts";
import type { Session, SessionHost } from "../../src/engine/session.ts";
import type { Effect } from "../../src/keyspace/effect.ts";
import { decodeEffect, encodeEffect } from "../../src/keyspace/effect-codec.ts";
import { aroundSink, type EffectSink } from "../../src/log/effect-sink.ts";
import type { Clock, Random, Timers } from "../../src/runtime/clock.ts";
import type { BackfillSlice, SearchCatalog } from "../../src/search/catalog.ts";
import type { Trace } from "./trace.ts";

export interface ObservedUnit {
  /** The record that it went into. */
  readonly sequence: number;
  /** Count and effects, as the log holds them. */
  readonly bytes: Buffer;
}

export type EventWhat =
  | { readonly kind: "session"; readonly address: string }
  | {
      readonly kind: "execute";
      readonly sessionId: number;
      readonly args: readonly Bytes[];
      /** Commands of one batch share readings of the clock; 0 for none. */
      readonly batch: number;
      /** A search of this index has to wait for its backfill. */
      readonly isBackfilling: boolean;
      /** A key that it watches has changed. */
      readonly isDirty: boolean;
    }
  | { readonly kind: "closed"; readonly sessionId: number }
  /** `key` names where it was registered. */
  | { readonly kind: "timer"; readonly key: string }
  | { readonly kind: "slice"; readonly slice: BackfillSlice }
  | { readonly kind: "start" }
  /** A snapshot begins. */
  | { readonly kind: "end record"; readonly effects: readonly Effect[] }
  /** Who is blocked is not served any more. */
  | { readonly kind: "stop" };

export interface ObservedEvent {
  readonly number: number;
  readonly what: EventWhat;
  readonly isLoading: boolean;
  readonly refusal: string | undefined;
  /** Of the monotonic clock, and of the other. */
  readonly readings: number[];
  readonly wallReadings: number[];
  readonly fractions: number[];
  readonly units: ObservedUnit[];
  registeredCount: number;
  /** Unix time as its command saw it. */
  ranAtMs: number;
}

export function encodeUnit(effects: readonly Effect[]): Buffer {
  const writer = new ByteWriter(256);
  writer.u32(effects.length);
  for (const effect of effects) encodeEffect(writer, effect);
  return Buffer.from(writer.written());
}

export function decodeUnit(bytes: Buffer): Effect[] {
  const reader = new ByteReader(bytes);
  return Array.from({ length: reader.u32() }, () => decodeEffect(reader));
}

export class Observer {
  readonly events: ObservedEvent[] = [];
  readonly #trace: Trace;
  readonly #current: ObservedEvent[] = [];
  #batch = 0;
  #batchCount = 0;
  #isLoading: () => boolean = () => true;
  #parts: EngineParts | undefined;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  /** Once the node is there. */
  askLoading(isLoading: () => boolean): void {
    this.#isLoading = isLoading;
  }

  get refusal(): string | undefined {
    return this.#parts?.sink.refusal;
  }

  /** The parts of an engine that is watched. */
  around(parts: EngineParts): EngineParts {
    this.#parts = parts;
    return {
      ...parts,
      clock: this.#clock(parts.clock),
      timers: this.#timers(parts.timers),
      random: this.#random(parts.random),
      sink: this.#sink(parts.sink),
      catalog: this.#catalog(parts.catalog),
      observe: (host) => this.#host(host),
    };
  }

  during<Result>(what: EventWhat, run: () => Result): Result {
    const event: ObservedEvent = {
      number: this.events.length,
      what,
      isLoading: this.#isLoading(),
      refusal: this.refusal,
      readings: [],
      wallReadings: [],
      fractions: [],
      units: [],
      registeredCount: 0,
      ranAtMs: 0,
    };
    this.events.push(event);
    this.#current.push(event);
    try {
      return run();
    } finally {
      this.#current.pop();
    }
  }

  #host(host: SessionHost): SessionHost {
    return {
      watches: host.watches,
      beginBatch: () => {
        this.#batchCount += 1;
        this.#batch = this.#batchCount;
        host.beginBatch();
      },
      endBatch: () => {
        this.#batch = 0;
        host.endBatch();
      },
      foresee: (session, commands, count) => host.foresee(session, commands, count),
      execute: (session, args) => this.#execute(host, session, args),
      executeTransaction: (session) => host.executeTransaction(session),
      watch: (session, keys) => host.watch(session, keys),
      isAuthenticationRequired: () => host.isAuthenticationRequired(),
      closed: (session) => {
        this.during({ kind: "closed", sessionId: session.id }, () => host.closed(session));
      },
    };
  }

  #execute(host: SessionHost, session: Session, args: Bytes[]): boolean {
    const index = this.#parts?.catalog.find(String(args[1]));
    const isBackfilling = index?.isBackfilling === true;
    const what: EventWhat = {
      kind: "execute",
      sessionId: session.id,
      args: [...args],
      batch: this.#batch,
      isBackfilling,
      isDirty: session.isDirty,
    };
    const isDone = this.during(what, () => {
      const event = this.#current.at(-1);
      const isExecuted = host.execute(session, args);
      if (event !== undefined) event.ranAtMs = session.lastCommandAtMs;
      return isExecuted;
    });
    // It stalls and comes again; nothing was done.
    if (!isDone) this.events.pop();
    return isDone;
  }

  #clock(clock: Clock): Clock {
    const noted = (list: "readings" | "wallReadings", reading: number): number => {
      this.#current.at(-1)?.[list].push(reading);
      return reading;
    };
    return {
      nowMs: () => noted("wallReadings", clock.nowMs()),
      monotonicMs: () => noted("readings", clock.monotonicMs()),
    };
  }

  #random(random: Random): Random {
    const fraction = (): number => {
      const drawn = random.fraction();
      this.#current.at(-1)?.fractions.push(drawn);
      return drawn;
    };
    return { fraction, hex: (byteCount) => random.hex(byteCount) };
  }

  #timers(timers: Timers): Timers {
    return {
      after: (delayMs, run) => timers.after(delayMs, this.#registered(run)),
      every: (periodMs, run) => timers.every(periodMs, this.#registered(run)),
      soon: (run) => timers.soon(this.#registered(run)),
    };
  }

  #registered(run: () => void): () => void {
    const event = this.#current.at(-1);
    if (event === undefined) return run;
    const key = `${event.number}:${event.registeredCount}`;
    event.registeredCount += 1;
    return () => this.during({ kind: "timer", key }, run);
  }

  #sink(sink: EffectSink): EffectSink {
    return aroundSink(sink, (effects) => {
      const bytes = encodeUnit(effects);
      const sequence = sink.appendUnit(effects);
      this.#trace.add(`unit ${sequence} ${bytes.toString("latin1")}`);
      const event = this.#current.at(-1);
      if (event === undefined) throw new Error("a unit that no event made");
      event.units.push({ sequence, bytes });
      return sequence;
    });
  }

  #catalog(catalog: SearchCatalog): SearchCatalog {
    return {
      find: (name) => catalog.find(name),
      names: () => catalog.names(),
      markIngested: (sequence) => catalog.markIngested(sequence),
      infoSections: () => catalog.infoSections(),
      indexesToSeal: (nowMs) => catalog.indexesToSeal(nowMs),
      startBackfills: (writer) => {
        catalog.startBackfills({
          mayWrite: () => writer.mayWrite(),
          write: (slice) => this.during({ kind: "slice", slice }, () => writer.write(slice)),
        });
      },
      stopBackfills: () => catalog.stopBackfills(),
      get usedBytes() {
        return catalog.usedBytes;
      },
    };
  }
}
