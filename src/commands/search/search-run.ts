/**
 * One FT.SEARCH from its prepared query to its reply.
 *
 * The vector engine answers later. What it found is held against the present then: documents that
 * have changed, gone or expired are left out, and if that leaves too few, the search is repeated
 * with as many neighbors to spare; so K come back whenever K match, and each of them does.
 */
import { Bitmap } from "../../base/bitmap.ts";
import { type Bytes, toBuffer } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import type { Entry } from "../../keyspace/entry.ts";
import { liveFields } from "../../keyspace/hash-reader.ts";
import type { Reply } from "../../resp/frame.ts";
import {
  askEngine,
  type EngineAnswer,
  type Found,
  findNow,
  isTimeout,
  needsVectors,
  type PresentState,
  settle,
} from "../../search/query/execute.ts";
import { firstSorted, type SortKey, sortKeyOf } from "../../search/query/order.ts";
import { type SearchProfile, timed } from "../../search/query/profile.ts";
import { preparedQuery } from "../../search/query/query-cache.ts";
import { printable } from "../../search/query/query-problem.ts";
import { type ResolvedQuery, resolveQuery } from "../../search/query/resolve.ts";
import type { SearchIndex } from "../../search/search-index.ts";
import type { CommandContext } from "../context.ts";
import { quoted } from "./argument-cursor.ts";
import { profileReply } from "./profile-reply.ts";
import { wantsFlatPairs } from "./reply-layout.ts";
import { identifierOf, type ReplyLayout, replyLayout } from "./search-layout.ts";
import { NO_PARAMETERS, type SearchOptions } from "./search-options.ts";
import { type PageDocument, searchReply } from "./search-reply.ts";

/** Indexes cover this database, whichever one the session has selected. */
const DATABASE = 0;
/** So many matches are looked at one by one for their expiry; of more, those of the page. */
const EXPIRY_CHECKS_MAX = 4096;
const FIRST_SURPLUS = 16;
const noFields: ReadonlyMap<string, Bytes> = new Map();

interface Search {
  readonly name: string;
  readonly text: string;
  readonly options: SearchOptions;
  readonly query: ResolvedQuery;
  readonly sortKey: ((found: Found) => SortKey) | undefined;
  readonly layout: ReplyLayout;
  readonly startedMs: number;
  /** Only for FT.PROFILE. */
  readonly profile: SearchProfile | undefined;
}

export function runSearch(
  context: CommandContext,
  name: string,
  text: string,
  options: SearchOptions,
  profile?: SearchProfile,
): Reply {
  const index = context.search.find(name);
  if (index === undefined) {
    // It may have been dropped in a record that is not durable yet.
    context.waitForEverything();
    return noSuchIndex(name);
  }
  const isIndexLive = context.removePassedFields(DATABASE);
  const search = prepare(context, index, text, options, isIndexLive, profile);
  if (search instanceof ErrorReply) {
    context.waitFor(index.ingestedSequence);
    return search;
  }
  index.useCount += 1;
  if (!needsVectors(search.query) && !index.isBackfilling) {
    const found = findNow(search.query, profile);
    return complete(context, search, found, new KeyspaceState(context, index));
  }
  if (!needsVectors(search.query)) return findWhenBackfilled(context, search);
  return find(context, search, null, 0);
}

function prepare(
  context: CommandContext,
  index: SearchIndex,
  text: string,
  options: SearchOptions,
  isIndexLive: boolean,
  profile: SearchProfile | undefined,
): Search | ErrorReply {
  const checked = timed(profile, "parse", () => preparedQuery(text, index));
  if (checked instanceof ErrorReply) return checked;
  const { sort, timeoutMs } = options;
  const sortKey =
    sort === undefined ? undefined : sortKeyOf(index, checked.distanceNames, sort.name);
  if (sort !== undefined && sortKey === undefined) {
    return new ErrorReply(`Property ${quoted(sort.name)} not loaded nor in schema`);
  }
  const parameters = options.parameters ?? NO_PARAMETERS;
  const query = timed(profile, "prepare", () =>
    resolveQuery(index, checked, parameters, options, timeoutMs),
  );
  if (query instanceof ErrorReply) return query;
  const layout = replyLayout(
    index,
    checked.distanceNames,
    options,
    wantsFlatPairs(context.session),
    isIndexLive,
  );
  const startedMs = context.nowMs;
  return { name: index.name, text, options, query, sortKey, layout, startedMs, profile };
}

function noSuchIndex(name: string): ErrorReply {
  return new ErrorReply(`${printable(name)}: no such index`);
}

function findWhenBackfilled(context: CommandContext, search: Search): Reply {
  const { index } = search.query;
  return context.defer(
    index.whenBackfilled(),
    (later) => {
      if (isGone(later, search)) return runAgain(later, search);
      if (hasTimedOut(later, search)) return timeoutReply();
      const found = findNow(search.query, search.profile);
      return complete(later, search, found, new KeyspaceState(later, index));
    },
    (reason) => failedReply(context, search, reason),
  );
}

/** `excluded`: documents known to have expired; `surplus`: neighbors beyond K. */
function find(
  context: CommandContext,
  search: Search,
  excluded: Bitmap | null,
  surplus: number,
): Reply {
  const { reply, finish } = context.postpone();
  const waiter = {
    answered: (answer: EngineAnswer) => finish((later) => answered(later, search, answer, surplus)),
    failed: (reason: unknown) => finish((later) => failedReply(later, search, reason)),
  };
  askEngine(search.query, excluded, surplus, waiter, search.profile);
  return reply;
}

