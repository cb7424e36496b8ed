/**
 * Counts what came of a suite, prints a line for each file, and says what no departure explains.
 */
import { type Departure, matches } from "./departures.ts";
import type { FileResult } from "./suite.ts";

/** Of the tests that can be run, so many may be listed as departures. */
const DEPARTURES_SHARE_MAX = 0.03;
const DETAILS_MAX = 1500;

export interface Summary {
  readonly text: string;
  readonly unlisted: readonly string[];
  readonly aborted: readonly string[];
  readonly passedCount: number;
  readonly failedCount: number;
}

export class Report {
  readonly #departures: readonly Departure[];
  readonly #isVerbose: boolean;
  readonly #unlisted: string[] = [];
  readonly #aborted: string[] = [];
  readonly #met = new Set<Departure>();
  readonly #passing: string[] = [];
  #passedCount = 0;
  #failedCount = 0;
  #skippedCount = 0;

  constructor(departures: readonly Departure[], isVerbose: boolean) {
    this.#departures = departures;
    this.#isVerbose = isVerbose;
  }

  add(result: FileResult): void {
    const { file, passed, durationSeconds } = result;
    const listed = this.#departures.filter((departure) => departure.file === file);
    const isThere = (name: string) => {
      const absent = listed.find((row) => row.isNotThere && matches(row, name));
      if (absent !== undefined) this.#met.add(absent);
      return absent === undefined;
    };
    const failed = result.failed.filter(({ name }) => isThere(name));
    const aborted = result.aborted.filter(isThere);
    const skippedCount = result.skippedCount + result.failed.length - failed.length;
    const notRun = listed.filter(({ isNotRun }) => isNotRun);
    for (const row of notRun) this.#met.add(row);
    let unlistedCount = 0;
    for (const { name, details } of failed) {
      const row = listed.find(({ test }) => test === name);
      if (row !== undefined) this.#met.add(row);
      else {
        unlistedCount += 1;
        this.#unlisted.push(`${file}: ${name}`);
      }
      if (row === undefined || this.#isVerbose) {
        console.log(`  ${row === undefined ? "FAILED" : "listed"} ${name}`);
        if (this.#isVerbose) console.log(indented(details.slice(0, DETAILS_MAX)));
      }
    }
    const failedNames = new Set(failed.map(({ name }) => name));
    for (const { test, isNotThere } of listed) {
      if (!isNotThere && passed.includes(test) && !failedNames.has(test))
        this.#passing.push(`${file}: ${test}`);
    }
    for (const reason of aborted) this.#aborted.push(`${file}: ${reason}`);
    const failedCount = failed.length + notRun.length;
    this.#passedCount += passed.length;
    this.#failedCount += failedCount;
    // Those that are listed as not to be run are skipped by the suite, but not by themselves.
    const leftOutCount = Math.max(0, skippedCount - notRun.length);
    this.#skippedCount += leftOutCount;
    console.log(
      `${file.padEnd(26)} ${count(passed.length)} passed ${count(failedCount)} failed ` +
        `${count(leftOutCount)} skipped ${durationSeconds.toFixed(0).padStart(5)} s` +
        `${unlistedCount > 0 ? `, ${unlistedCount} not listed` : ""}` +
        `${aborted.length > 0 ? `, ABORTED: ${aborted.join("; ")}` : ""}`,
    );
  }

  /** `isWhole`: all files were run, so that departures that were not met can be told. */
  summary(isWhole: boolean): Summary {
    const runnableCount = this.#passedCount + this.#failedCount;
    const percent = runnableCount === 0 ? 0 : (this.#failedCount * 100) / runnableCount;
    const lines = [
      "",
      `${this.#passedCount} passed, ${this.#failedCount} failed (${percent.toFixed(1)} % of ` +
        `${runnableCount}), ${this.#skippedCount} skipped; ${this.#unlisted.length} failures are ` +
        "not listed in test/compat/departures.md",
      ...this.#unlisted.map((test) => `  not listed: ${test}`),
      ...this.#aborted.map((test) => `  aborted: ${test}`),
      ...this.#passing.map((test) => `  listed, but passes: ${test}`),
    ];
    if (isWhole) {
      for (const row of this.#departures) {
        const isTold = this.#met.has(row) || this.#passing.includes(`${row.file}: ${row.test}`);
        if (!isTold) lines.push(`  listed, but not met: ${row.file}: ${row.test}`);
      }
    }
    return {
      text: lines.join("\n"),
      unlisted: this.#unlisted,
      aborted: this.#aborted,
      passedCount: this.#passedCount,
      failedCount: this.#failedCount,
    };
  }
}

export function isWithinDepartures(summary: Summary): boolean {
  const runnableCount = summary.passedCount + summary.failedCount;
  return (
    summary.passedCount > 0 &&
    summary.unlisted.length === 0 &&
    summary.aborted.length === 0 &&
    summary.failedCount <= runnableCount * DEPARTURES_SHARE_MAX
  );
}

function count(number: number): string {
  return String(number).padStart(5);
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}
