/**
 * FT.PROFILE's reply: the search's own, and beside it what it took. The layout is RediSearch's
 * (2.10), so that clients parse it; what is in it is ours: the engine's way, and its counts.
 *
 * Times are milliseconds. An iterator's time is that of its own work.
 */
import { DoubleReply, MapReply, type Reply, SimpleString } from "../../resp/frame.ts";
import type { QueryNode } from "../../search/query/ast.ts";
import type { SearchProfile } from "../../search/query/profile.ts";
import type { ResolvedQuery } from "../../search/query/resolve.ts";
import { pairs } from "./reply-layout.ts";

export interface ProfiledCounts {
  /** What the search found, and of it what came onto the page. */
  readonly found: number;
  readonly documents: number;
}

type Entry = readonly [name: string, value: Reply];
type Answer = SearchProfile["ranges"][number];

/** As RediSearch names what reads a clause. */
const iteratorTypes: Readonly<Record<QueryNode["kind"], string>> = {
  all: "WILDCARD",
  and: "INTERSECT",
  or: "UNION",
  not: "NOT",
  optional: "OPTIONAL",
  tag: "TAG",
  numeric: "NUMERIC",
  word: "TEXT",
  phrase: "TEXT",
  missing: "MISSING",
  range: "METRIC - VECTOR DISTANCE",
};

export function profileReply(
  reply: Reply,
  profile: SearchProfile,
  query: ResolvedQuery,
  counts: ProfiledCounts,
  isFlat: boolean,
): Reply {
  const { stepMs } = profile;
  const times: Entry[] = [
    ["Total profile time", milliseconds(profile.totalMs)],
    ["Parsing time", milliseconds(stepMs.parse)],
    ["Pipeline creation time", milliseconds(stepMs.prepare)],
  ];
  const iterator = rootIterator(profile, query, counts, isFlat);
  const processors = processorsOf(profile, query, counts).map((entries) => named(isFlat, entries));
  if (isFlat || !(reply instanceof MapReply)) {
    const lines: Reply[] = times.map(([name, value]) => [new SimpleString(name), value]);
    lines.push([new SimpleString("Warning")]);
    lines.push([new SimpleString("Iterators profile"), iterator]);
    lines.push([new SimpleString("Result processors profile"), ...processors]);
    return [reply, lines];
  }
  const map = named(false, [
    ...times,
    ["Warning", new SimpleString("None")],
    ["Iterators profile", [iterator]],
    ["Result processors profile", processors],
  ]);
  return new MapReply([...reply.entries, new SimpleString("profile"), map]);
}

function rootIterator(
  profile: SearchProfile,
  query: ResolvedQuery,
  counts: ProfiledCounts,
  isFlat: boolean,
): Reply {
  const ranges = profile.ranges.map((answer) =>
    named(isFlat, [
      ["Type", new SimpleString(iteratorTypes.range)],
      ...answerEntries(answer, answer.work?.searchedMs ?? 0),
    ]),
  );
  const filter = filterIterator(profile, query, counts, ranges, isFlat);
  const { nearest } = query;
  if (nearest === undefined) return filter;
  const entries: Entry[] = [["Type", new SimpleString("VECTOR")]];
  const answer = profile.nearest;
  if (answer === undefined) {
    entries.push(["Time", milliseconds(0)], ["Counter", 0]);
  } else {
    entries.push(...answerEntries(answer, answer.work?.searchedMs ?? profile.stepMs.engine));
  }
  entries.push(["K", nearest.k], ["Searches", profile.askCount]);
  if (profile.filterCount !== undefined && !profile.isLimited) {
    entries.push(["Child iterator", filter]);
  }
  return named(isFlat, entries);
}

function filterIterator(
  profile: SearchProfile,
  query: ResolvedQuery,
  counts: ProfiledCounts,
  ranges: readonly Reply[],
  isFlat: boolean,
): Reply {
  const { root } = query.checked.parsed;
  // A range alone is what it reads.
  if (root?.kind === "range" && ranges.length === 1) return ranges[0];
  const entries: Entry[] = [
    ["Type", new SimpleString(root === null ? "EMPTY" : iteratorTypes[root.kind])],
    ["Time", milliseconds(profile.stepMs.filter)],
    ["Counter", profile.filterCount ?? counts.found],
  ];
  if (ranges.length > 0 && !profile.isLimited) entries.push(["Child iterators", ranges]);
  return named(isFlat, entries);
}

function answerEntries({ ids, method, work }: Answer, timeMs: number): Entry[] {
  const entries: Entry[] = [
    ["Time", milliseconds(timeMs)],
    ["Counter", ids.length],
    ["Method", new SimpleString(method)],
  ];
  if (work === undefined) return entries;
  entries.push(
    ["Waiting time", milliseconds(work.waitedMs)],
    ["Matching", work.matchingCount],
    ["Vectors", work.totalCount],
    ["Nodes visited", work.hopCount],
    ["Distances of codes", work.codeDistanceCount],
    ["Re-ranked", work.rerankedCount],
    ["Tail scanned", work.tailCount],
    ["Scanned", work.scannedCount],
  );
  return entries;
}

function processorsOf(
  { stepMs }: SearchProfile,
  query: ResolvedQuery,
  counts: ProfiledCounts,
): readonly (readonly Entry[])[] {
  const processor = (type: string, timeMs: number, count: number): readonly Entry[] => [
    ["Type", new SimpleString(type)],
    ["Time", milliseconds(timeMs)],
    ["Counter", count],
  ];
  const processors = [processor("Index", stepMs.filter + stepMs.engine, counts.found)];
  if (query.nearest !== undefined || query.ranges.length > 0) {
    processors.push(processor("Metrics Applier", 0, counts.found));
  }
  processors.push(processor("Sorter", stepMs.sort, counts.found));
  processors.push(processor("Loader", stepMs.load, counts.documents));
  return processors;
}

function named(isFlat: boolean, entries: readonly Entry[]): Reply {
  return pairs(
    isFlat,
    entries.flatMap(([name, value]) => [new SimpleString(name), value]),
  );
}

function milliseconds(durationMs: number): DoubleReply {
  return new DoubleReply(Math.round(durationMs * 1000) / 1000);
}
