/**
 * What must be in a keyspace of all types after a crash, from the notebook alone.
 *
 * A connection has one operation under way, so its own keys show all that was answered, with that
 * one or without it: wholly, also where it is a MULTI. Fewer is a loss, more is a phantom. What
 * everybody shares is judged by `queue-oracle.ts` and `jobs-oracle.ts`.
 */
import { checkJobs, JOBS } from "./jobs-oracle.ts";
import { checkMoves, checkQueues } from "./queue-oracle.ts";
import {
  type Answer,
  applyStep,
  dropExpired,
  entryText,
  type ModelState,
  type Step,
} from "./type-model.ts";
import { type Note, readNotes } from "./type-notes.ts";

const shared = new Set(["queue:a", "queue:b", "source", "taken", "delays", JOBS]);

export interface TypeVerdict {
  readonly problems: readonly string[];
  readonly answeredCount: number;
  readonly unknownCount: number;
  readonly answeredByKind: Readonly<Record<string, number>>;
}

/** The connection that owns a key: its second part. */
function ownerOf(key: string): number {
  return Number(key.split(":")[1]);
}

function stepsOf({ intent, answers }: Note): Step[] {
  if (intent.kind !== "own") return [];
  const { commands, expected } = intent;
  return commands.map((words, at) => ({ words, answer: answers[at], expected }));
}

function isError(answer: Answer): boolean {
  return typeof answer === "object" && answer !== null && "error" in answer;
}

export class TypeOracle {
  /** What was there when it was last looked at; the next life builds on it. */
  #base: ModelState;

  constructor(base: ModelState) {
    this.#base = base;
  }

  /** `nowMs` is when the keyspace was read. */
  judge(notebookPath: string, found: ModelState, nowMs: number): TypeVerdict {
    const notes = readNotes(notebookPath);
    const problems = [
      ...checkQueues(notes, this.#base, found),
      ...checkMoves(notes, found),
      ...checkJobs(notes, this.#base, found),
    ];
    const answeredByKind: Record<string, number> = {};
    let unknownCount = 0;
    for (const { intent, isAnswered } of [...notes.values()].flat()) {
      if (isAnswered) answeredByKind[intent.kind] = (answeredByKind[intent.kind] ?? 0) + 1;
      else unknownCount += 1;
    }
    for (const [connection, mine] of notes) {
      const problem = this.#judgeOwn(connection, mine, found, nowMs);
      if (problem !== undefined) problems.push(`connection ${connection}: ${problem}`);
    }
    for (const [key, entry] of found) {
      if (shared.has(key) || notes.has(ownerOf(key))) continue;
      const before = this.#base.get(key);
      if (before === undefined || entryText(before) !== entryText(entry)) {
        problems.push(`nobody touched ${key}, and it changed`);
      }
    }
    this.#base = found;
    const answeredCount = Object.values(answeredByKind).reduce((sum, one) => sum + one, 0);
    return { problems, answeredCount, unknownCount, answeredByKind };
  }

  #judgeOwn(
    connection: number,
    notes: readonly Note[],
    found: ModelState,
    nowMs: number,
  ): string | undefined {
    const mine = (state: ModelState): ModelState => {
      return structuredClone(new Map([...state].filter(([key]) => ownerOf(key) === connection)));
    };
    const actual = mine(found);
    const state = mine(this.#base);
    for (const note of notes.filter(({ isAnswered }) => isAnswered)) {
      const refused = note.answers.find(isError);
      if (refused !== undefined && JSON.stringify(refused).includes("refused")) {
        return JSON.stringify(refused);
      }
      for (const step of stepsOf(note)) applyStep(state, step, actual);
    }
    const answered = structuredClone(state);
    dropExpired(answered, nowMs);
    const difference = describeDifference(answered, actual);
    const last = notes.at(-1);
    if (difference === "" || last === undefined || last.isAnswered) return difference || undefined;
    for (const step of stepsOf(last)) applyStep(state, step, actual);
    dropExpired(state, nowMs);
    const other = describeDifference(state, actual);
    if (other === "") return undefined;
    return `${difference}; and with what was under way (${JSON.stringify(last.intent)}): ${other}`;
  }
}

/** Empty where there is none. */
function describeDifference(expected: ModelState, found: ModelState): string {
  const lines: string[] = [];
  for (const key of new Set([...expected.keys(), ...found.keys()])) {
    const [wanted, got] = [expected.get(key), found.get(key)].map((entry) =>
      entry === undefined ? "nothing" : entryText(entry),
    );
    if (wanted !== got)
      lines.push(`${key}: expected ${clip(wanted, got)}, found ${clip(got, wanted)}`);
  }
  return lines.slice(0, 3).join("; ");
}

/** From a little before the place where the texts part. */
function clip(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  const from = Math.max(0, at - 60);
  return `${from > 0 ? "…" : ""}${text.slice(from, at + 100)}`;
}
