/**
 * One FT.SEARCH from its prepared query to its reply.
 *
 * The vector engine answers later. What it found is held against the present then: documents that
 * have changed, gone or expired are left out, and if that leaves too few, the search is repeated
 * with as many neighbors to spare; so K come back whenever K match, and each of them does.
 */
import { Bitmap } from "../../base/bitmap.ts";
import { ErrorReply } from "../../base/errors.ts";
import type { Reply } from "../../resp/frame.ts";
import {
  type Found,
  findLater,
  findNow,
  isTimeout,
  needsVectors,
  type ResolvedQuery,
  resolveQuery,
} from "../../search/query/execute.ts";
import { type SortKey, sortIds, sortKeyOf } from "../../search/query/order.ts";
import { preparedQuery } from "../../search/query/query-cache.ts";
import { printable } from "../../search/query/query-problem.ts";
import type { SearchIndex } from "../../search/search-index.ts";
import type { CommandContext } from "../context.ts";
import { quoted } from "./argument-cursor.ts";
import { wantsFlatPairs } from "./reply-layout.ts";
import { NO_PARAMETERS, type SearchOptions } from "./search-options.ts";
import { type PageDocument, type ReplyLayout, searchReply } from "./search-reply.ts";

/** Indexes cover this database, whichever one the session has selected. */
const DATABASE = 0;
/** So many matches are looked at one by one for their expiry; of more, those of the page. */
const EXPIRY_CHECKS_MAX = 4096;
const FIRST_SURPLUS = 16;
const REPEATS_MAX = 8;

interface Search {
  readonly name: string;
  readonly options: SearchOptions;
  readonly query: ResolvedQuery;
  readonly sortKey: ((found: Found) => SortKey) | undefined;
  readonly layout: ReplyLayout;
  readonly startedMs: number;
}

export function runSearch(
  context: CommandContext,
  name: string,
  text: string,
  options: SearchOptions,
): Reply {
  const index = context.search.find(name);
  if (index === undefined) return noSuchIndex(name);
  const search = prepare(context, index, text, options);
  if (search instanceof ErrorReply) return search;
  if (!needsVectors(search.query) && !index.isBackfilling) {
    const found = findNow(search.query);
    return complete(context, search, found, presentIds(context, search, found));
  }
  return find(context, search, null, 0, 0);
}

function prepare(
  context: CommandContext,
  index: SearchIndex,
  text: string,
  options: SearchOptions,
): Search | ErrorReply {
  const checked = preparedQuery(text, index);
  if (checked instanceof ErrorReply) return checked;
  const { sort, timeoutMs } = options;
  const sortKey =
    sort === undefined ? undefined : sortKeyOf(index, checked.distanceNames, sort.name);
  if (sort !== undefined && sortKey === undefined) {
    return new ErrorReply(`Property ${quoted(sort.name)} not loaded nor in schema`);
  }
  const parameters = options.parameters ?? NO_PARAMETERS;
  const query = resolveQuery(index, checked, parameters, options, timeoutMs);
  if (query instanceof ErrorReply) return query;
  const layout = {
    options,
    distanceNames: checked.distanceNames,
    isFlat: wantsFlatPairs(context.session),
    identifierOf: (field: string) => identifierOf(index, field),
  };
  return { name: index.name, options, query, sortKey, layout, startedMs: context.nowMs };
}

function identifierOf(index: SearchIndex, name: string): string {
  for (const { alias, identifier } of index.schema.attributes)
    if (alias === name) return identifier;
  return name;
}

function noSuchIndex(name: string): ErrorReply {
  return new ErrorReply(`${printable(name)}: no such index`);
}

/** `excluded`: documents known to have expired; `surplus`: neighbors beyond K. */
function find(
  context: CommandContext,
  search: Search,
  excluded: Bitmap | null,
  surplus: number,
  repeatCount: number,
): Reply {
  return context.defer(
    findLater(search.query, excluded, surplus),
    (later, found) => {
      if (later.search.find(search.name) !== search.query.index) return noSuchIndex(search.name);
      if (hasTimedOut(later, search)) return timeoutReply();
      const present = presentIds(later, search, found);
      const isShort = present.length < found.ids.length - surplus;
      if (!isShort || repeatCount === REPEATS_MAX) return complete(later, search, found, present);
      const expired = expiredAmong(later, search.query.index, found.ids);
      const lostCount = found.ids.length - present.length;
      const next = Math.max(FIRST_SURPLUS, lostCount, surplus * 4);
      return find(later, search, expired, next, repeatCount + 1);
    },
    (reason) => {
      if (isTimeout(reason)) return timeoutReply();
      const why = reason instanceof Error ? reason.message : String(reason);
      return new ErrorReply(`ERR the search failed: ${printable(why)}`);
    },
  );
}

function timeoutReply(): ErrorReply {
  return new ErrorReply("Timeout limit was reached");
}

function hasTimedOut(context: CommandContext, { options, startedMs }: Search): boolean {
  return options.timeoutMs !== 0 && context.nowMs - startedMs > options.timeoutMs;
}

/** What was found and is still so; at most K where a K was given. */
function presentIds(context: CommandContext, search: Search, found: Found): Uint32Array {
  const { index, nearest } = search.query;
  const { ids, moment } = found;
  const mayExpire = context.keyspace.databases[DATABASE].keysWithExpiry.size > 0;
  const most = nearest?.k ?? ids.length;
  const isOneByOne = nearest !== undefined || ids.length <= EXPIRY_CHECKS_MAX;
  const present = new Uint32Array(Math.min(most, ids.length));
  let count = 0;
  for (let place = 0; place < ids.length && count < most; place += 1) {
    const id = ids[place];
    if (!index.documents.isUnchangedSince(id, moment)) continue;
    if (mayExpire && isOneByOne && hasExpired(context, index, id)) continue;
    present[count] = id;
    count += 1;
  }
  return count === present.length ? present : present.subarray(0, count);
}

function hasExpired(context: CommandContext, index: SearchIndex, id: number): boolean {
  const key = index.documents.keyOf(id);
  if (key === undefined) return true;
  const expiryMs = context.keyspace.peek(DATABASE, key)?.expiryMs ?? 0;
  return expiryMs !== 0 && expiryMs < context.nowMs;
}

function expiredAmong(
  context: CommandContext,
  index: SearchIndex,
  ids: Uint32Array,
): Bitmap | null {
  const expired = new Bitmap(0);
  for (const id of ids) {
    if (index.documents.live.has(id) && hasExpired(context, index, id)) expired.add(id);
  }
  return expired.count === 0 ? null : expired;
}

function complete(
  context: CommandContext,
  search: Search,
  found: Found,
  present: Uint32Array,
): Reply {
  const { options, query } = search;
  context.waitFor(query.index.ingestedSequence);
  const sortKey = search.sortKey?.(found);
  const ids =
    sortKey === undefined || options.sort === undefined || options.count === 0
      ? present
      : sortIds(present, sortKey, options.sort.isAscending);
  const documents: PageDocument[] = [];
  let total = ids.length;
  for (let place = options.offset; place < ids.length; place += 1) {
    if (documents.length === options.count) break;
    const id = ids[place];
    const key = query.index.documents.keyOf(id);
    const value = key === undefined ? undefined : context.lookupIn(DATABASE, key)?.value;
    if (key === undefined || value?.type !== "hash") total -= 1;
    else documents.push({ id, key, fields: value.fields });
  }
  return searchReply({ total, documents, found, sortKey }, search.layout);
}
