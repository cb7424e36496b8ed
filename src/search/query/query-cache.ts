/**
 * Parsed and checked queries by their text, the latest used ones, for each index. A schema never
 * changes while its index lives, and the cache goes with the index.
 */
import { ErrorReply } from "../../base/errors.ts";
import { LatestMap } from "../../data/latest-map.ts";
import type { SearchIndex } from "../search-index.ts";
import { type CheckedQuery, checkQuery } from "./check.ts";
import { parseQuery } from "./parser.ts";
import { orProblem } from "./query-problem.ts";

const ENTRIES_MAX = 128;
const TEXT_BYTES_MAX = 4096;

const caches = new WeakMap<SearchIndex, LatestMap<CheckedQuery>>();

export function preparedQuery(text: string, index: SearchIndex): CheckedQuery | ErrorReply {
  let cache = caches.get(index);
  if (cache === undefined) {
    cache = new LatestMap(ENTRIES_MAX);
    caches.set(index, cache);
  }
  const known = cache.get(text);
  if (known !== undefined) return known;
  const parsed = parseQuery(text);
  if (parsed instanceof ErrorReply) return parsed;
  const checked = orProblem(() => checkQuery(parsed, index));
  if (checked instanceof ErrorReply || text.length > TEXT_BYTES_MAX) return checked;
  cache.add(text, checked);
  return checked;
}
