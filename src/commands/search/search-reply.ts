/**
 * FT.SEARCH's reply: RediSearch's list on RESP2, its map on RESP3, the list again for GLIDE.
 *
 * Fields come in the order of `search-layout.ts`, or as the hash has them; each name once.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { doubleText } from "../../base/float-text.ts";
import type { HashView } from "../../keyspace/view.ts";
import { DoubleReply, MapReply, type Reply, SimpleString } from "../../resp/frame.ts";
import { distanceText, preciseText } from "../../search/query/distance-text.ts";
import type { Found } from "../../search/query/execute.ts";
import type { SortKey } from "../../search/query/order.ts";
import type { ReplyLayout, ShownField } from "./search-layout.ts";

export interface ReplyPage {
  readonly total: number;
  readonly documents: readonly PageDocument[];
  readonly found: Found;
  readonly sortKey: SortKey | undefined;
}

export interface PageDocument {
  readonly id: number;
  readonly key: string;
  /** The hash as it is now; empty where the layout does not need it. */
  readonly fields: Omit<HashView, "held">;
}

/** No relevance is computed: every document that matches scores the same. */
const SCORE = 1;

const ATTRIBUTES = new SimpleString("attributes");
const TOTAL_RESULTS = new SimpleString("total_results");
const FORMAT = new SimpleString("format");
const STRING = new SimpleString("STRING");
const RESULTS = new SimpleString("results");
const WARNING = new SimpleString("warning");
const ID = new SimpleString("id");
const SCORE_NAME = new SimpleString("score");
const PAYLOAD = new SimpleString("payload");
const SORT_KEY = new SimpleString("sortkey");
const EXTRA_ATTRIBUTES = new SimpleString("extra_attributes");
const VALUES = new SimpleString("values");
const NOTHING: readonly Reply[] = [];

export function searchReply(page: ReplyPage, layout: ReplyLayout): Reply {
  return layout.isFlat ? flatReply(page, layout) : mapReply(page, layout);
}

function flatReply(page: ReplyPage, layout: ReplyLayout): Reply {
  const { options } = layout;
  const reply: Reply[] = [page.total];
  for (const document of page.documents) {
    reply.push(document.key);
    if (options.isWithScores) reply.push(doubleText(SCORE));
    if (options.isWithPayloads) reply.push(null);
    if (options.isWithSortKeys) reply.push(sortKeyText(document, page, layout));
    if (!options.isWithoutContent) reply.push(fieldsOf(document, page, layout));
  }
  return reply;
}

function mapReply(page: ReplyPage, layout: ReplyLayout): Reply {
  const { options } = layout;
  const results = page.documents.map((document) => {
    const entries: Reply[] = [ID, document.key];
    if (options.isWithScores) entries.push(SCORE_NAME, new DoubleReply(SCORE));
    if (options.isWithPayloads) entries.push(PAYLOAD, null);
    if (options.isWithSortKeys) entries.push(SORT_KEY, sortKeyText(document, page, layout));
    if (!options.isWithoutContent) {
      entries.push(EXTRA_ATTRIBUTES, new MapReply(fieldsOf(document, page, layout)));
    }
    entries.push(VALUES, NOTHING);
    return new MapReply(entries);
  });
  return new MapReply([
    ATTRIBUTES,
    NOTHING,
    TOTAL_RESULTS,
    page.total,
    FORMAT,
    STRING,
    RESULTS,
    results,
    WARNING,
    NOTHING,
  ]);
}

function sortKeyText(document: PageDocument, page: ReplyPage, layout: ReplyLayout): Reply {
  const value = page.sortKey?.(document.id);
  if (value === undefined) return null;
  if (typeof value === "string") return `$${value}`;
  // RediSearch takes the text of a number for its key where it loads the whole hash for the reply.
  const raw = layout.isSortKeyRaw ? document.fields.get(layout.sortIdentifier) : undefined;
  return raw === undefined ? `#${preciseText(value)}` : `$${toBinaryString(raw)}`;
}

function fieldsOf(document: PageDocument, page: ReplyPage, layout: ReplyLayout): Reply[] {
  const { shown } = layout;
  return shown === null
    ? everyField(document, page, layout)
    : returnedFields(document, page.found, shown);
}

function everyField({ id, fields }: PageDocument, page: ReplyPage, layout: ReplyLayout): Reply[] {
  const reply: Reply[] = [];
  for (const name of layout.distanceNames) {
    const distance = page.found.distances.get(name)?.of(id);
    if (distance !== undefined) reply.push(name, distanceText(distance));
  }
  const sortName = layout.options.sort?.name;
  const sorted = sortName === undefined ? undefined : fields.get(layout.sortIdentifier);
  const isSortShown =
    sortName !== undefined && sorted !== undefined && !layout.distanceNames.includes(sortName);
  if (isSortShown) reply.push(sortName, sorted);
  for (const [field, value] of fields) {
    if (isSortShown && field === sortName) continue;
    if (layout.distanceNames.includes(field)) continue;
    reply.push(field, value);
  }
  return reply;
}

function returnedFields(
  { id, key, fields }: PageDocument,
  { distances }: Found,
  shown: readonly ShownField[],
): Reply[] {
  const reply: Reply[] = [];
  for (let place = 0; place < shown.length; place += 1) {
    const { alias, distance, identifier, column, isKey } = shown[place];
    if (distance !== undefined) {
      const value = distances.get(distance)?.of(id);
      if (value !== undefined) reply.push(alias, distanceText(value));
      continue;
    }
    const value = column === undefined ? fields.get(identifier) : column[id];
    if (value !== undefined) reply.push(alias, value);
    else if (isKey) reply.push(alias, key);
  }
  return reply;
}
