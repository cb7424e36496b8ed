/**
 * Data of all types, for benches of snapshots and recovery: sets of fifteen keys, about 4.5 KB of
 * what a client sent, from short strings to a document with a vector.
 */
import type { CommandWords } from "../bulk-client.ts";

/** Of keys, fields, members and values of one set, without the protocol. */
export const SET_BYTES = 4500;
export const SET_KEYS = 15;

const VECTOR_BYTES = 512;
/** Not all alike, or the disk's and the processor's caches would be flattered. */
const NOISE = Array.from({ length: 4096 }, (_, index) =>
  ((index * 2654435761) % 4294967296).toString(36).padStart(7, "x"),
).join("");

function text(number: number, length: number): string {
  const start = (number * 31) % (NOISE.length - 1100);
  return NOISE.slice(start, start + length);
}

/** The commands that write one set. */
export function* mixedSet(number: number): Generator<CommandWords> {
  for (let index = 0; index < 8; index += 1) {
    yield ["SET", `string:${number}:${index}`, text(number * 8 + index, 90)];
  }
  yield ["SET", `large:${number}`, text(number, 1000)];
  const fields: string[] = [];
  const values: string[] = [];
  const members: string[] = [];
  const scored: (string | number)[] = [];
  for (let index = 0; index < 20; index += 1) {
    values.push(text(number + index, 36));
    scored.push((number * 7 + index) % 100_003, `member-${number % 997}-${index}`);
    if (index >= 10) continue;
    fields.push(`field-${index}`, text(number - index + 20, 44));
    members.push(`member:${number % 1009}:${index}`);
  }
  yield ["HSET", `hash:${number}`, ...fields];
  yield ["RPUSH", `list:${number}`, ...values];
  yield ["SADD", `set:${number}`, ...members];
  yield ["ZADD", `zset:${number}`, ...scored];
  for (let index = 0; index < 5; index += 1) {
    yield ["XADD", `stream:${number}`, "*", "value", text(number + index, 50)];
  }
  const document = ["title", text(number, 40), "vector", text(number + 3, VECTOR_BYTES)];
  yield ["HSET", `document:${number}`, ...document, "number", String(number)];
}
