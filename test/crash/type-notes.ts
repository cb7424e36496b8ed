/**
 * The notebook of the writers of all types: what a line says, and how lines are read back.
 *
 * A connection has one thing under way at a time: an intent is followed by its answer, or by
 * nothing if the answer never came.
 */
import { readFileSync } from "node:fs";
import type { RespReply } from "./resp-client.ts";
import type { Answer } from "./type-model.ts";
import type { Words } from "./type-operations.ts";

export type Intent =
  /** To keys of its own; more than one command is a MULTI. */
  | { readonly kind: "own"; readonly commands: readonly Words[]; readonly expected?: string }
  /** One value for each of the places, in a MULTI if there are more. */
  | { readonly kind: "push"; readonly pushes: readonly Push[] }
  /** From a queue or from the delays; it may wait until the server dies. */
  | { readonly kind: "pop"; readonly place: "queue" | "delays"; readonly mostCount: number }
  | { readonly kind: "move" }
  | { readonly kind: "read"; readonly consumer: string; readonly mostCount: number }
  | { readonly kind: "acknowledge"; readonly id: string };

export interface Push {
  readonly place: string;
  readonly value: string;
}

export interface Note {
  readonly intent: Intent;
  readonly isAnswered: boolean;
  /** Of each command; undefined where none came. */
  readonly answers: readonly Answer[];
}

export type NoteLine =
  | { readonly connection: number; readonly intent: Intent }
  | { readonly connection: number; readonly answers: readonly Answer[] };

export function answerOf(reply: RespReply): Answer {
  if (reply instanceof Error) return { error: reply.message };
  if (Buffer.isBuffer(reply)) return reply.toString("latin1");
  return Array.isArray(reply) ? reply.map(answerOf) : reply;
}

/** The notes of each connection, in order. */
export function readNotes(path: string): Map<number, Note[]> {
  const notes = new Map<number, Note[]>();
  for (const text of readFileSync(path, "utf8").split("\n")) {
    if (text === "") continue;
    const line: NoteLine = JSON.parse(text);
    const mine = notes.get(line.connection) ?? [];
    notes.set(line.connection, mine);
    if ("intent" in line) mine.push({ intent: line.intent, isAnswered: false, answers: [] });
    else {
      const { intent } = mine[mine.length - 1];
      mine[mine.length - 1] = { intent, isAnswered: true, answers: line.answers };
    }
  }
  return notes;
}
