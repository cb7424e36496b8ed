/**
 * FT.SEARCH: everything that can be wrong is said before any work. Searches with vectors, and all
 * searches while existing keys are still being indexed, answer later.
 *
 * A document that changed while the vector engine searched is not returned as it was: the search is
 * repeated, and after a few times it asks for more neighbours than K and leaves the changed ones out.
 */
import { Bitmap } from "../../base/bitmap.ts";
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
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
import { multiple, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { quoted } from "./argument-cursor.ts";
import { wantsFlatPairs } from "./reply-layout.ts";
import { parseSearchOptions, type SearchOptions } from "./search-options.ts";
import { type Hit, searchReply } from "./search-reply.ts";

/** Documents live in database 0. */
const DATABASE = 0;
const PLAIN_ATTEMPTS = 3;
const ATTEMPTS_MAX = 8;
const SURPLUS = 64;

export const ftSearchCommand: Command = {
  name: "ft.search",
  group: "search",
  summary: "Searches an index with a query and returns the documents that match.",
  since: "1.0.0",
  complexity: "O(N)",
  arity: -3,
  flags: ["readonly"],
  arguments: [string("index"), string("query"), optional(multiple(string("option")))],
  run: search,
};

interface Search {
  readonly query: ResolvedQuery;
  readonly options: SearchOptions;
  readonly sortKey: ((found: Found) => SortKey) | undefined;
  readonly attempt: number;
  /** Documents whose keys have expired but are still in the index. */
  readonly expired: Bitmap;
}

function search(context: CommandContext, args: readonly Bytes[]): Reply {
  const name = toBinaryString(args[1]);
  const index = context.search.find(name);
  if (index === undefined) return new ErrorReply(`${quoted(name).slice(1, -1)}: no such index`);
  const options = parseSearchOptions(args, 3);
  if (options instanceof ErrorReply) return options;
  const checked = preparedQuery(toBinaryString(args[2]), index);
  if (checked instanceof ErrorReply) return checked;
  const query = resolveQuery(index, checked, options.parameters, options.timeoutMs);
  if (query instanceof ErrorReply) return query;
  let sortKey: Search["sortKey"];
  if (options.sortBy !== undefined) {
    sortKey = sortKeyOf(index, checked.distanceNames, options.sortBy);
    if (sortKey === undefined) {
      return new ErrorReply(`Property ${quoted(options.sortBy)} not loaded nor in schema`);
    }
  }
  const begun = { query, options, sortKey, attempt: 0, expired: new Bitmap(0) };
  if (needsVectors(query)) return searchLater(context, begun);
  if (!index.isBackfilling) return answer(context, begun, findNow(query));
  return context.defer(
    index.whenBackfilled(),
    (later) => answer(later, begun, findNow(query)),
    failed,
  );
}

function searchLater(context: CommandContext, begun: Search): Reply {
  const { query, attempt, expired } = begun;
  const surplus = attempt < PLAIN_ATTEMPTS ? 0 : SURPLUS << (attempt - PLAIN_ATTEMPTS);
  return context.defer(
    findLater(query, expired.count === 0 ? null : expired, surplus),
    (later, found) => {
      const isLast = attempt + 1 >= ATTEMPTS_MAX;
      const unchanged = unchangedOf(query, found);
      const k = query.nearest?.k ?? unchanged.length;
      const isShort =
        query.nearest !== undefined && unchanged.length < Math.min(k, found.ids.length);
      if (isShort && !isLast) return searchLater(later, { ...begun, attempt: attempt + 1 });
      return answer(later, begun, { ...found, ids: unchanged.subarray(0, k) });
    },
    failed,
  );
}

function failed(reason: unknown): Reply {
  if (isTimeout(reason)) return new ErrorReply("Timeout limit was reached");
  // Mostly the index was dropped meanwhile; whatever it was, the client hears of it.
  const text = reason instanceof Error ? reason.message : String(reason);
  return new ErrorReply(`The search was given up: ${printable(text)}`);
}

/** Without documents that have changed or gone since the search began. */
function unchangedOf({ index }: ResolvedQuery, { ids, moment }: Found): Uint32Array {
  return ids.filter((id) => index.documents.isUnchangedSince(id, moment));
}

function answer(context: CommandContext, begun: Search, found: Found): Reply {
  const { query, options, sortKey, attempt, expired } = begun;
  const { index } = query;
  if (context.search.find(index.name) !== index) {
    return new ErrorReply(`${quoted(index.name).slice(1, -1)}: no such index`);
  }
  context.waitFor(index.ingestedSequence);
  let { ids } = found;
  const { inKeys } = options;
  if (inKeys !== undefined) {
    const wanted = new Set(inKeys.map((key) => index.documents.idOf(key)));
    ids = ids.filter((id) => wanted.has(id));
  }
  if (options.isCountOnly) return [ids.length];
  const key = sortKey?.(found);
  if (key !== undefined && options.count > 0) ids = sortIds(ids, key, options.isAscending);
  let total = ids.length;
  let expiredCount = 0;
  const hits: Hit[] = [];
  for (let place = options.offset; place < ids.length && hits.length < options.count; place += 1) {
    const id = ids[place];
    const documentKey = index.documents.keyOf(id);
    // A key whose time has come is removed by this lookup, or only treated as absent.
    const entry = documentKey === undefined ? undefined : context.lookupIn(DATABASE, documentKey);
    if (documentKey === undefined || entry?.value.type !== "hash") {
      total -= 1;
      expiredCount += 1;
      expired.add(id);
      continue;
    }
    const { fields } = entry.value;
    hits.push({ id, key: documentKey, fields, sortValue: key?.(id) });
  }
  if (expiredCount > 0 && query.nearest !== undefined && attempt + 1 < ATTEMPTS_MAX) {
    return searchLater(context, { ...begun, attempt: attempt + 1 });
  }
  return searchReply(index, options, found, total, hits, wantsFlatPairs(context.session));
}
