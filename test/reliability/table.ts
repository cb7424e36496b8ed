/**
 * The table at the end of `npm run reliability`: a line for each harness, then what failed.
 */
import type { HarnessReport } from "../support/harness-report.ts";

/** Of one failure; the whole of it is in the line of JSON. */
const FAILURE_CHARACTERS = 600;

function verdictOf({ failures, leftOut }: HarnessReport): string {
  if (failures.length > 0) return "RED";
  return leftOut === undefined ? "green" : "left out";
}

function figuresOf({ figures, leftOut, seed }: HarnessReport): string {
  const entries = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  if (seed !== undefined) entries.push(`seed ${seed}`);
  if (leftOut !== undefined) entries.unshift(leftOut);
  return entries.join(", ");
}

export function table(reports: readonly HarnessReport[]): string {
  const rows = reports.map((report) => [
    report.harness,
    verdictOf(report),
    report.title,
    figuresOf(report),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  "),
  );
  for (const { harness, failures } of reports) {
    for (const failure of failures) {
      lines.push("", `${harness}: ${failure.slice(0, FAILURE_CHARACTERS)}`);
    }
  }
  const redCount = reports.filter(({ failures }) => failures.length > 0).length;
  const leftOutCount = reports.filter(({ leftOut }) => leftOut !== undefined).length;
  const greenCount = reports.length - redCount - leftOutCount;
  lines.push("", `${greenCount} green, ${redCount} red, ${leftOutCount} left out`);
  return lines.join("\n");
}
