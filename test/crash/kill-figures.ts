/**
 * What a kill loop counts: deaths by their kind, what was acknowledged, unknown, lost or from
 * nowhere, and how long starts took.
 */
import type { Death, DeathKind } from "./deaths.ts";
import type { Verdict } from "./oracle.ts";
import type { TypeVerdict } from "./type-oracle.ts";

export class KillFigures {
  readonly #deaths = new Map<DeathKind, number>();
  readonly #startsMs: number[] = [];
  readonly #answeredByKind = new Map<string, number>();
  readonly #snapshots = new Set<number>();
  readonly #failpoints = new Set<string>();
  #trimmedSequence = 0;
  #acknowledged = 0;
  #unknown = 0;
  #lost = 0;
  #phantoms = 0;
  #otherProblems = 0;

  /** Those who were stopped did not die. */
  get killCount(): number {
    let count = 0;
    for (const [kind, of] of this.#deaths) if (kind !== "termination") count += of;
    return count;
  }

  /** Of the operations on all types, by kind. */
  get answeredByKind(): ReadonlyMap<string, number> {
    return this.#answeredByKind;
  }

  countDeaths(deaths: readonly Death[]): void {
    for (const { kind, text } of deaths) {
      this.#deaths.set(kind, (this.#deaths.get(kind) ?? 0) + 1);
      const failpoint = /([a-z-]+\.[a-z-]+)=exit/.exec(text)?.[1];
      if (failpoint !== undefined) this.#failpoints.add(failpoint);
    }
  }

  /** From the start of the process to its first answer. */
  countStart(ms: number): void {
    this.#startsMs.push(ms);
  }

  /** INFO's section of persistence, of a server that has come back. */
  countSnapshot(persistence: string): void {
    const field = (name: string): number =>
      Number(new RegExp(`^${name}:(\\d+)`, "m").exec(persistence)?.[1] ?? 0);
    const sequence = field("snapshot_sequence");
    if (sequence > 0) this.#snapshots.add(sequence);
    this.#trimmedSequence = Math.max(this.#trimmedSequence, field("snapshot_trimmed_sequence"));
  }

  countVerdicts(plain: Verdict, types: TypeVerdict): void {
    this.#acknowledged += plain.acknowledgedCount + types.answeredCount;
    this.#unknown += plain.unknownCount + types.unknownCount;
    this.#lost += plain.lostCount;
    this.#phantoms += plain.phantomCount;
    this.#otherProblems += types.problems.length;
    for (const [kind, count] of Object.entries(types.answeredByKind)) {
      this.#answeredByKind.set(kind, (this.#answeredByKind.get(kind) ?? 0) + count);
    }
  }

  summary(): Record<string, number | string> {
    const starts = this.#startsMs.toSorted((left, right) => left - right);
    const kinds = [...this.#deaths].sort().map(([kind, count]) => `${kind} ${count}`);
    return {
      kills: this.killCount,
      killsByKind: kinds.join(", "),
      failpoints: this.#failpoints.size,
      snapshotsLoaded: this.#snapshots.size,
      trimmedSequence: this.#trimmedSequence,
      acknowledged: this.#acknowledged,
      unknown: this.#unknown,
      lost: this.#lost,
      phantoms: this.#phantoms,
      otherProblems: this.#otherProblems,
      startMsMedian: Math.round(starts[starts.length >> 1] ?? 0),
      startMsMost: Math.round(starts.at(-1) ?? 0),
    };
  }
}
