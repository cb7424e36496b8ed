/**
 * What became of values that everybody shares: pushed by some, taken by clients that waited.
 *
 * Each value is pushed once, so it has one fate. One that was acknowledged as pushed is in its
 * place, or was popped; one that was popped with an answer is nowhere, and nobody else got it. What
 * is missing may have been taken by pops whose answers never came, but no more than they asked for.
 * A move never loses: its value is here or there. Values of one pusher stay in their order.
 */

import type { ModelState } from "./type-model.ts";
import type { Note, Push } from "./type-notes.ts";

/** Where a value may be, and from which places the pops of one kind take. */
const families = [
  { name: "queue", places: ["queue:a", "queue:b"] },
  { name: "delays", places: ["delays"] },
  { name: "moving", places: ["source", "taken"] },
] as const;

type Family = (typeof families)[number];

interface Fates {
  /** Acknowledged, or there before. */
  readonly certain: Set<string>;
  /** Intended. */
  readonly possible: Set<string>;
  /** Pushed together by MULTIs that were not answered. */
  readonly bundles: string[][];
  readonly taken: Push[];
  /** How many values answers that never came may have held. */
  missingMost: number;
}

export function valuesIn(state: ModelState, place: string): string[] {
  const value = state.get(place)?.value;
  if (value === undefined) return [];
  if (value.type === "list") return value.values;
  return value.type === "zset" ? [...value.scores.keys()] : [];
}

export function checkQueues(
  notes: ReadonlyMap<number, readonly Note[]>,
  before: ModelState,
  found: ModelState,
): string[] {
  return families.flatMap((family) => {
    const fates = fatesOf(family, notes, before);
    const problems = [...checkValues(family, fates, found), ...checkOrder(family, fates, found)];
    return problems.map((problem) => `${family.name}: ${problem}`);
  });
}

function fatesOf(
  family: Family,
  notes: ReadonlyMap<number, readonly Note[]>,
  before: ModelState,
): Fates {
  const there = family.places.flatMap((place) => valuesIn(before, place));
  const fates: Fates = {
    certain: new Set(there),
    possible: new Set(there),
    bundles: [],
    taken: [],
    missingMost: 0,
  };
  for (const note of [...notes.values()].flat()) addNote(family, fates, note);
  return fates;
}

function addNote(family: Family, fates: Fates, { intent, isAnswered, answers }: Note): void {
  const isMine = ({ place }: Push): boolean => family.places.some((mine) => mine === place);
  if (intent.kind === "push") {
    const values = intent.pushes.filter(isMine).map(({ value }) => value);
    for (const value of values) {
      fates.possible.add(value);
      if (isAnswered) fates.certain.add(value);
    }
    if (!isAnswered && values.length > 1) fates.bundles.push(values);
  }
  if (intent.kind !== "pop" || intent.place !== family.name) return;
  if (isAnswered) fates.taken.push(...takenBy(answers[0]));
  else fates.missingMost += intent.mostCount;
}

/** BLPOP: key, value. BZPOPMIN: key, member, score. BLMPOP: key, values. */
function takenBy(answer: Note["answers"][number]): Push[] {
  if (!Array.isArray(answer)) throw new Error(`a pop answered ${JSON.stringify(answer)}`);
  const [place, taken] = answer;
  const values = Array.isArray(taken) ? taken : [taken];
  return values.map((value) => ({ place: String(place), value: String(value) }));
}

function checkValues(family: Family, fates: Fates, found: ModelState): string[] {
  const problems: string[] = [];
  const here = family.places.flatMap((place) => valuesIn(found, place));
  const popped = fates.taken.map(({ value }) => value);
  const [present, taken] = [new Set(here), new Set(popped)];
  if (present.size < here.length) problems.push(`twice there: ${repeated(here)}`);
  if (taken.size < popped.length) problems.push(`popped twice: ${repeated(popped)}`);
  for (const value of present) {
    if (taken.has(value)) problems.push(`popped and still there: ${value}`);
  }
  for (const value of [...here, ...popped]) {
    if (!fates.possible.has(value)) problems.push(`nobody pushed ${value}`);
  }
  const isGone = (value: string): boolean => !present.has(value) && !taken.has(value);
  const missing = [...fates.certain].filter(isGone);
  for (const values of fates.bundles) {
    const left = values.filter(isGone);
    if (left.length < values.length) missing.push(...left);
  }
  if (missing.length > fates.missingMost) {
    const most = `at most ${fates.missingMost} can have been popped unseen`;
    problems.push(`${missing.length} are lost, ${most}: ${missing.slice(0, 5).join(" ")}`);
  }
  return problems;
}

function repeated(values: readonly string[]): string {
  return values.filter((value, at) => values.indexOf(value) !== at).join(" ");
}

/** From left to right the values of one pusher grow, and those that were popped came before. */
function checkOrder(family: Family, fates: Fates, found: ModelState): string[] {
  if (family.name === "delays") return [];
  const problems: string[] = [];
  for (const place of family.places) {
    const last = new Map<string, number>();
    for (const taken of fates.taken) {
      const [pusher, number] = taken.value.split("-");
      if (taken.place !== place) continue;
      last.set(pusher, Math.max(last.get(pusher) ?? 0, Number(number)));
    }
    for (const value of valuesIn(found, place)) {
      const [pusher, number] = value.split("-");
      if ((last.get(pusher) ?? 0) >= Number(number)) {
        problems.push(`out of order: ${value} in ${place}`);
      }
      last.set(pusher, Number(number));
    }
  }
  return problems;
}

/** Moves that were answered have come to their place. */
export function checkMoves(
  notes: ReadonlyMap<number, readonly Note[]>,
  found: ModelState,
): string[] {
  const arrived = new Set(valuesIn(found, "taken"));
  const moved = [...notes.values()].flat().filter(({ intent }) => intent.kind === "move");
  const answers = moved
    .filter(({ isAnswered }) => isAnswered)
    .map((note) => String(note.answers[0]));
  const problems = answers
    .filter((value) => !arrived.has(value))
    .map((value) => `moved and not there: ${value}`);
  if (new Set(answers).size < answers.length) problems.push(`moved twice: ${repeated(answers)}`);
  return problems;
}
