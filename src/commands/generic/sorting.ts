/**
 * What SORT and SORT_RO do once their options are known.
 *
 * Without STORE it reads only. With it the result is collected first, no further than the unit has
 * room for, and then it is one effect.
 */
import { type Bytes, canonicalBytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { bytesSize } from "../../keyspace/restored-value.ts";
import type { Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import { allOf, countOf, isSortable, type Sortable, sliceOf } from "./sort-elements.ts";
import { parseSortOptions, type SortOptions } from "./sort-options.ts";
import { sortedIndexes } from "./sort-order.ts";
import { SortPattern } from "./sort-pattern.ts";

export function sort(
  context: CommandContext,
  args: readonly Bytes[],
  isStoreAllowed: boolean,
): Reply {
  const options = parseSortOptions(args, isStoreAllowed);
  if (options instanceof ErrorReply) return options;
  const value = context.lookup(toBinaryString(args[1]))?.value;
  if (value !== undefined && !isSortable(value)) return errors.wrongType;
  const elements = value === undefined ? [] : chosenElements(context, value, options);
  if (elements instanceof ErrorReply) return elements;
  const { destination } = options;
  if (destination === undefined) return resultOf(context, elements, options.patterns);
  return store(context, destination, elements, options.patterns);
}

/** In order, and within the limits. */
function chosenElements(
  context: CommandContext,
  value: Sortable,
  options: SortOptions,
): readonly Bytes[] | ErrorReply {
  // The order of a set is nobody's business, and must not be what is stored.
  const isForced = value.type === "set" && options.destination !== undefined;
  if (options.isUnsorted && !isForced) return unsorted(value, options);
  const elements = allOf(value);
  const how = options.isUnsorted ? { ...options, by: undefined, isAlphabetic: true } : options;
  const indexes = sortedIndexes(context, elements, how);
  if (indexes instanceof ErrorReply) return indexes;
  const { start, end } = rangeOf(options, elements.length);
  const chosen: Bytes[] = [];
  for (let place = start; place < end; place += 1) chosen.push(elements[indexes[place]]);
  return chosen;
}

/** The order in which they are; DESC turns round a list's and a sorted set's. */
function unsorted(value: Sortable, options: SortOptions): readonly Bytes[] {
  const { start, end } = rangeOf(options, countOf(value));
  if (start >= end) return [];
  const isReverse = options.isDescending && value.type !== "set";
  return sliceOf(value, start, end - start, isReverse);
}

function rangeOf(options: SortOptions, size: number): { start: number; end: number } {
  const start = Math.min(options.start, size);
  const end = options.count < 0 ? size : Math.min(start + options.count, size);
  return { start, end };
}

/** The elements themselves, or what each pattern finds for them. */
function resultOf(
  context: CommandContext,
  elements: readonly Bytes[],
  patterns: readonly string[],
): readonly (Bytes | null)[] {
  if (patterns.length === 0) return elements;
  const wanted = patterns.map((text) => new SortPattern(text));
  const found: (Bytes | null)[] = [];
  for (const element of elements) {
    for (const pattern of wanted) found.push(pattern.valueFor(context, element) ?? null);
  }
  return found;
}

function store(
  context: CommandContext,
  key: string,
  elements: readonly Bytes[],
  patterns: readonly string[],
): number | ErrorReply {
  const { database } = context;
  const values: Bytes[] = [];
  for (const found of resultOf(context, elements, patterns))
    values.push(canonicalBytes(found ?? ""));
  if (bytesSize(values) > context.roomBytes()) return errors.unitTooLarge;
  if (values.length > 0) {
    const value = { type: "list", values } as const;
    context.apply({ id: EffectId.keyRestore, database, key, value, expiryMs: 0 });
  } else if (context.has(key)) {
    context.apply({ id: EffectId.keyDelete, database, key, reason: "deleted" });
  }
  return values.length;
}
