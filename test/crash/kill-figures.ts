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
    for (const { kind } of deaths) this.#deaths.set(kind, (this.#deaths.get(kind) ?? 0) + 1);
  }

  /** From the start of the process to its first answer. */
  countStart(ms: number): void {
    this.#startsMs.push(ms);
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