function answered(
  context: CommandContext,
  search: Search,
  answer: EngineAnswer,
  surplus: number,
): Reply {
  if (isGone(context, search)) return runAgain(context, search);
  if (hasTimedOut(context, search)) return timeoutReply();
  const state = new KeyspaceState(context, search.query.index);
  const found = settle(search.query, answer, state);
  if (found !== undefined) return complete(context, search, found, state);
  const expired = expiredAmong(search, answer, state);
  return find(context, search, expired, Math.max(FIRST_SURPLUS, surplus * 4));
}

/** Whether the index was dropped meanwhile, and perhaps made anew under its name. */
function isGone(context: CommandContext, { name, query }: Search): boolean {
  return context.search.find(name) !== query.index;
}

function runAgain(context: CommandContext, { name, text, options, profile }: Search): Reply {
  return runSearch(context, name, text, options, profile);
}

function failedReply(context: CommandContext, search: Search, reason: unknown): Reply {
  if (isTimeout(reason)) return timeoutReply();
  if (isGone(context, search)) return runAgain(context, search);
  const why = reason instanceof Error ? reason.message : String(reason);
  return new ErrorReply(`ERR the search was given up: ${printable(why)}`);
}

function timeoutReply(): ErrorReply {
  return new ErrorReply("Timeout limit was reached");
}

function hasTimedOut(context: CommandContext, { options, startedMs }: Search): boolean {
  return options.timeoutMs !== 0 && context.nowMs - startedMs > options.timeoutMs;
}

/** What the keyspace says now of the documents of an index. */
class KeyspaceState implements PresentState {
  readonly #context: CommandContext;
  readonly #index: SearchIndex;
  readonly mayExpire: boolean;

  constructor(context: CommandContext, index: SearchIndex) {
    this.#context = context;
    this.#index = index;
    this.mayExpire = index.documents.expiring.count > 0;
  }

  hasExpired(id: number): boolean {
    if (!this.#index.documents.expiring.has(id)) return false;
    const expiryMs = this.#entryOf(id)?.expiryMs ?? 0;
    return expiryMs !== 0 && expiryMs < this.#context.nowMs;
  }

  vectorOf(id: number, field: string): Buffer | undefined {
    const value = this.#entryOf(id)?.value;
    if (value?.type !== "hash") return undefined;
    const bytes = value.get(identifierOf(this.#index, field));
    return bytes === undefined ? undefined : toBuffer(bytes);
  }

  #entryOf(id: number): Entry | undefined {
    const key = this.#index.documents.keyOf(id);
    return key === undefined ? undefined : this.#context.keyspace.peek(DATABASE, key);
  }
}

function expiredAmong(
  search: Search,
  { nearest }: EngineAnswer,
  state: KeyspaceState,
): Bitmap | null {
  const expired = new Bitmap(0);
  for (const id of nearest?.ids ?? []) {
    if (search.query.index.documents.live.has(id) && state.hasExpired(id)) expired.add(id);
  }
  return expired.count === 0 ? null : expired;
}

function complete(
  context: CommandContext,
  search: Search,
  found: Found,
  state: KeyspaceState,
): Reply {
  const { options, query, profile } = search;
  context.waitFor(query.index.ingestedSequence);
  // Of very many, only those of the page are looked at for their expiry.
  const isLookedAt = state.mayExpire && found.ids.length <= EXPIRY_CHECKS_MAX;
  const present = isLookedAt ? found.ids.filter((id) => !state.hasExpired(id)) : found.ids;
  const sortKey = search.sortKey?.(found);
  const isSorted = sortKey !== undefined && options.sort !== undefined && options.count > 0;
  const isAscending = options.sort?.isAscending !== false;
  // What is nearest comes first already.
  const isInOrder = isAscending && options.sort?.name === found.order;
  const sorted = (count: number): Uint32Array =>
    isSorted && !isInOrder
      ? timed(profile, "sort", () => firstSorted(present, sortKey, isAscending, count))
      : present;
  const ordered = sorted(options.offset + options.count);
  let page = timed(profile, "load", () => pageOf(context, search, state, ordered));
  // Documents of the page were gone, so it goes on behind what was sorted.
  const isShort = page.goneCount > 0 && page.documents.length < options.count;
  if (isSorted && isShort) page = pageOf(context, search, state, sorted(present.length));
  const total = present.length - page.goneCount;
  const { documents } = page;
  const reply = timed(profile, "load", () =>
    searchReply({ total, documents, found, sortKey }, search.layout),
  );
  if (profile === undefined) return reply;
  const counts = { found: found.ids.length, documents: documents.length };
  return profileReply(reply, profile, query, counts, search.layout.isFlat);
}

/** A document's key is looked up only for fields that the index itself does not hold. */
function pageOf(
  context: CommandContext,
  { query, options, layout }: Search,
  state: KeyspaceState,
  ids: Uint32Array,
): { readonly documents: PageDocument[]; readonly goneCount: number } {
  const documents: PageDocument[] = [];
  let goneCount = 0;
  for (
    let place = options.offset;
    place < ids.length && documents.length < options.count;
    place += 1
  ) {
    const id = ids[place];
    const key = query.index.documents.keyOf(id);
    if (key === undefined || state.hasExpired(id)) {
      goneCount += 1;
    } else if (!layout.needsHash) {
      documents.push({ id, key, fields: noFields });
    } else {
      const value = context.lookupIn(DATABASE, key)?.value;
      if (value?.type !== "hash") goneCount += 1;
      else documents.push({ id, key, fields: liveFields(value, context.nowMs) });
    }
  }
  return { documents, goneCount };
}
