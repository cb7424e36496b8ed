/**
 * What must not stand in the code. Each ban is a pattern over the code without comments and
 * strings, or over the whole text where words in comments count too. A pattern is written in pieces
 * where it would otherwise find itself.
 */
import { type Project, roomOf, type SourceFile, type Violation } from "./project.ts";
import { lineAt } from "./scanner.ts";

interface Ban {
  readonly pattern: RegExp;
  readonly message: string;
  readonly isInText?: boolean;
  readonly appliesTo: (file: SourceFile) => boolean;
}

const everywhere = () => true;
const isProgram = ({ path }: SourceFile) => !path.endsWith(".d.ts");
const inSource = ({ path }: SourceFile) => path.startsWith("src/");
const inTests = ({ path }: SourceFile) => path.startsWith("test/");
/** The doors to the world are in runtime. */
const behindDoors = ({ path }: SourceFile) => {
  const room = roomOf(path);
  return room !== undefined && room !== "runtime";
};
const inRoom = (room: string) => (file: SourceFile) => roomOf(file.path) === room;
/** A file whose `process` is a parameter or a variable speaks of that one. */
const usesGlobalProcess = (file: SourceFile) =>
  behindDoors(file) && !/[{(,]\s*process\s*[:,})]|\b(?:const|let)\s+process\b/.test(file.code);

export const bans: readonly Ban[] = [
  { pattern: /(?<![.\w])any\b(?!\s*[(:?])/g, message: "`any`", appliesTo: everywhere },
  { pattern: /[\w)\]]!(?!=)/g, message: "non-null `!`", appliesTo: everywhere },
  { pattern: /\bas unknown as\b/g, message: "`as unknown as`", appliesTo: everywhere },
  {
    pattern: /@ts-(?:ignore|expect-error|nocheck)\b|biome-ignore/g,
    message: "a checker that is told to look away",
    isInText: true,
    appliesTo: ({ path }) => !path.startsWith("test/tidy/"),
  },
  { pattern: /\b(?:enum|namespace)\s+\w+\s*\{/g, message: "not erasable", appliesTo: isProgram },
  {
    pattern: /\b(?:Date\.now|performance\.now|Math\.random)\b|\bnew Date\(\)/g,
    message: "the clock and chance come through src/runtime",
    appliesTo: behindDoors,
  },
  {
    pattern: /(?<!\.)\b(?:setTimeout|setInterval|setImmediate)\(/g,
    message: "timers come through src/runtime",
    appliesTo: behindDoors,
  },
  {
    pattern: /(?<![.\w])process\.\w|\bglobalThis\b/g,
    message: "the process belongs to src/runtime",
    appliesTo: usesGlobalProcess,
  },
  {
    pattern: /\bconsole\./g,
    message: "the server speaks through its logger",
    appliesTo: inSource,
  },
  {
    pattern: /\basync\b|\bawait\b/g,
    message: "commands run to completion, without waiting",
    appliesTo: inRoom("commands"),
  },
  {
    pattern: /\b(?:async|await|Promise)\b/g,
    message: "base is pure",
    appliesTo: inRoom("base"),
  },
  {
    pattern: /\b(?:describe|it|test)\.(?:only|skip|todo)\b/g,
    message: "a test that is switched off, or switches off the others",
    appliesTo: inTests,
  },
  {
    pattern: /\b(?:T[O]DO|F[I]XME|X[X]X)\b/g,
    message: "unfinished work is an issue, not a comment",
    isInText: true,
    appliesTo: everywhere,
  },
  {
    pattern: /(?<![\w.])\/(?:work|tmp|home|root|Users)\/(?!\*)/g,
    message: "a path of somebody's machine",
    isInText: true,
    appliesTo: everywhere,
  },
];

export function banRule(project: Project): Violation[] {
  const violations: Violation[] = [];
  for (const file of project.sources) {
    for (const ban of bans) {
      if (!ban.appliesTo(file)) continue;
      const text = ban.isInText === true ? file.text : file.code;
      for (const match of text.matchAll(ban.pattern)) {
        const line = lineAt(text, match.index + match[0].search(/\S/));
        violations.push({ path: file.path, line, message: `banned: ${ban.message}` });
      }
    }
  }
  return violations;
}
