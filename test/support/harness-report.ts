/**
 * What a harness says at its end: which one it is, its figures, and what it found. `npm run
 * reliability` prints one line of JSON for each.
 */

export interface HarnessReport {
  /** "H2", or "H2 real" where one number covers several. */
  readonly harness: string;
  readonly title: string;
  readonly seed: number | undefined;
  /** Counts and durations, with their units in the names. */
  readonly figures: Readonly<Record<string, number | string>>;
  /** Empty when the harness is green; each names what and where. */
  readonly failures: readonly string[];
  /** Why it did not run: what it needs from outside is not here (`requirement.ts`). */
  readonly leftOut?: string;
}

export function reportLine(report: HarnessReport): string {
  const isGreen = report.failures.length === 0 && report.leftOut === undefined;
  return JSON.stringify({ ...report, isGreen });
}
