/**
 * What a public suite looks like to the runner: files that can be run one at a time, and what came
 * of each.
 */
import type { Departure } from "./departures.ts";

export interface SuiteOptions {
  /** The caller's checkout. */
  readonly folder: string;
  readonly log: "file" | "memory";
  readonly isSlowIncluded: boolean;
  readonly python: string;
  /** Tests of that file that are listed as not to be run: one of them would end the others. */
  readonly notRun: (file: string) => readonly Departure[];
}

export interface FailedTest {
  readonly name: string;
  /** What the suite says of it. */
  readonly details: string;
}

export interface FileResult {
  readonly file: string;
  readonly passed: readonly string[];
  readonly failed: readonly FailedTest[];
  /** Left out by the suite itself: a tag, a version, something that it needs. */
  readonly skippedCount: number;
  /** Why the file, or a part of it, was not run to its end; nothing excuses that. */
  readonly aborted: readonly string[];
  readonly durationSeconds: number;
}

export interface Suite {
  readonly name: string;
  readonly about: string;
  /** Of departures.md. */
  readonly section: string;
  readonly files: readonly string[];
  run(file: string, options: SuiteOptions): Promise<FileResult>;
}
