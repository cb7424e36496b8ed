/**
 * What the filters of the latest queries came to, until the index changes: applications ask the
 * same few over and over, and the engine keeps what it is given twice (`vector/kept-filters.ts`).
 */
import type { Bitmap } from "../../base/bitmap.ts";
import { LatestMap } from "../../data/latest-map.ts";
import type { SearchIndex } from "../search-index.ts";
import { textOf } from "./parameters.ts";
import type { ResolvedQuery } from "./resolve.ts";

/** At a million documents each is 125 KB. */
const ENTRIES_MAX = 32;
/** A longer query is not asked over and over, and its name alone would be a burden. */
const NAME_CHARACTERS_MAX = 4096;

interface FilterCache {
  changeCount: number;
  /** By the query's text and the parameters that its filter reads. */
  readonly bitmaps: LatestMap<Bitmap>;
}

const caches = new WeakMap<SearchIndex, FilterCache>();

/** The bitmap is not the caller's to change. */
export function cachedFilter(query: ResolvedQuery, find: () => Bitmap): Bitmap {
  const { index } = query;
  const name = nameOf(query);
  let cache = caches.get(index);
  if (cache === undefined) {
    cache = { changeCount: 0, bitmaps: new LatestMap(ENTRIES_MAX) };
    caches.set(index, cache);
  }
  const { bitmaps } = cache;
  if (cache.changeCount !== index.documents.changeCount) {
    cache.changeCount = index.documents.changeCount;
    bitmaps.clear();
  }
  const known = bitmaps.get(name);
  if (known !== undefined) return known;
  const bitmap = find();
  if (name.length <= NAME_CHARACTERS_MAX) bitmaps.add(name, bitmap);
  return bitmap;
}

/** Whether a filter depends on nothing but the query's text, its parameters and the index. */
export function isCacheable({ ranges, scope }: ResolvedQuery): boolean {
  const { keys, fields, filters, isWithStopwords } = scope;
  const isPlain = keys === undefined && fields === undefined && !isWithStopwords;
  return isPlain && filters.length === 0 && ranges.length === 0;
}

function nameOf({ checked, parameters }: ResolvedQuery): string {
  let name = part(checked.parsed.text);
  for (const operand of checked.texts) name += part(textOf(operand, parameters));
  for (const { operand } of checked.numbers) name += part(textOf(operand, parameters));
  return name;
}

/** With its length, so that no two queries with their values come to the same name. */
function part(value: string): string {
  return ` ${value.length}:${value}`;
}
