/**
 * `EffectSink`: what the engine sees of the log. `Appender` implements it.
 *
 * `appendUnit` is synchronous: the unit's effects are encoded at once into the record that is being
 * gathered, and its sequence is returned; the unit is never split over two records. `onDurable` is
 * called, in order, each time a record became durable. `onFailure` is called once, and then nothing
 * is acknowledged any more.
 */
import type { Effect } from "../keyspace/effect.ts";

export interface EffectSink {
  appendUnit(effects: readonly Effect[]): number;
  /**
   * Closes the record that gathers, so that the next unit goes into another one: the sequence of
   * the newest record that has a unit. A snapshot is of a whole record.
   */
  endRecord(): number;
  /** The newest sequence that a unit was given; 0 before the first. */
  readonly appliedSequence: number;
  /** What the next unit will be given. */
  readonly gatheringSequence: number;
  readonly durableSequence: number;
  onDurable(listener: (sequence: number) => void): void;
  /** Who knows how many connections wait for a record: advice on how to write it. */
  askWaiterCount(waiterCount: () => number): void;
  onFailure(listener: (reason: Error) => void): void;
  /** Why writes must be refused before they run (the disk is full); undefined while all is well. */
  readonly refusal: string | undefined;
  /** Resolves once everything appended so far is durable. */
  drain(): Promise<void>;
}

/** The same sink but for `appendUnit`: for who watches it, or plants a bug in it. */
export function aroundSink(
  sink: EffectSink,
  appendUnit: (effects: readonly Effect[]) => number,
): EffectSink {
  return {
    get appliedSequence() {
      return sink.appliedSequence;
    },
    get gatheringSequence() {
      return sink.gatheringSequence;
    },
    get durableSequence() {
      return sink.durableSequence;
    },
    get refusal() {
      return sink.refusal;
    },
    appendUnit,
    endRecord: () => sink.endRecord(),
    onDurable: (listener) => sink.onDurable(listener),
    askWaiterCount: (waiterCount) => sink.askWaiterCount(waiterCount),
    onFailure: (listener) => sink.onFailure(listener),
    drain: () => sink.drain(),
  };
}
