/**
 * What commands do to values of every type, as plainly as it can be written: the model that a
 * recovered keyspace is held against. It understands the calls of `type-operations.ts` only.
 *
 * What the server chooses (members that SPOP takes, the id of an entry) is read from its reply; if
 * that never came, from the keyspace that was found, which shows whether any choice explains it.
 */
import { addEntry, changeStream, type StreamModel } from "./stream-model.ts";
import type { Words } from "./type-operations.ts";

export type ModelValue =
  /** Strings, bitmaps and HyperLogLogs; one character for each byte. */
  | { readonly type: "string"; readonly bytes: string }
  | { readonly type: "list"; readonly values: string[] }
  | { readonly type: "hash"; readonly fields: Map<string, HashField> }
  | { readonly type: "set"; readonly members: Set<string> }
  | { readonly type: "zset"; readonly scores: Map<string, number> }
  | StreamModel;

export interface HashField {
  readonly value: string;
  /** 0 for none. */
  readonly expiryMs: number;
}

export interface ModelEntry {
  readonly value: ModelValue;
  /** 0 for none. */
  readonly expiryMs: number;
}

export type ModelState = Map<string, ModelEntry>;
/** What a command answered, as JSON; undefined where no answer came. */
export type Answer = string | number | null | Answer[] | { readonly error: string } | undefined;

export interface Step {
  readonly words: Words;
  readonly answer: Answer;
  /** What PFADD makes of its key. */
  readonly expected?: string;
}

type ValueOf<Type extends ModelValue["type"]> = Extract<ModelValue, { type: Type }>;

const empty: { readonly [Type in ModelValue["type"]]: () => ValueOf<Type> } = {
  string: () => ({ type: "string", bytes: "" }),
  list: () => ({ type: "list", values: [] }),
  hash: () => ({ type: "hash", fields: new Map() }),
  set: () => ({ type: "set", members: new Set() }),
  zset: () => ({ type: "zset", scores: new Map() }),
  stream: () => ({
    type: "stream",
    entries: [],
    lastId: "0-0",
    maxDeletedId: "0-0",
    addedCount: 0,
    groups: new Map(),
  }),
};

function sizeOf(value: ModelValue): number {
  if (value.type === "string") return value.bytes.length;
  if (value.type === "list") return value.values.length;
  if (value.type === "hash") return value.fields.size;
  if (value.type === "set") return value.members.size;
  // A stream stays when its last entry goes.
  return value.type === "zset" ? value.scores.size : 1;
}

/** One command at work: its words, its answer, and the values that it names. */
class Change {
  readonly #state: ModelState;
  readonly words: Words;
  readonly answer: Answer;
  readonly expected: string;
  readonly found: ModelState;

  constructor(state: ModelState, step: Step, found: ModelState) {
    this.#state = state;
    this.words = step.words;
    this.answer = step.answer;
    this.expected = step.expected ?? "";
    this.found = found;
  }

  /** The value, or an empty one of that type that is not kept. */
  read<Type extends ModelValue["type"]>(key: string, type: Type): ValueOf<Type> {
    const entry = this.#state.get(key);
    const value = entry === undefined ? empty[type]() : entry.value;
    if (!isOfType(value, type)) throw new Error(`${key} is no ${type} in the model`);
    return value;
  }

  /** Changes the value in place; its key comes and goes with its elements. */
  edit<Type extends ModelValue["type"]>(
    key: string,
    type: Type,
    change: (value: ValueOf<Type>) => void,
  ): void {
    const value = this.read(key, type);
    change(value);
    if (sizeOf(value) === 0) this.#state.delete(key);
    else this.#state.set(key, { value, expiryMs: this.entry(key)?.expiryMs ?? 0 });
  }

  entry(key: string): ModelEntry | undefined {
    return this.#state.get(key);
  }

  /** In place of whatever is there. */
  put(key: string, value: ModelValue, expiryMs = 0): void {
    if (sizeOf(value) === 0 && value.type !== "string") this.#state.delete(key);
    else this.#state.set(key, { value, expiryMs });
  }

  delete(key: string): void {
    this.#state.delete(key);
  }
}

