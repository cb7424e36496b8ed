/**
 * What commands do to a stream and its groups, for the model of `type-model.ts`. Delivery times are
 * left out: they are the server's own.
 */
import type { Answer } from "./type-model.ts";
import type { Words } from "./type-operations.ts";

export interface PendingEntry {
  readonly id: string;
  readonly consumer: string;
  readonly deliveryCount: number;
}

export interface GroupModel {
  lastId: string;
  /** By id, in the order of ids. */
  pending: Map<string, PendingEntry>;
}

export interface StreamModel {
  readonly type: "stream";
  readonly entries: { readonly id: string; readonly fields: readonly string[] }[];
  lastId: string;
  maxDeletedId: string;
  addedCount: number;
  readonly groups: Map<string, GroupModel>;
}

export function compareIds(left: string, right: string): number {
  const [leftMs, leftNumber] = left.split("-").map(BigInt);
  const [rightMs, rightNumber] = right.split("-").map(BigInt);
  const difference = leftMs === rightMs ? leftNumber - rightNumber : leftMs - rightMs;
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** XADD key [MAXLEN n] * field value. */
export function addEntry(
  stream: StreamModel,
  words: Words,
  answer: Answer,
  found: readonly StreamModel[],
): void {
  const fields = words.slice(words.indexOf("*") + 1);
  const id = typeof answer === "string" ? answer : idOf(fields, found);
  stream.entries.push({ id, fields });
  stream.lastId = id;
  stream.addedCount += 1;
  if (words[2] === "MAXLEN") trim(stream, Number(words[3]));
}

/** Of an entry whose id was never told; one that came and went leaves its id as a stream's last. */
function idOf(fields: readonly string[], found: readonly StreamModel[]): string {
  const value = fields[1];
  for (const { entries } of found) {
    const entry = entries.find((one) => one.fields[1] === value);
    if (entry !== undefined) return entry.id;
  }
  return (
    found
      .map(({ lastId }) => lastId)
      .sort(compareIds)
      .at(-1) ?? "1-0"
  );
}

function trim(stream: StreamModel, length: number): void {
  stream.entries.splice(0, Math.max(0, stream.entries.length - length));
}

export function changeStream(stream: StreamModel, words: Words): void {
  switch (words[0]) {
    case "XGROUP":
      if (!stream.groups.has(words[3])) {
        stream.groups.set(words[3], { lastId: "0-0", pending: new Map() });
      }
      break;
    case "XDEL":
      remove(stream, words[2]);
      break;
    case "XTRIM":
      trim(stream, Number(words[3]));
      break;
    case "XREADGROUP":
      deliver(stream, words[2], words[3], Number(words[5]));
      break;
    case "XACK":
      stream.groups.get(words[2])?.pending.delete(words[3]);
      break;
    case "XCLAIM":
      claim(stream, words[2], words[3], words[5]);
      break;
  }
}

function remove(stream: StreamModel, id: string): void {
  const at = stream.entries.findIndex((entry) => entry.id === id);
  if (at < 0) return;
  stream.entries.splice(at, 1);
  if (compareIds(id, stream.maxDeletedId) > 0) stream.maxDeletedId = id;
}

function deliver(stream: StreamModel, name: string, consumer: string, count: number): void {
  const group = stream.groups.get(name);
  if (group === undefined) return;
  const isNew = ({ id }: { id: string }): boolean => compareIds(id, group.lastId) > 0;
  for (const { id } of stream.entries.filter(isNew).slice(0, count)) {
    group.pending.set(id, { id, consumer, deliveryCount: 1 });
    group.lastId = id;
  }
}

function claim(stream: StreamModel, name: string, consumer: string, id: string): void {
  const group = stream.groups.get(name);
  const pending = group?.pending.get(id);
  if (group === undefined || pending === undefined) return;
  if (stream.entries.some((entry) => entry.id === id)) {
    group.pending.set(id, { id, consumer, deliveryCount: pending.deliveryCount + 1 });
  } else group.pending.delete(id);
}
