/**
 * FT.SEARCH's reply: RediSearch's flat array on RESP2, its map on RESP3, and the flat array on RESP3
 * too for clients that follow MemoryDB (`reply-layout.ts`).
 */
import type { Bytes } from "../../base/bytes.ts";
import { MapReply, type Reply, SimpleString } from "../../resp/frame.ts";
import { distanceText } from "../../search/query/distance-text.ts";
import type { Found } from "../../search/query/execute.ts";
import type { SortValue } from "../../search/query/order.ts";
import type { SearchIndex } from "../../search/search-index.ts";
import type { ReturnedField, SearchOptions } from "./search-options.ts";

/** A document of the window: its id, its key, and its hash as it is now. */
export interface Hit {
  readonly id: number;
  readonly key: string;
  readonly fields: ReadonlyMap<string, Bytes>;
  readonly sortValue: SortValue;
}

export function searchReply(
  index: SearchIndex,
  options: SearchOptions,
  found: Found,
  total: number,
  hits: readonly Hit[],
  isFlat: boolean,
): Reply {
  const hasFields = !options.isKeysOnly && options.returned?.length !== 0;
  if (isFlat) {
    const flat: Reply[] = [total];
    for (const hit of hits) {
      flat.push(hit.key);
      if (options.hasSortKeys) flat.push(sortKeyReply(hit.sortValue));
      if (hasFields) flat.push(fieldPairs(index, options, found, hit));
    }
    return flat;
  }
  const results = hits.map((hit) => {
    const entries: Reply[] = [new SimpleString("id"), hit.key];
    if (options.hasSortKeys) {
      entries.push(new SimpleString("sortkey"), sortKeyReply(hit.sortValue));
    }
    if (hasFields) {
      const fields = new MapReply(fieldPairs(index, options, found, hit));
      entries.push(new SimpleString("extra_attributes"), fields);
    }
    entries.push(new SimpleString("values"), []);
    return new MapReply(entries);
  });
  return new MapReply([
    new SimpleString("attributes"),
    [],
    new SimpleString("total_results"),
    total,
    new SimpleString("format"),
    new SimpleString("STRING"),
    new SimpleString("results"),
    results,
    new SimpleString("warning"),
    [],
  ]);
}

function sortKeyReply(value: SortValue): Reply {
  if (value === undefined) return null;
  return typeof value === "number" ? `#${distanceText(value)}` : `$${value}`;
}

/** Name, value, name, value: distances first, then what is sorted by, then the rest. */
function fieldPairs(
  index: SearchIndex,
  options: SearchOptions,
  found: Found,
  hit: Hit,
): (string | Bytes)[] {
  const flat: (string | Bytes)[] = [];
  if (options.returned !== undefined) {
    for (const { name, alias } of inReplyOrder(options.returned, options.sortBy, found)) {
      const value = fieldValue(index, found, hit, name);
      if (value !== undefined) flat.push(alias, value);
    }
    return flat;
  }
  for (const [name, distances] of found.distances) {
    const distance = distances.get(hit.id);
    if (distance !== undefined) flat.push(name, distanceText(distance));
  }
  const { sortBy } = options;
  const sorted = sortBy === undefined || found.distances.has(sortBy) ? undefined : sortBy;
  if (sorted !== undefined) {
    const value = fieldValue(index, found, hit, sorted);
    if (value !== undefined) flat.push(sorted, value);
  }
  for (const [name, value] of hit.fields) if (name !== sorted) flat.push(name, value);
  return flat;
}

/** RediSearch puts distances first, then what is sorted by, then the order of RETURN. */
function inReplyOrder(
  returned: readonly ReturnedField[],
  sortBy: string | undefined,
  found: Found,
): readonly ReturnedField[] {
  if (returned.length < 2) return returned;
  const rank = ({ name, alias }: ReturnedField): number => {
    if (name !== alias) return 2;
    return found.distances.has(name) ? 0 : name === sortBy ? 1 : 2;
  };
  return [...returned].sort((left, right) => rank(left) - rank(right));
}

function fieldValue(index: SearchIndex, found: Found, hit: Hit, name: string): Bytes | undefined {
  const distances = found.distances.get(name);
  if (distances !== undefined) {
    const distance = distances.get(hit.id);
    return distance === undefined ? undefined : distanceText(distance);
  }
  if (name === "__key") return hit.key;
  if (!index.attributes.has(name)) return hit.fields.get(name);
  const declaration = index.schema.attributes.find(({ alias }) => alias === name);
  return hit.fields.get(declaration?.identifier ?? name);
}
