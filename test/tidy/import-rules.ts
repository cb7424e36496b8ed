/**
 * Who may import whom: the room table, Node's built-in modules and packages behind their doors, no
 * import of tests, no barrels, no cycles. Type-only imports count for the table, since knowledge of
 * a type is knowledge, but not for cycles, since they are gone when the program runs.
 */
import { isBuiltin } from "node:module";
import { type Project, resolveImport, roomOf, type Violation } from "./project.ts";
import { rooms } from "./rooms.ts";

function isAllowed(entries: readonly string[], target: string): boolean {
  return entries.some((entry) =>
    entry.includes("/") ? target.startsWith(entry) : target.split("/")[0] === entry,
  );
}

/** Rooms import what the table allows; there is no folder beside the rooms. */
export function roomRule(project: Project): Violation[] {
  const violations: Violation[] = [];
  for (const { path, imports } of project.sources) {
    const name = roomOf(path);
    if (name === undefined) continue;
    const room = rooms.find((candidate) => candidate.name === name);
    if (room === undefined) {
      violations.push({ path, line: 1, message: `"${name}" is not a room of the table` });
      continue;
    }
    for (const { specifier, line } of imports) {
      const target = resolveImport(path, specifier);
      const report = (message: string) => violations.push({ path, line, message });
      if (target === undefined) {
        if (isBuiltin(specifier) && name !== "runtime") {
          report(`${specifier} is opened only by src/runtime`);
        } else if (!isBuiltin(specifier) && !(room.packages ?? []).includes(specifier)) {
          report(`the package ${specifier} is not for ${name}`);
        }
      } else if (!target.startsWith("src/")) {
        report(`src does not import ${target}`);
      } else if (roomOf(target) !== name && !isAllowed(room.mayImport, target.slice(4))) {
        report(`${name} must not import ${target}`);
      }
    }
  }
  return violations;
}

/** A file says what it holds: it hands nothing on, and imports name a file with its ending. */
export function barrelRule(project: Project): Violation[] {
  const violations: Violation[] = [];
  for (const { path, imports } of project.sources) {
    if (/(?:^|\/)index\.ts$/.test(path)) {
      violations.push({ path, line: 1, message: "index.ts is a barrel's name" });
    }
    for (const { specifier, isReExport, line } of imports) {
      if (isReExport) violations.push({ path, line, message: `hands on ${specifier} (a barrel)` });
      if (specifier.startsWith(".") && !/\.(?:ts|json)$/.test(specifier)) {
        violations.push({ path, line, message: `${specifier} does not end in .ts` });
      }
    }
  }
  return violations;
}

/** Each cycle of value imports once, named from its first file by path. */
export function cycleRule(project: Project): Violation[] {
  const byPath = new Map(project.sources.map((source) => [source.path, source]));
  const violations: Violation[] = [];
  const state = new Map<string, "open" | "done">();
  const way: string[] = [];
  const visit = (path: string): void => {
    if (state.get(path) === "done") return;
    if (state.get(path) === "open") {
      const cycle = [...way.slice(way.indexOf(path)), path];
      violations.push({ path, line: 1, message: `import cycle: ${cycle.join(" → ")}` });
      return;
    }
    state.set(path, "open");
    way.push(path);
    for (const { specifier, isTypeOnly } of byPath.get(path)?.imports ?? []) {
      const target = isTypeOnly ? undefined : resolveImport(path, specifier);
      if (target !== undefined && byPath.has(target)) visit(target);
    }
    way.pop();
    state.set(path, "done");
  };
  for (const { path } of project.sources) visit(path);
  return violations;
}
