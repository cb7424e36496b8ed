/**
 * What belongs together: a command and its file, a failpoint and its test, a limit and its test, a
 * script and the pages that name it, the room table and the page that shows it.
 */
import type { Project, SourceFile, Violation } from "./project.ts";
import { roomTable, roomTableEnd, roomTableStart } from "./rooms.ts";
import { lineAt } from "./scanner.ts";

const declaration = /\bexport const \w+Command\b/g;

/** One command, one file, named as clients type it: `client|list` is in `client-list.ts`. */
export function commandRule(project: Project): Violation[] {
  const violations: Violation[] = [];
  for (const { path, text, code } of project.sources) {
    if (!/^src\/commands\/[^/]+\//.test(path)) continue;
    const found = [...code.matchAll(declaration)];
    if (found.length === 0) continue;
    if (found.length > 1) {
      const line = lineAt(code, found[1].index);
      violations.push({ path, line, message: `${found.length} commands in one file` });
    }
    const name = /\n {2}name: "([^"]+)"/.exec(text)?.[1] ?? "";
    const expected = `${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.ts`;
    if (path.endsWith(`/${expected}`)) continue;
    violations.push({ path, line: 1, message: `holds ${name}, so it is called ${expected}` });
  }
  return violations;
}

function isMentioned(name: string, files: readonly SourceFile[]): boolean {
  return files.some(({ text }) => text.includes(name));
}

/** A failpoint that nothing passes, or that no test uses, is none. */
export function failpointRule(project: Project): Violation[] {
  const path = "src/runtime/failpoints.ts";
  const list = project.sources.find((source) => source.path === path);
  if (list === undefined) return [{ path, line: 1, message: "there is no list of failpoints" }];
  const code = project.sources.filter(
    (source) => source.path.startsWith("src/") && source !== list,
  );
  const tests = project.sources.filter(({ path }) => /^test\/(?!tidy\/)/.test(path));
  const violations: Violation[] = [];
  for (const match of list.text.matchAll(/^ {2}"([a-z.-]+)",$/gm)) {
    const line = lineAt(list.text, match.index);
    const name = match[1];
    if (!isMentioned(`"${name}"`, code)) {
      violations.push({ path, line, message: `no code passes the failpoint ${name}` });
    }
    if (!isMentioned(name, tests)) {
      violations.push({ path, line, message: `no test uses the failpoint ${name}` });
    }
  }
  return violations;
}

export function limitRule(project: Project): Violation[] {
  const path = "src/base/limits.ts";
  const list = project.sources.find((source) => source.path === path);
  if (list === undefined) return [{ path, line: 1, message: "there is no list of limits" }];
  const code = project.sources.filter(
    (source) => source.path.startsWith("src/") && source !== list,
  );
  const tests = project.sources.filter(({ path }) => /^test\/(?!tidy\/)/.test(path));
  const violations: Violation[] = [];
  for (const match of list.code.matchAll(/^ {2}(\w+):/gm)) {
    const line = lineAt(list.code, match.index);
    const name = match[1];
    if (!isMentioned(`limits.${name}`, code)) {
      violations.push({ path, line, message: `nothing is held to the limit ${name}` });
    }
    if (!isMentioned(name, tests)) {
      violations.push({ path, line, message: `no test reaches the limit ${name}` });
    }
  }
  return violations;
}

/** A folder of tests that no project of the configuration names would never be run. */
export function testFolderRule(project: Project): Violation[] {
  const configuration = project.sources.find(({ path }) => path === "test/vitest.config.ts");
  const words = new Set(configuration?.text.match(/[\w-]+/g));
  const violations: Violation[] = [];
  for (const { path } of project.sources) {
    const folder = /^test\/([\w-]+)\/.*\.test\.ts$/.exec(path)?.[1];
    if (folder === undefined || words.has(folder)) continue;
    const message = `no project of vitest.config.ts runs test/${folder}`;
    violations.push({ path, line: 1, message });
  }
  return violations;
}

/** Every `npm run x` that a page names exists. */
export function scriptRule(project: Project): Violation[] {
  const manifest = JSON.parse(project.texts.get("package.json") ?? "{}");
  const scripts = new Map(Object.entries(manifest.scripts ?? {}));
  const violations: Violation[] = [];
  for (const [path, text] of project.texts) {
    for (const match of text.matchAll(/\bnpm (?:run ([\w:-]+)|(test|start)\b)/g)) {
      const name = match[1] ?? match[2];
      if (scripts.has(name)) continue;
      const message = `package.json has no script ${name}`;
      violations.push({ path, line: lineAt(text, match.index), message });
    }
  }
  return violations;
}

/** Every file that the pages for who changes the code name is there, from the page's folder on. */
export function namedFileRule(project: Project): Violation[] {
  const violations: Violation[] = [];
  for (const path of ["src/README.md", "test/README.md"]) {
    const text = project.texts.get(path) ?? "";
    const folder = path.slice(0, path.indexOf("/"));
    for (const match of text.matchAll(/`((?:[\w-]+\/)+[\w.-]+\.(?:ts|h|cpp))`/g)) {
      const [, name] = match;
      if (project.paths.has(`${folder}/${name}`) || project.paths.has(name)) continue;
      violations.push({ path, line: lineAt(text, match.index), message: `there is no ${name}` });
    }
  }
  return violations;
}

export function roomTableRule(project: Project): Violation[] {
  const path = "src/README.md";
  const page = project.texts.get(path) ?? "";
  const start = page.indexOf(roomTableStart);
  const end = page.indexOf(roomTableEnd);
  if (start < 0 || end < start) {
    return [{ path, line: 1, message: "has no markers around the room table" }];
  }
  const shown = page.slice(start + roomTableStart.length, end).trim();
  if (shown === roomTable()) return [];
  const message = `its room table is not that of rooms.ts, which reads:\n${roomTable()}\n`;
  return [{ path, line: lineAt(page, start), message }];
}

/** Pages and manifests name no machine and no registry. */
export function pageRule(project: Project): Violation[] {
  const violations: Violation[] = [];
  const pattern = /(?<![\w.~}])\/(?:work|tmp|home|root|Users)\/|registry\.npmjs|"resolved":/g;
  for (const [path, text] of project.texts) {
    for (const match of text.matchAll(pattern)) {
      const message = `names a machine or a registry: ${match[0]}`;
      violations.push({ path, line: lineAt(text, match.index), message });
    }
  }
  return violations;
}
