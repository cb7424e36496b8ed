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

export class Oracle {
  /** What the keyspace held when it was last looked at; the next round builds on it. */
  #base: State = new Map();
  #baseCounter = 0;

  /** Holds the keyspace found after the crash against the notebook of the round. */
  judge(notebookPath: string, found: State, counter: number): Verdict {
    const problems: string[] = [];
    let acknowledgedCount = 0;
    let intendedCount = 0;
    const increments = { acknowledged: 0, intended: 0 };
    const connections = readNotebook(notebookPath);
    for (const [connection, notes] of connections) {
      acknowledgedCount += notes.acknowledgedCount;
      intendedCount += notes.intents.length;
      for (const [index, operation] of notes.intents.entries()) {
        if (operation.kind !== "increment") continue;
        increments.intended += 1;
        if (index < notes.acknowledgedCount) increments.acknowledged += 1;
      }
      if (notes.refused !== undefined) problems.push(`refused: ${notes.refused}`);
      const problem = this.#judgeConnection(connection, notes, found);
      if (problem !== undefined) problems.push(problem);
    }
    for (const key of found.keys()) {
      const isKnown = connections.has(ownerOf(key)) || this.#base.get(key) === found.get(key);
      if (!isKnown) problems.push(`phantom: ${key} is ${found.get(key)}`);
    }
    const least = this.#baseCounter + increments.acknowledged;
    const most = this.#baseCounter + increments.intended;
    if (counter < least || counter > most) {
      problems.push(`the counter is ${counter}, not from ${least} to ${most}`);
    }
    this.#base = found;
    this.#baseCounter = counter;
    return { problems, acknowledgedCount, unknownCount: intendedCount - acknowledgedCount };
  }

  #judgeConnection(connection: number, notes: Notes, found: State): string | undefined {
    const mine = (state: State): State =>
      new Map([...state].filter(([key]) => ownerOf(key) === connection));
    const actual = mine(found);
    const state = mine(this.#base);
    for (const operation of notes.intents.slice(0, notes.acknowledgedCount))
      apply(state, operation);
    const acknowledgedState = new Map(state);
    if (statesEqual(state, actual)) return undefined;
    for (const operation of notes.intents.slice(notes.acknowledgedCount)) {
      apply(state, operation);
      if (statesEqual(state, actual)) return undefined;
    }
    return `connection ${connection}: ${describeDifference(acknowledgedState, actual)}`;
  }
}
