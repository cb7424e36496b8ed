/**
 * What became of the jobs: entries of a stream that a group's consumers wait for, take and
 * acknowledge. Nobody deletes one, so all that were added are there. Each that was delivered is
 * pending at the consumer who got it until it is acknowledged, and no two got the same.
 */
import { compareIds, type GroupModel, type StreamModel } from "./stream-model.ts";
import type { ModelState } from "./type-model.ts";
import type { Note } from "./type-notes.ts";

export const JOBS = "jobs";
export const WORKERS = "workers";

interface Jobs {
  /** Id by value, of entries that were acknowledged as added. */
  readonly added: Map<string, string>;
  readonly possible: Set<string>;
  /** Consumer by id. */
  readonly delivered: Map<string, string>;
  /** Acknowledged by a worker; true where that was answered. */
  readonly done: Map<string, boolean>;
  /** How many entries each consumer may have got without knowing. */
  readonly unseenMost: Map<string, number>;
  readonly problems: string[];
}

export function streamIn(state: ModelState): StreamModel {
  const value = state.get(JOBS)?.value;
  if (value?.type !== "stream") throw new Error("the stream of jobs is not there");
  return value;
}

export function checkJobs(
  notes: ReadonlyMap<number, readonly Note[]>,
  before: ModelState,
  found: ModelState,
): string[] {
  const [old, now] = [streamIn(before), streamIn(found)];
  const jobs = jobsOf(notes, old);
  const [oldGroup, group] = [old.groups.get(WORKERS), now.groups.get(WORKERS)];
  if (oldGroup === undefined || group === undefined) return ["the group is not there"];
  const problems = [...jobs.problems, ...checkEntries(jobs, now)];
  for (const id of jobs.delivered.keys()) {
    if (compareIds(id, oldGroup.lastId) <= 0) problems.push(`delivered in an earlier life: ${id}`);
  }
  for (const { id } of now.entries) {
    const problem = problemOf(id, jobs, oldGroup, group);
    if (problem !== undefined) problems.push(`${problem}: ${id}`);
  }
  for (const [consumer, most] of Object.entries(unseenBy(jobs, oldGroup, group))) {
    if (most > (jobs.unseenMost.get(consumer) ?? 0)) {
      problems.push(`${consumer} has ${most} entries pending that it never asked for`);
    }
  }
  return problems.map((problem) => `jobs: ${problem}`);
}

function jobsOf(notes: ReadonlyMap<number, readonly Note[]>, before: StreamModel): Jobs {
  const old = before.entries.map(({ id, fields }): [string, string] => [fields[1], id]);
  const jobs: Jobs = {
    added: new Map(old),
    possible: new Set(old.map(([value]) => value)),
    delivered: new Map(),
    done: new Map(),
    unseenMost: new Map(),
    problems: [],
  };
  for (const note of [...notes.values()].flat()) addNote(jobs, note);
  return jobs;
}

function addNote(jobs: Jobs, { intent, isAnswered, answers }: Note): void {
  if (intent.kind === "push") {
    for (const [at, { place, value }] of intent.pushes.entries()) {
      if (place !== JOBS) continue;
      jobs.possible.add(value);
      if (isAnswered) jobs.added.set(value, String(answers[at]));
    }
  } else if (intent.kind === "acknowledge") {
    if (isAnswered && answers[0] !== 1) jobs.problems.push(`XACK found nothing: ${intent.id}`);
    jobs.done.set(intent.id, isAnswered);
  } else if (intent.kind === "read") {
    const { consumer, mostCount } = intent;
    if (isAnswered) {
      for (const id of idsOf(answers[0])) {
        if (jobs.delivered.has(id)) jobs.problems.push(`delivered twice: ${id}`);
        jobs.delivered.set(id, consumer);
      }
    } else jobs.unseenMost.set(consumer, (jobs.unseenMost.get(consumer) ?? 0) + mostCount);
  }
}

function idsOf(answer: Note["answers"][number]): string[] {
  if (!Array.isArray(answer) || !Array.isArray(answer[0]) || !Array.isArray(answer[0][1])) {
    throw new Error(`XREADGROUP answered ${JSON.stringify(answer)}`);
  }
  return answer[0][1].map((entry) => String(Array.isArray(entry) ? entry[0] : entry));
}

function checkEntries(jobs: Jobs, now: StreamModel): string[] {
  const problems: string[] = [];
  const idByValue = new Map(now.entries.map(({ id, fields }) => [fields[1], id]));
  if (idByValue.size < now.entries.length) problems.push("a value is there twice");
  for (const [value, id] of jobs.added) {
    if (idByValue.get(value) !== id) problems.push(`lost: ${value} as ${id}`);
  }
  for (const value of idByValue.keys()) {
    if (!jobs.possible.has(value)) problems.push(`nobody added ${value}`);
  }
  for (const [at, { id }] of now.entries.entries()) {
    if (at > 0 && compareIds(now.entries[at - 1].id, id) >= 0) problems.push(`out of order: ${id}`);
  }
  return problems;
}

function problemOf(
  id: string,
  jobs: Jobs,
  before: GroupModel,
  now: GroupModel,
): string | undefined {
  const pending = now.pending.get(id);
  const consumer = jobs.delivered.get(id);
  const isPassed = compareIds(id, now.lastId) <= 0;
  if (!isPassed) {
    if (consumer !== undefined) return "its delivery is forgotten";
    return pending === undefined ? undefined : "pending before it was delivered";
  }
  if (pending === undefined) {
    const wasDone = compareIds(id, before.lastId) <= 0 && !before.pending.has(id);
    return wasDone || jobs.done.has(id) ? undefined : "neither pending nor acknowledged";
  }
  if (jobs.done.get(id) === true) return "acknowledged and still pending";
  const owner = before.pending.get(id)?.consumer ?? consumer ?? pending.consumer;
  return owner === pending.consumer ? undefined : `pending at ${pending.consumer}, not at ${owner}`;
}

/** Of each consumer, entries that came to it in this life and that it does not know of. */
function unseenBy(jobs: Jobs, before: GroupModel, now: GroupModel): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { id, consumer } of now.pending.values()) {
    if (before.pending.has(id) || jobs.delivered.has(id)) continue;
    counts[consumer] = (counts[consumer] ?? 0) + 1;
  }
  return counts;
}
