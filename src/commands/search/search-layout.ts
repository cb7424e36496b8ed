/**
 * What a reply of FT.SEARCH shows of each document, worked out once for all of them: in which
 * order, under which names, and from where. Fields that an attribute reads come from the index,
 * which has them as the hash has them; so most replies need no key.
 *
 * The order is RediSearch's: distances, what is sorted by, then as RETURN names them.
 */
import type { Bytes } from "../../base/bytes.ts";
import type { SearchIndex } from "../../search/search-index.ts";
import type { ReturnField, SearchOptions } from "./search-options.ts";

export interface ReplyLayout {
  readonly options: SearchOptions;
  readonly distanceNames: readonly string[];
  readonly isFlat: boolean;
  /** Of RETURN; null for all fields of the hash. */
  readonly shown: readonly ShownField[] | null;
  /** Whether something is shown that only the key itself has. */
  readonly needsHash: boolean;
  /** The hash's field of what is sorted by; empty where it is none. */
  readonly sortIdentifier: string;
  readonly isSortKeyRaw: boolean;
}

export interface ShownField {
  readonly alias: string;
  /** The distance of that name; undefined for a field. */
  readonly distance: string | undefined;
  /** The hash's field. */
  readonly identifier: string;
  /** By document id; undefined where the index does not hold the field. */
  readonly column: readonly (Bytes | undefined)[] | undefined;
  /** `__key`, which is the document's key where the hash has no field of that name. */
  readonly isKey: boolean;
}

const nothing: readonly ShownField[] = [];

export function replyLayout(
  index: SearchIndex,
  distanceNames: readonly string[],
  options: SearchOptions,
  isFlat: boolean,
  isIndexLive: boolean,
): ReplyLayout {
  const { sort, returns, isWithoutContent } = options;
  const sortName = sort?.name;
  const sorted = index.schema.attributes.find(({ alias }) => alias === sortName);
  const isWhole = returns === null && !isWithoutContent;
  const shown = isWhole
    ? null
    : isWithoutContent
      ? nothing
      : shownOf(isIndexLive ? index : null, index, distanceNames, options);
  return {
    options,
    distanceNames,
    isFlat,
    shown,
    needsHash: shown?.some(({ distance, column }) => (distance ?? column) === undefined) ?? true,
    sortIdentifier: sorted?.identifier ?? sortName ?? "",
    isSortKeyRaw: sorted?.isSortable === false && isWhole,
  };
}

/** `columns` is null where the index may hold fields that have passed their expiry. */
function shownOf(
  columns: Pick<SearchIndex, "columnOf"> | null,
  index: SearchIndex,
  distanceNames: readonly string[],
  { returns, sort }: SearchOptions,
): readonly ShownField[] {
  const fields: readonly ReturnField[] = returns ?? [];
  const shown: ShownField[] = [];
  for (const name of distanceNames) {
    for (const { field, alias } of fields) {
      if (field !== name) continue;
      shown.push({ alias, distance: name, identifier: "", column: undefined, isKey: false });
    }
  }
  const isSortField = ({ field, alias }: ReturnField) => alias === sort?.name && field === alias;
  const others = fields.filter(({ field }) => !distanceNames.includes(field));
  const ordered = [
    ...others.filter(isSortField),
    ...others.filter((returned) => !isSortField(returned)),
  ];
  for (const { field, alias } of ordered) {
    const identifier = identifierOf(index, field);
    const column = columns?.columnOf(identifier);
    const isKey = field === "__key";
    shown.push({ alias, distance: undefined, identifier, column, isKey });
  }
  return shown;
}

/** From the name that queries use to the hash's field. */
export function identifierOf(index: SearchIndex, name: string): string {
  for (const { alias, identifier } of index.schema.attributes)
    if (alias === name) return identifier;
  return name;
}
