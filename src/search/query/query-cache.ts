/**
 * Parsed and checked queries by their text, the latest used ones, for each index. A schema never
 * changes while its index lives, and the cache goes with the index.
 */
import { ErrorReply } from "../../base/errors.ts";
import type { SearchIndex } from "../search-index.ts";
import { type CheckedQuery, checkQuery } from "./check.ts";
import { parseQuery } from "./parser.ts";
import { orProblem } from "./query-problem.ts";

const ENTRIES_MAX = 128;
const TEXT_BYTES_MAX = 4096;

const caches = new WeakMap<SearchIndex, Map<string, CheckedQuery>>();

export function preparedQuery(text: string, index: SearchIndex): CheckedQuery | ErrorReply {
  let cache = caches.get(index);
  if (cache === undefined) {
    cache = new Map();
    caches.set(index, cache);
  }
  const known = cache.get(text);
  if (known !== undefined) {
    // A Map keeps the order of insertion: what is put in again is the last to go.
    cache.delete(text);
    cache.set(text, known);
    return known;
  }
  const parsed = parseQuery(text);
  if (parsed instanceof ErrorReply) return parsed;
  const checked = orProblem(() => checkQuery(parsed, index));
  if (checked instanceof ErrorReply || text.length > TEXT_BYTES_MAX) return checked;
  cache.set(text, checked);
  if (cache.size > ENTRIES_MAX) {
    for (const oldest of cache.keys()) {
      cache.delete(oldest);
      break;
    }
  }
  return checked;
}
