/**
 * What must be in the keyspace after a crash, from the notebooks alone.
 *
 * A connection's operations took effect in order, so its keys must show exactly the first `n` of
 * them, for one `n` from "all acknowledged" to "all intended". Fewer is a loss; a state that no `n`
 * gives is a phantom, a reordering or a torn MULTI. The counter lies between acknowledged
 * and intended.
 */
import { readFileSync } from "node:fs";
import type { Operation } from "./operations.ts";

/** A key's value in one canonical text, so that states compare as strings. */
export type State = Map<string, string>;

interface Notes {
  readonly intents: Operation[];
  acknowledgedCount: number;
  refused: string | undefined;
}

export interface Verdict {
  readonly problems: readonly string[];
  /** Acknowledged operations that are not there, where that explains what was found. */
  readonly lostCount: number;
  /** Keys and counts that nothing that was ever sent explains. */
  readonly phantomCount: number;
  readonly acknowledgedCount: number;
  readonly unknownCount: number;
}

export function documentText(tag: string, number: string, vector: Buffer): string {
  return `hash ${tag} ${number} ${vector.toString("hex")}`;
}

function apply(state: State, operation: Operation): void {
  switch (operation.kind) {
    case "set":
      state.set(operation.key, `string ${operation.value}`);
      break;
    case "delete":
      state.delete(operation.key);
      break;
    case "push": {
      const present = state.get(operation.key) ?? "list";
      state.set(operation.key, `${present} ${operation.value}`);
      break;
    }
    case "pair":
      for (const key of operation.keys) state.set(key, `string ${operation.value}`);
      break;
    case "document": {
      const vector = Buffer.from(new Float32Array(operation.vector).buffer);
      state.set(operation.key, documentText(operation.tag, String(operation.number), vector));
      break;
    }
    case "increment":
      break;
  }
}

function readNotebook(path: string): Map<number, Notes> {
  const connections = new Map<number, Notes>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (line === "") continue;
    const note = JSON.parse(line);
    let notes = connections.get(note.connection);
    if (notes === undefined) {
      notes = { intents: [], acknowledgedCount: 0, refused: undefined };
      connections.set(note.connection, notes);
    }
    if (note.intent !== undefined) notes.intents.push(note.intent);
    else if (note.acknowledged === true) notes.acknowledgedCount += 1;
    else notes.refused = note.refused;
  }
  return connections;
}

/** The connection that owns a key: its second part. */
function ownerOf(key: string): number {
  return Number(key.split(":")[1]);
}

function statesEqual(left: State, right: State): boolean {
  if (left.size !== right.size) return false;
  for (const [key, value] of left) if (right.get(key) !== value) return false;
  return true;
}

function describeDifference(expected: State, found: State): string {
  const keys = new Set([...expected.keys(), ...found.keys()]);
  const lines: string[] = [];
  for (const key of keys) {
    const [wanted, got] = [expected.get(key), found.get(key)];
    if (wanted !== got) lines.push(`${key}: expected ${clip(wanted)}, found ${clip(got)}`);
  }
  return lines.slice(0, 5).join("; ");
}

function clip(text: string | undefined): string {
  if (text === undefined) return "nothing";
  return text.length > 120 ? `…${text.slice(-120)}` : text;
}

/** How many operations at the front give that state, at most; undefined if no number does. */
function prefixOf(base: State, operations: readonly Operation[], found: State): number | undefined {
  const state = new Map(base);
  let last = statesEqual(state, found) ? 0 : undefined;
  for (const [index, operation] of operations.entries()) {
    apply(state, operation);
    if (statesEqual(state, found)) last = index + 1;
  }
  return last;
}

export class Oracle {
  /** What the keyspace held when it was last looked at; the next round builds on it. */
  #base: State = new Map();
  #baseCounter = 0;

  /** Holds the keyspace found after the crash against the notebook of the round. */
  judge(notebookPath: string, found: State, counter: number): Verdict {
    const problems: string[] = [];
    const totals = { acknowledged: 0, intended: 0, lost: 0, phantoms: 0 };
    const increments = { acknowledged: 0, intended: 0 };
    const connections = readNotebook(notebookPath);
    for (const [connection, notes] of connections) {
      totals.acknowledged += notes.acknowledgedCount;
      totals.intended += notes.intents.length;
      for (const [index, operation] of notes.intents.entries()) {
        if (operation.kind !== "increment") continue;
        increments.intended += 1;
        if (index < notes.acknowledgedCount) increments.acknowledged += 1;
      }
      if (notes.refused !== undefined) problems.push(`refused: ${notes.refused}`);
      const wrong = this.#judgeConnection(connection, notes, found);
      if (wrong === undefined) continue;
      problems.push(wrong.problem);
      totals.lost += wrong.lostCount;
      if (wrong.lostCount === 0) totals.phantoms += 1;
    }
    for (const key of found.keys()) {
      if (connections.has(ownerOf(key)) || this.#base.get(key) === found.get(key)) continue;
      problems.push(`phantom: ${key} is ${found.get(key)}`);
      totals.phantoms += 1;
    }
    const least = this.#baseCounter + increments.acknowledged;
    const most = this.#baseCounter + increments.intended;
    if (counter < least || counter > most) {
      problems.push(`the counter is ${counter}, not from ${least} to ${most}`);
      totals.lost += Math.max(0, least - counter);
      totals.phantoms += Math.max(0, counter - most);
    }
    this.#base = found;
    this.#baseCounter = counter;
    return {
      problems,
      lostCount: totals.lost,
      phantomCount: totals.phantoms,
      acknowledgedCount: totals.acknowledged,
      unknownCount: totals.intended - totals.acknowledged,
    };
  }

  #judgeConnection(
    connection: number,
    notes: Notes,
    found: State,
  ): { readonly problem: string; readonly lostCount: number } | undefined {
    const mine = (state: State): State =>
      new Map([...state].filter(([key]) => ownerOf(key) === connection));
    const actual = mine(found);
    const state = mine(this.#base);
    const { intents, acknowledgedCount } = notes;
    for (const operation of intents.slice(0, acknowledgedCount)) apply(state, operation);
    if (prefixOf(state, intents.slice(acknowledgedCount), actual) !== undefined) return undefined;
    const kept = prefixOf(mine(this.#base), intents.slice(0, acknowledgedCount), actual);
    const lostCount = kept === undefined ? 0 : acknowledgedCount - kept;
    const what = lostCount > 0 ? `lost ${lostCount} operations` : "no order explains it";
    const problem = `connection ${connection}: ${what}: ${describeDifference(state, actual)}`;
    return { problem, lostCount };
  }
}
