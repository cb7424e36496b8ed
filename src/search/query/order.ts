/**
 * SORTBY: any attribute of the schema or a distance. Documents without a value come last in either
 * direction; equal ones by document id, in the direction of the sort, as in RediSearch.
 */
import type { SearchIndex } from "../search-index.ts";
import { foldCase } from "../tokenize.ts";
import type { Found } from "./execute.ts";

export type SortValue = number | string | undefined;
export type SortKey = (id: number) => SortValue;

/** undefined: there is nothing of that name to sort by. */
export function sortKeyOf(
  index: SearchIndex,
  distanceNames: readonly string[],
  name: string,
): ((found: Found) => SortKey) | undefined {
  if (distanceNames.includes(name)) {
    return (found) => (id) => found.distances.get(name)?.get(id);
  }
  const attribute = index.attributes.get(name);
  if (attribute === undefined || attribute.kind === "VECTOR") return undefined;
  if (attribute.kind === "NUMERIC") return () => (id) => attribute.sortKey(id);
  const declaration = index.schema.attributes.find(({ alias }) => alias === name);
  // A SORTABLE text is kept normalized, unless UNF was declared.
  const isFolded = declaration?.isSortable === true && !declaration.isUnnormalized;
  return () => (id) => {
    const value = attribute.sortKey(id);
    return value === undefined || !isFolded ? value : foldCase(value);
  };
}

export function sortIds(ids: Uint32Array, key: SortKey, isAscending: boolean): Uint32Array {
  const sign = isAscending ? 1 : -1;
  const values = new Map<number, SortValue>();
  for (const id of ids) values.set(id, key(id));
  return ids.slice().sort((left, right) => {
    const one = values.get(left);
    const other = values.get(right);
    if (one === undefined || other === undefined) {
      if (one !== other) return one === undefined ? 1 : -1;
    } else if (one !== other) return one < other ? -sign : sign;
    return sign * (left - right);
  });
}
