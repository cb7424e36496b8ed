/**
 * The tables of `test/compat/departures.md` that name tests of public suites: file, test, why.
 *
 * A name stands between backticks, exactly as the suite prints it; `\|` is a bar inside of it. A
 * reason that begins with "not run:" belongs to a test that is left out, because it would take
 * others with it; it counts as failed. "not there:" belongs to tests, by a `/pattern/`, of what the
 * server does not have yet, which therefore cannot be run.
 */
import { readFile } from "node:fs/promises";

const PAGE = new URL("../../test/compat/departures.md", import.meta.url);
const NOT_RUN = "not run:";
const NOT_THERE = "not there:";

export interface Departure {
  readonly file: string;
  readonly test: string;
  readonly why: string;
  readonly isNotRun: boolean;
  readonly isNotThere: boolean;
}

export function matches(departure: Departure, test: string): boolean {
  const pattern = /^\/(.+)\/$/.exec(departure.test)?.[1];
  return pattern === undefined ? departure.test === test : new RegExp(pattern).test(test);
}

export async function readDepartures(section: string): Promise<readonly Departure[]> {
  return parseDepartures(await readFile(PAGE, "utf8"), section);
}

/** Throws on a row that has not three cells, or no reason. */
export function parseDepartures(page: string, section: string): readonly Departure[] {
  const start = page.indexOf(`\n## ${section}\n`);
  if (start < 0) throw new Error(`departures.md has no section '${section}'`);
  const end = page.indexOf("\n## ", start + 1);
  const lines = page.slice(start, end < 0 ? page.length : end).split("\n");
  const rows: Departure[] = [];
  for (const line of lines) {
    if (!line.startsWith("|") || /^\| (file|---)/.test(line)) continue;
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
    const [, file, quoted, why] = cells;
    const test = /^`(.+)`$/.exec(quoted ?? "")?.[1];
    if (cells.length !== 5 || test === undefined || why === "") {
      throw new Error(`departures.md, '${section}': not a row of file, \`test\`, why: ${line}`);
    }
    rows.push({
      file,
      test,
      why,
      isNotRun: why.startsWith(NOT_RUN),
      isNotThere: why.startsWith(NOT_THERE),
    });
  }
  return rows;
}
