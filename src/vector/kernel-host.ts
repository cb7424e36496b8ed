/**
 * The kernel's engine and the indexes that it hosts: what they stage and what they wait for.
 *
 * Changes wake the threads once in a turn of the event loop. While an index has a tail, how fast it
 * gets shorter is looked at every so often.
 */
import type { Clock, TimerHandle, Timers } from "../runtime/clock.ts";
import { type KernelAddon, type KernelEngine, loadKernel } from "./kernel-addon.ts";
import { KernelAnswers } from "./kernel-answers.ts";
import { SearchStage } from "./search-stage.ts";

export interface HostedIndex {
  readonly number: number;
  /** Notes what was built; whether more will be. */
  tick(): boolean;
}

const TICK_MS = 250;

export class KernelHost {
  readonly addon: KernelAddon;
  readonly engine: KernelEngine;
  readonly stage: SearchStage;
  readonly answers: KernelAnswers;
  readonly clock: Clock;
  isClosed: boolean;
  readonly #timers: Timers;
  /** Changed in this turn. */
  readonly #changed: Set<HostedIndex>;
  /** With a tail. */
  readonly #busy: Set<HostedIndex>;
  #ticks: TimerHandle | null;

  constructor(clock: Clock, timers: Timers, threadCount: number) {
    this.clock = clock;
    this.#timers = timers;
    this.isClosed = false;
    this.answers = new KernelAnswers(clock, timers);
    this.addon = loadKernel();
    const engine = this.addon.createEngine(threadCount, () => this.answers.take(engine));
    this.engine = engine;
    this.stage = new SearchStage(engine, timers);
    this.#changed = new Set();
    this.#busy = new Set();
    this.#ticks = null;
  }

  /** Once in a turn is enough. */
  noteChange(index: HostedIndex): void {
    this.#busy.add(index);
    this.#ticks ??= this.#timers.every(TICK_MS, () => this.#tick());
    if (this.#changed.size === 0) this.#timers.soon(() => this.#sendChanges());
    this.#changed.add(index);
  }

  drop(index: HostedIndex): void {
    this.#changed.delete(index);
    this.#busy.delete(index);
    this.answers.rejectAll(new Error("the index was closed"), index.number);
    this.engine.dropIndex(index.number);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#stopTicking();
    this.#changed.clear();
    this.#busy.clear();
    this.answers.rejectAll(new Error("the vector engine is closed"));
    this.engine.close();
  }

  #sendChanges(): void {
    for (const { number } of this.#changed) this.engine.build(number);
    this.#changed.clear();
  }

  #tick(): void {
    for (const index of this.#busy) if (!index.tick()) this.#busy.delete(index);
    if (this.#busy.size === 0) this.#stopTicking();
  }

  #stopTicking(): void {
    this.#ticks?.cancel();
    this.#ticks = null;
  }
}
