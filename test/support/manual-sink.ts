/**
 * An EffectSink whose records become durable only when the test says so.
 */
import type { Effect } from "../../src/keyspace/effect.ts";
import type { EffectSink } from "../../src/log/effect-sink.ts";

export class ManualSink implements EffectSink {
  readonly units: { readonly sequence: number; readonly effects: readonly Effect[] }[] = [];
  refusal: string | undefined;
  appliedSequence = 0;
  durableSequence = 0;
  readonly #durable: ((sequence: number) => void)[] = [];
  readonly #failed: ((reason: Error) => void)[] = [];
  #drains: (() => void)[] = [];

  get gatheringSequence(): number {
    return this.appliedSequence + 1;
  }

  appendUnit(effects: readonly Effect[]): number {
    this.appliedSequence += 1;
    this.units.push({ sequence: this.appliedSequence, effects: [...effects] });
    return this.appliedSequence;
  }

  endRecord(): number {
    return this.appliedSequence;
  }

  /** Makes everything up to `sequence` durable; by default everything appended. */
  makeDurable(sequence = this.appliedSequence): void {
    this.durableSequence = sequence;
    for (const listener of this.#durable) listener(sequence);
    if (sequence < this.appliedSequence) return;
    const waiting = this.#drains;
    this.#drains = [];
    for (const resolve of waiting) resolve();
  }

  fail(reason: Error): void {
    for (const listener of this.#failed) listener(reason);
  }

  onDurable(listener: (sequence: number) => void): void {
    this.#durable.push(listener);
  }

  askWaiterCount(): void {}

  onFailure(listener: (reason: Error) => void): void {
    this.#failed.push(listener);
  }

  drain(): Promise<void> {
    if (this.durableSequence === this.appliedSequence) return Promise.resolve();
    return new Promise((resolve) => this.#drains.push(resolve));
  }
}