function isOfType<Type extends ModelValue["type"]>(
  value: ModelValue,
  type: Type,
): value is ValueOf<Type> {
  return value.type === type;
}

function setString(change: Change, [, key, bytes, , expiry]: Words): void {
  change.put(key, { type: "string", bytes }, Number(expiry ?? 0));
}

function editBytes(change: Change, key: string, edit: (bytes: Buffer) => Buffer): void {
  const before = Buffer.from(change.read(key, "string").bytes, "latin1");
  const bytes = edit(before).toString("latin1");
  change.put(key, { type: "string", bytes }, change.entry(key)?.expiryMs ?? 0);
}

function withLength(bytes: Buffer, length: number): Buffer {
  return bytes.length >= length
    ? bytes
    : Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
}

function setBit(change: Change, [, key, offset, bit]: Words): void {
  const at = Number(offset);
  editBytes(change, key, (before) => {
    const bytes = withLength(before, (at >> 3) + 1);
    const mask = 0x80 >> (at & 7);
    if (bit === "1") bytes[at >> 3] |= mask;
    else bytes[at >> 3] &= ~mask;
    return bytes;
  });
}

function bitOr(change: Change, [, , result, ...sources]: Words): void {
  const all = sources.map((key) => Buffer.from(change.read(key, "string").bytes, "latin1"));
  const bytes = Buffer.alloc(Math.max(...all.map(({ length }) => length)));
  for (const source of all) {
    for (const [at, byte] of source.entries()) bytes[at] |= byte;
  }
  if (bytes.length === 0) change.delete(result);
  else change.put(result, { type: "string", bytes: bytes.toString("latin1") });
}

function addToByte(change: Change, [, key, , , offset, increment]: Words): void {
  const at = Number(offset) / 8;
  editBytes(change, key, (before) => {
    const bytes = withLength(before, at + 1);
    bytes[at] = bytes[at] + Number(increment);
    return bytes;
  });
}

function pop(change: Change, [name, key, count]: Words): void {
  change.edit(key, "list", ({ values }) => {
    if (name === "LPOP") values.splice(0, Number(count));
    else values.splice(Math.max(0, values.length - Number(count)));
  });
}

function move(change: Change, [, from, to, fromEnd, toEnd]: Words): void {
  let moved: string | undefined;
  change.edit(from, "list", ({ values }) => {
    moved = fromEnd === "LEFT" ? values.shift() : values.pop();
    if (moved === undefined || from !== to) return;
    if (toEnd === "LEFT") values.unshift(moved);
    else values.push(moved);
  });
  if (moved === undefined || from === to) return;
  const value = moved;
  change.edit(to, "list", ({ values }) => {
    if (toEnd === "LEFT") values.unshift(value);
    else values.push(value);
  });
}

function setFields(change: Change, [, key, ...pairs]: Words): void {
  change.edit(key, "hash", ({ fields }) => {
    for (let at = 0; at < pairs.length; at += 2) {
      fields.set(pairs[at], { value: pairs[at + 1], expiryMs: 0 });
    }
  });
}

function expireField(change: Change, [, key, expiry, , , name]: Words): void {
  change.edit(key, "hash", ({ fields }) => {
    const field = fields.get(name);
    if (field === undefined) return;
    if (expiry === "1") fields.delete(name);
    else fields.set(name, { ...field, expiryMs: Number(expiry) });
  });
}

function persistField(change: Change, [, key, , , name]: Words): void {
  change.edit(key, "hash", ({ fields }) => {
    const field = fields.get(name);
    if (field !== undefined) fields.set(name, { ...field, expiryMs: 0 });
  });
}

function popMembers(change: Change, [, key, count]: Words): void {
  change.edit(key, "set", ({ members }) => {
    const { answer } = change;
    const here = change.found.get(key)?.value;
    const kept = here?.type === "set" ? here.members : new Set<string>();
    const guess = [...members].sort((left, right) => +kept.has(left) - +kept.has(right));
    const taken = Array.isArray(answer) ? answer.map(String) : guess.slice(0, Number(count));
    for (const member of taken) {
      if (!members.delete(member)) members.add(`${member}, which SPOP made up`);
    }
  });
}

