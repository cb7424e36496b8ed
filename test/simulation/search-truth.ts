/**
 * What a search has to answer, by looking at every hash: for queries of the forms that
 * `call-source.ts` makes, `*`, `@t:{x}`, `@n:[a b]`, and two of them together.
 */
import { toBinaryString } from "../../src/base/bytes.ts";
import type { Keyspace } from "../../src/keyspace/keyspace.ts";
import { entriesOf } from "../support/keyspace-entries.ts";

const INTEGER = /^-?\d+$/;

/** Whether it asks for the nearest, whose answer comes later and is not held against anything. */
export function asksForNearest(query: string): boolean {
  return query.includes("=>");
}

/** Keys, sorted. */
export function searchTruth(
  keyspace: Keyspace,
  prefixes: readonly string[],
  query: string,
  nowMs: number,
): string[] {
  const tag = /@t:\{(\w+)\}/.exec(query)?.[1];
  const range = /@n:\[(-?\d+) (-?\d+)\]/.exec(query);
  const keys: string[] = [];
  for (const [key, { value, expiryMs }] of entriesOf(keyspace.databases[0])) {
    if (value.type !== "hash" || !prefixes.some((prefix) => key.startsWith(prefix))) continue;
    if ((expiryMs !== 0 && expiryMs < nowMs) || !value.hasLiveField(nowMs)) continue;
    const field = (name: string): string | undefined => {
      const at = value.expiryMsOf(name);
      if (at !== 0 && at < nowMs) return undefined;
      const bytes = value.get(name);
      return bytes === undefined ? undefined : toBinaryString(bytes);
    };
    if (tag !== undefined && !(field("t") ?? "").split(",").includes(tag)) continue;
    if (range !== null && !isInRange(field("n"), Number(range[1]), Number(range[2]))) continue;
    keys.push(key);
  }
  return keys.sort();
}

function isInRange(text: string | undefined, least: number, most: number): boolean {
  if (text === undefined || !INTEGER.test(text)) return false;
  return Number(text) >= least && Number(text) <= most;
}
