/**
 * The project as the rules see it: every text file with its path from the root, and for TypeScript
 * its code without comments and strings. Rules take a `Project`, so that a test can plant a
 * violation by making a small one of its own.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type FoundFunction,
  type FoundImport,
  findFunctions,
  findImports,
  maskText,
} from "./scanner.ts";

export interface SourceFile {
  /** From the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** The text with comments, strings and regular expressions blanked. */
  readonly code: string;
  readonly imports: readonly FoundImport[];
  readonly functions: readonly FoundFunction[];
}

export interface Project {
  /** TypeScript under `src`, `bench` and `test`. */
  readonly sources: readonly SourceFile[];
  /** Pages, `package.json` and scripts. */
  readonly texts: ReadonlyMap<string, string>;
  /** Of all files, also of those that are not read. */
  readonly paths: ReadonlySet<string>;
}

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

export type Rule = (project: Project) => Violation[];

export function describeViolations(violations: readonly Violation[]): string {
  return violations.map(({ path, line, message }) => `${path}:${line} ${message}`).join("\n");
}

export function makeSource(path: string, text: string): SourceFile {
  const code = maskText(text);
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return {
    path,
    text,
    lines,
    code,
    imports: findImports(text, code),
    functions: findFunctions(code),
  };
}

export function makeProject(
  files: Readonly<Record<string, string>>,
  otherPaths: readonly string[] = [],
): Project {
  const sources: SourceFile[] = [];
  const texts = new Map<string, string>();
  for (const [path, text] of Object.entries(files)) {
    if (path.endsWith(".ts")) sources.push(makeSource(path, text));
    else texts.set(path, text);
  }
  return { sources, texts, paths: new Set([...Object.keys(files), ...otherPaths]) };
}

const sourceFolders = ["src", "bench", "test"];
const otherTexts = ["README.md", "package.json", "package-lock.json", ".ci/run"];

export function readProject(root: string): Project {
  const files: Record<string, string> = {};
  const found = sourceFolders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) =>
      join(folder, name).replaceAll("\\", "/"),
    ),
  );
  for (const path of [...found.sort(), ...otherTexts]) {
    if (/\.ts$|\.md$/.test(path) || otherTexts.includes(path)) {
      files[path] = readFileSync(join(root, path), "utf8");
    }
  }
  return makeProject(files, found);
}

/** `src/<room>/…` gives the room; `src/main.ts` is one of its own. */
export function roomOf(path: string): string | undefined {
  const parts = path.split("/");
  return parts[0] === "src" ? parts[1] : undefined;
}

/** Where a relative import leads, from the project's root. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return join(from, "..", specifier).replaceAll("\\", "/");
}
