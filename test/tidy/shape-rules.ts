/**
 * The shape of a file: its header, its size, its functions' sizes, its columns, its name.
 */
import type { Project, Violation } from "./project.ts";

export const headerLinesMax = 12;
export const fileLinesMax = 600;
export const functionLinesMax = 70;
export const columnsMax = 100;

const headerPattern = /^(?:#![^\n]*\n)?\/\*\*([\s\S]*?)\*\//;

export function headerRule(project: Project): Violation[] {
  const violations: Violation[] = [];
  for (const { path, text } of project.sources) {
    const header = headerPattern.exec(text);
    const words = header?.[1].match(/\p{L}{2,}/gu) ?? [];
    if (header === null || words.length < 3) {
      violations.push({
        path,
        line: 1,
        message: "does not open with a header that says what it is",
      });
      continue;
    }
    const lineCount = header[1].trim().split("\n").length;
    if (lineCount <= headerLinesMax) continue;
    const message = `its header has ${lineCount} lines, at most ${headerLinesMax}`;
    violations.push({ path, line: 1, message });
  }
  return violations;
}

/**
 * A text that a client or a reader sees stands in one piece, so that it can be searched for: a line
 * may be longer where one literal is almost all of it.
 */
const longLiteral = /(["'`]).{60,}(?:\1|$)|^\s*\/.{60,}\/,?$/;

/**
 * Functions are held to their bar in `src` and `bench`: a test's `describe` holds a whole story.
 */
export function sizeRule(project: Project): Violation[] {
  const violations: Violation[] = [];
  for (const { path, lines, functions } of project.sources) {
    if (lines.length > fileLinesMax) {
      const message = `the file has ${lines.length} lines, at most ${fileLinesMax}`;
      violations.push({ path, line: 1, message });
    }
    lines.forEach((text, index) => {
      const columnCount = [...text].length;
      const isLiteral = longLiteral.test(text) && !/^\s*(?:\*|\/[/*])/.test(text);
      if (columnCount <= columnsMax || isLiteral) return;
      const message = `the line has ${columnCount} columns, at most ${columnsMax}`;
      violations.push({ path, line: index + 1, message });
    });
    if (path.startsWith("test/")) continue;
    for (const { line, lineCount } of functions) {
      if (lineCount <= functionLinesMax) continue;
      const message = `the function has ${lineCount} lines, at most ${functionLinesMax}`;
      violations.push({ path, line, message });
    }
  }
  return violations;
}

export function nameRule(project: Project): Violation[] {
  const violations: Violation[] = [];
  for (const { path } of project.sources) {
    const parts = path.replace(/(?:\.test|\.d)?\.ts$/, "").split("/");
    for (const part of parts) {
      if (/^(?:utils?|helpers?|misc|common|shared)$|utils?$|helpers?$/i.test(part)) {
        violations.push({ path, line: 1, message: `"${part}" does not say what it holds` });
      }
      if (!/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(part)) {
        violations.push({ path, line: 1, message: `"${part}" is not kebab-case` });
      }
    }
  }
  return violations;
}

export interface SizeSummary {
  readonly fileCount: number;
  readonly medianLines: number;
  readonly largestLines: number;
  readonly largestPath: string;
}

/** Command files are short by their rule, and would hide what the other files are like. */
export function summarizeSizes(project: Project): SizeSummary {
  const measured = project.sources
    .filter(({ path }) => path.startsWith("src/") && !path.startsWith("src/commands/"))
    .map(({ path, lines }) => ({ path, lineCount: lines.length }))
    .sort((a, b) => a.lineCount - b.lineCount);
  const largest = measured.at(-1);
  return {
    fileCount: measured.length,
    medianLines: measured[measured.length >> 1]?.lineCount ?? 0,
    largestLines: largest?.lineCount ?? 0,
    largestPath: largest?.path ?? "",
  };
}
