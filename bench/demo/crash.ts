/**
 * The demo's crash: writers with a notebook of what was acknowledged, SIGKILL in the middle, and
 * the check that everything acknowledged came back.
 */
import type { ServerProcess } from "../server-process.ts";
import type { DemoClient } from "./client.ts";
import type { Corpus } from "./corpus.ts";

const IN_FLIGHT = 200;
const ACKNOWLEDGED_BEFORE_KILL = 4000;

export interface Notebook {
  /** Value of each note whose write was acknowledged. */
  readonly acknowledged: Map<string, string>;
  /** Sent, and never answered: may be there or not. */
  readonly unknown: Map<string, string>;
}

/** Writes as fast as it can and kills the server while writes are in flight. */
export async function writeUntilKilled(
  client: DemoClient,
  server: ServerProcess,
): Promise<Notebook> {
  const acknowledged = new Map<string, string>();
  const unknown = new Map<string, string>();
  let count = 0;
  let isKilled = false;
  const killing: Promise<void>[] = [];
  const worker = async (): Promise<void> => {
    while (!isKilled) {
      count += 1;
      const key = `note:${count}`;
      const value = `note ${count}, written before the crash`;
      unknown.set(key, value);
      try {
        await client.sendCommand(["SET", key, value]);
      } catch {
        return;
      }
      unknown.delete(key);
      acknowledged.set(key, value);
      if (acknowledged.size === ACKNOWLEDGED_BEFORE_KILL) {
        isKilled = true;
        killing.push(server.kill());
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  await Promise.all(killing);
  return { acknowledged, unknown };
}

export interface Verdict {
  readonly lost: number;
  /** Values that nobody sent. */
  readonly phantoms: number;
  /** Unacknowledged writes that made it. */
  readonly survived: number;
}

export async function verifyNotes(client: DemoClient, notebook: Notebook): Promise<Verdict> {
  const { acknowledged, unknown } = notebook;
  let lost = 0;
  let phantoms = 0;
  let survived = 0;
  for (const keys of chunks([...acknowledged.keys(), ...unknown.keys()], 1000)) {
    const values: unknown = await client.sendCommand(["MGET", ...keys]);
    if (!Array.isArray(values)) throw new Error("MGET answered no array");
    for (const [index, key] of keys.entries()) {
      const value: unknown = values[index];
      const sent = acknowledged.get(key) ?? unknown.get(key);
      const isThere = value !== null;
      if (isThere && String(value) !== sent) phantoms += 1;
      if (!isThere && acknowledged.has(key)) lost += 1;
      if (isThere && unknown.has(key)) survived += 1;
    }
  }
  return { lost, phantoms, survived };
}

/** Passages whose stored fields are not, to the byte, what was acknowledged. */
export async function countDamagedPassages(client: DemoClient, corpus: Corpus): Promise<number> {
  let damaged = 0;
  const rows = corpus.passages.map((_, row) => row);
  for (const chunk of chunks(rows, 200)) {
    await Promise.all(
      chunk.map(async (row) => {
        const wanted = corpus.fields(row);
        const names = wanted.filter((_, index) => index % 2 === 0).map(String);
        const values = await client.hmGetBytes(corpus.key(row), names);
        const isWhole = names.every((_, index) => {
          const bytes = wanted[index * 2 + 1];
          const expected = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
          return values[index]?.equals(expected) === true;
        });
        if (!isWhole) damaged += 1;
      }),
    );
  }
  return damaged;
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const parts: Item[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}