function moveMember(change: Change, [, from, to, member]: Words): void {
  if (from === to || !change.read(from, "set").members.has(member)) return;
  change.edit(from, "set", ({ members }) => members.delete(member));
  change.edit(to, "set", ({ members }) => members.add(member));
}

function storeSet(change: Change, [name, result, left, right]: Words): void {
  const [first, second] = [change.read(left, "set").members, change.read(right, "set").members];
  const members =
    name === "SUNIONSTORE"
      ? [...first, ...second]
      : [...first].filter((member) => !second.has(member));
  change.put(result, { type: "set", members: new Set(members) });
}

function addScores(change: Change, [, key, ...rest]: Words): void {
  const isGreater = rest[0] === "GT";
  const pairs = isGreater ? rest.slice(2) : rest;
  change.edit(key, "zset", ({ scores }) => {
    for (let at = 0; at < pairs.length; at += 2) {
      const [score, member] = [Number(pairs[at]), pairs[at + 1]];
      const before = scores.get(member);
      if (!isGreater || before === undefined || score > before) scores.set(member, score);
    }
  });
}

function incrementScore(change: Change, [, key, increment, member]: Words): void {
  change.edit(key, "zset", ({ scores }) => {
    scores.set(member, (scores.get(member) ?? 0) + Number(increment));
  });
}

/** By score, equal ones by their bytes. */
export function ranked(scores: ReadonlyMap<string, number>): [string, number][] {
  return [...scores].sort(([one, left], [other, right]) => {
    if (left !== right) return left - right;
    return one < other ? -1 : 1;
  });
}

function popScores(change: Change, [name, key, count]: Words): void {
  change.edit(key, "zset", ({ scores }) => {
    const order = ranked(scores);
    if (name === "ZPOPMAX") order.reverse();
    for (const [member] of order.slice(0, Number(count))) scores.delete(member);
  });
}

function storeUnion(change: Change, [, result, , left, right]: Words): void {
  const sum = new Map(change.read(left, "zset").scores);
  for (const [member, score] of change.read(right, "zset").scores) {
    sum.set(member, (sum.get(member) ?? 0) + score);
  }
  change.put(result, { type: "zset", scores: sum });
}

function rename(change: Change, [, from, to]: Words): void {
  const entry = change.entry(from);
  if (entry === undefined || from === to) return;
  change.delete(from);
  change.put(to, entry.value, entry.expiryMs);
}

function copy(change: Change, [, from, to]: Words): void {
  const entry = change.entry(from);
  if (entry === undefined || from === to) return;
  change.put(to, structuredClone(entry.value), entry.expiryMs);
}

function setExpiry(change: Change, key: string, expiryMs: number): void {
  const entry = change.entry(key);
  if (entry !== undefined) change.put(key, entry.value, expiryMs);
}

const stream = (change: Change, words: Words): void => {
  const key = words[0] === "XGROUP" ? words[2] : words[0] === "XREADGROUP" ? words[7] : words[1];
  // Only these two make a stream that is not there.
  const isMaker = words[0] === "XADD" || words[0] === "XGROUP";
  if (!isMaker && change.entry(key) === undefined) return;
  change.edit(key, "stream", (value) => {
    if (words[0] === "XADD") addEntry(value, words, change.answer, streamsOf(change.found));
    else changeStream(value, words);
  });
};

function streamsOf(state: ModelState): StreamModel[] {
  const values = [...state.values()].map(({ value }) => value);
  return values.filter((value) => value.type === "stream");
}

function removeAll(from: { delete(name: string): boolean }, names: readonly string[]): void {
  for (const name of names) from.delete(name);
}

