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
}

export function reportLine(report: HarnessReport): string {
  return JSON.stringify({ ...report, isGreen: report.failures.length === 0 });
}