const handlers: Readonly<Record<string, (change: Change, words: Words) => void>> = {
  SET: setString,
  APPEND: (change, [, key, tail]) =>
    editBytes(change, key, (bytes) => Buffer.concat([bytes, Buffer.from(tail, "latin1")])),
  SETBIT: setBit,
  BITOP: bitOr,
  BITFIELD: addToByte,
  PFADD: (change, [, key]) => editBytes(change, key, () => Buffer.from(change.expected, "latin1")),
  RPUSH: (change, [, key, ...pushed]) =>
    change.edit(key, "list", ({ values }) => values.push(...pushed)),
  LPUSH: (change, [, key, ...pushed]) =>
    change.edit(key, "list", ({ values }) => values.unshift(...pushed.toReversed())),
  LPOP: pop,
  RPOP: pop,
  LTRIM: (change, [, key, , last]) =>
    change.edit(key, "list", ({ values }) => values.splice(Number(last) + 1)),
  LREM: (change, [, key, , removed]) =>
    change.edit(key, "list", ({ values }) => {
      values.splice(0, values.length, ...values.filter((value) => value !== removed));
    }),
  LMOVE: move,
  HSET: setFields,
  HDEL: (change, [, key, ...names]) =>
    change.edit(key, "hash", ({ fields }) => removeAll(fields, names)),
  HPEXPIREAT: expireField,
  HPERSIST: persistField,
  SADD: (change, [, key, ...added]) =>
    change.edit(key, "set", ({ members }) => {
      for (const member of added) members.add(member);
    }),
  SREM: (change, [, key, ...removed]) =>
    change.edit(key, "set", ({ members }) => removeAll(members, removed)),
  SPOP: popMembers,
  SMOVE: moveMember,
  SUNIONSTORE: storeSet,
  SDIFFSTORE: storeSet,
  ZADD: addScores,
  ZINCRBY: incrementScore,
  ZREM: (change, [, key, ...removed]) =>
    change.edit(key, "zset", ({ scores }) => removeAll(scores, removed)),
  ZPOPMIN: popScores,
  ZPOPMAX: popScores,
  ZREMRANGEBYRANK: (change, [, key, first]) =>
    change.edit(key, "zset", ({ scores }) => {
      for (const [member] of ranked(scores).slice(Number(first))) scores.delete(member);
    }),
  ZUNIONSTORE: storeUnion,
  XADD: stream,
  XGROUP: stream,
  XREADGROUP: stream,
  XDEL: stream,
  XACK: stream,
  XCLAIM: stream,
  XTRIM: stream,
  DEL: (change, [, key]) => change.delete(key),
  RENAME: rename,
  COPY: copy,
  PEXPIREAT: (change, [, key, expiry]) => setExpiry(change, key, Number(expiry)),
  PERSIST: (change, [, key]) => setExpiry(change, key, 0),
};

/** Does to `state` what the command does; `found` tells what was chosen where no answer came. */
export function applyStep(state: ModelState, step: Step, found: ModelState): void {
  const handler = handlers[step.words[0]];
  if (handler === undefined) throw new Error(`the model does not know ${step.words[0]}`);
  handler(new Change(state, step, found), step.words);
}

/** Takes out what has expired by then. */
export function dropExpired(state: ModelState, nowMs: number): void {
  const isPast = (expiryMs: number): boolean => expiryMs !== 0 && expiryMs <= nowMs;
  for (const [key, { value, expiryMs }] of state) {
    if (isPast(expiryMs)) state.delete(key);
    if (value.type !== "hash") continue;
    for (const [name, field] of value.fields) {
      if (isPast(field.expiryMs)) value.fields.delete(name);
    }
    if (value.fields.size === 0) state.delete(key);
  }
}

/** Equal for equal entries; what has no order is sorted. */
export function entryText({ value, expiryMs }: ModelEntry): string {
  return JSON.stringify([value.type, contentOf(value), expiryMs]);
}

function contentOf(value: ModelValue): unknown {
  if (value.type === "string") return value.bytes;
  if (value.type === "list") return value.values;
  if (value.type === "hash") {
    const fields = [...value.fields].sort(([left], [right]) => (left < right ? -1 : 1));
    return fields.map(([name, field]) => [name, field.value, field.expiryMs]);
  }
  if (value.type === "set") return [...value.members].sort();
  if (value.type === "zset") return ranked(value.scores);
  const groups = [...value.groups].sort(([left], [right]) => (left < right ? -1 : 1));
  return [
    value.entries,
    value.lastId,
    value.maxDeletedId,
    value.addedCount,
    groups.map(([name, { lastId, pending }]) => [name, lastId, [...pending.values()]]),
  ];
}
