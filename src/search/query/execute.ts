/**
 * Runs a resolved query: filters as bitmaps, distances from the vector engine.
 *
 * The engine answers later, from the documents as they were when it was asked. `settle` then makes
 * the answer true of the present: what changed or went is left out, what came since is measured
 * here, and if that does not give K of K, the caller asks the engine again for more.
 */
import { Bitmap } from "../../base/bitmap.ts";
import { type Neighbors, SearchTimeout } from "../../vector/vector-index.ts";
import type { RangeNode } from "./ast.ts";
import { Distances } from "./distances.ts";
import { evaluate, type Matches, owned } from "./evaluate.ts";
import { cachedFilter, isCacheable } from "./filter-cache.ts";
import { type Measured, measure } from "./measure.ts";
import { type SearchProfile, timed } from "./profile.ts";
import type { ResolvedQuery } from "./resolve.ts";

export interface Found {
  /** Nearest first where there is one vector clause, else ascending. */
  readonly ids: Uint32Array;
  /** By the name under which they come back. */
  readonly distances: ReadonlyMap<string, Distances>;
  /** The one of them in whose order the ids are (ties by id), if there is one. */
  readonly order: string | undefined;
}

/** What the engine found, of the documents at `moment`. */
export interface EngineAnswer {
  readonly moment: number;
  /** While it is still the index's, all that was found is as it was. */
  readonly changeCount: number;
  /** The live documents then; not kept for a first KNN search, which seldom needs them. */
  readonly liveThen: Bitmap | undefined;
  /** One for each VECTOR_RANGE of the query. */
  readonly ranges: readonly Neighbors[];
  readonly nearest: Neighbors | undefined;
  /** K and what was asked for beyond it. */
  readonly askedCount: number;
}

/** Told once, and never while a command runs. */
export interface EngineWaiter {
  answered(answer: EngineAnswer): void;
  failed(reason: unknown): void;
}

/** What the keyspace says of a document now. */
export interface PresentState {
  /** Whether any document can have expired. */
  readonly mayExpire: boolean;

  hasExpired(id: number): boolean;
  /** The bytes of the field that the attribute is read from. */
  vectorOf(id: number, field: string): Buffer | undefined;
}

/** So many removals later, an id may stand for another document. */
const ID_REUSE_MIN = 4096;
const noStopwords: ReadonlySet<string> = new Set();
const noRanges: ReadonlyMap<RangeNode, Bitmap> = new Map();
const noNeighbors: readonly Neighbors[] = [];
const noNewcomers: readonly number[] = [];

export function needsVectors(query: ResolvedQuery): boolean {
  return query.nearest !== undefined || query.ranges.length > 0;
}

/** Without vectors: at once. */
export function findNow(query: ResolvedQuery, profile?: SearchProfile): Found {
  const ids = timed(profile, "filter", () => filtered(query, noRanges).bitmap.toArray());
  if (profile !== undefined) profile.filterCount = ids.length;
  return { ids, distances: new Map(), order: undefined };
}

/** The documents that pass the filter now. */
function filtered(query: ResolvedQuery, inRange: ReadonlyMap<RangeNode, Bitmap>): Matches {
  if (isCacheable(query)) {
    const bitmap = cachedFilter(query, () => evaluated(query, noRanges).bitmap);
    return { bitmap, isOwned: false };
  }
  const matching = evaluated(query, inRange);
  const { keys } = query.scope;
  if (keys === undefined) return matching;
  const wanted = new Bitmap(0);
  for (const key of keys) {
    const id = query.index.documents.idOf(key);
    if (id !== undefined) wanted.add(id);
  }
  return { bitmap: wanted.intersect(matching.bitmap), isOwned: true };
}

function evaluated(query: ResolvedQuery, inRange: ReadonlyMap<RangeNode, Bitmap>): Matches {
  const { index, parameters, scope } = query;
  return evaluate(query.checked.parsed.root, {
    index,
    parameters,
    inRange,
    fields: scope.fields ?? null,
    stopwords: scope.isWithStopwords ? noStopwords : index.stopwords,
  });
}

/** `excluded`: documents known to have expired; `surplus`: neighbors beyond K. */
export function askEngine(
  query: ResolvedQuery,
  excluded: Bitmap | null,
  surplus: number,
  waiter: EngineWaiter,
  profile?: SearchProfile,
): void {
  // Begun at once if it can be: what is executed after this command is not to be seen.
  if (query.ranges.length === 0 && !query.index.isBackfilling) {
    askNearest(query, begin(query, surplus), noRanges, excluded, waiter, profile);
    return;
  }
  findRanges(query, surplus, profile).then(
    ({ answer, inRange }) => askNearest(query, answer, inRange, excluded, waiter, profile),
    (reason: unknown) => waiter.failed(reason),
  );
}

function begin({ index, ranges, nearest }: ResolvedQuery, surplus: number): EngineAnswer {
  const { moment, changeCount, live } = index.documents;
  return {
    moment,
    changeCount,
    liveThen: ranges.length > 0 || surplus > 0 ? live.clone() : undefined,
    ranges: noNeighbors,
    nearest: undefined,
    askedCount: nearest === undefined ? 0 : nearest.k + surplus,
  };
}

async function findRanges(
  query: ResolvedQuery,
  surplus: number,
  profile: SearchProfile | undefined,
): Promise<{ answer: EngineAnswer; inRange: ReadonlyMap<RangeNode, Bitmap> }> {
  const { index, timeoutMs } = query;
  const isProfiled = profile !== undefined;
  if (index.isBackfilling) await index.whenBackfilled();
  const begun = begin(query, surplus);
  const asked = Promise.all(
    query.ranges.map(({ attribute, query: vector, radius }) =>
      attribute.index.withinRange({ query: vector, radius, filter: null, timeoutMs, isProfiled }),
    ),
  );
  const ranges = await (profile === undefined ? asked : profile.wait(asked));
  if (profile !== undefined) profile.ranges = ranges;
  const inRange = new Map<RangeNode, Bitmap>();
  for (const [place, { node }] of query.ranges.entries()) {
    inRange.set(node, bitmapOf(ranges[place].ids));
  }
  return { answer: { ...begun, ranges }, inRange };
}

function askNearest(
  query: ResolvedQuery,
  answer: EngineAnswer,
  inRange: ReadonlyMap<RangeNode, Bitmap>,
  excluded: Bitmap | null,
  waiter: EngineWaiter,
  profile: SearchProfile | undefined,
): void {
  const { nearest, timeoutMs } = query;
  if (profile !== undefined) profile.askCount += 1;
  if (nearest === undefined || nearest.k === 0) {
    queueMicrotask(() => waiter.answered(answer));
    return;
  }
  const { attribute, query: vector, efRuntime } = nearest;
  const { moment, changeCount, liveThen, ranges, askedCount } = answer;
  const filter = timed(profile, "filter", () => filterOf(query, answer, inRange, excluded));
  const isProfiled = profile !== undefined;
  const request = { query: vector, k: askedCount, efRuntime, filter, timeoutMs, isProfiled };
  const found = (neighbors: Neighbors): void =>
    waiter.answered({ moment, changeCount, liveThen, ranges, nearest: neighbors, askedCount });
  const failed = (reason: unknown): void => waiter.failed(reason);
  if (profile === undefined) {
    attribute.index.ask(request, { found, failed });
    return;
  }
  profile.filterCount = filter?.count;
  profile.wait(attribute.index.nearest(request)).then((neighbors) => {
    profile.nearest = neighbors;
    found(neighbors);
  }, failed);
}

/** null where every document passes. */
function filterOf(
  query: ResolvedQuery,
  { liveThen }: EngineAnswer,
  inRange: ReadonlyMap<RangeNode, Bitmap>,
  excluded: Bitmap | null,
): Bitmap | null {
  const { root } = query.checked.parsed;
  if (root?.kind === "all" && excluded === null && query.scope.keys === undefined) return null;
  const matches = filtered(query, inRange);
  if (liveThen === undefined && excluded === null) return matches.bitmap;
  const filter = owned(matches);
  // Documents that came while the ranges were searched were not looked at by them.
  if (liveThen !== undefined) filter.intersect(liveThen);
  return excluded === null ? filter : filter.subtract(excluded);
}

/** The answer as it is now; undefined when the engine has to be asked for more. */
export function settle(
  query: ResolvedQuery,
  answer: EngineAnswer,
  state: PresentState,
): Found | undefined {
  const isAsItWas = answer.changeCount === query.index.documents.changeCount && !state.mayExpire;
  if (isAsItWas && answer.nearest !== undefined && query.ranges.length === 0) {
    return foundNearest(query, answer.nearest, new Map());
  }
  const newcomers = newcomersSince(query, answer);
  const distances = new Map<string, Distances>();
  const inRange = new Map<RangeNode, Bitmap>();
  let rangeOrder: Uint32Array = new Uint32Array(0);
  for (const [place, range] of query.ranges.entries()) {
    const measured = withNewcomers(
      unchangedOf(answer.ranges[place], query, answer.moment),
      measure(range, newcomers, state).filter(({ distance }) => distance <= range.radius),
    );
    rangeOrder = measured.ids;
    inRange.set(range.node, bitmapOf(measured.ids));
    const { distanceName } = range.node;
    if (distanceName !== undefined) {
      distances.set(distanceName, new Distances(measured.ids, measured.distances));
    }
  }
  const { nearest } = query;
  if (nearest === undefined) return foundInRanges(query, rangeOrder, inRange, distances);
  if (nearest.k === 0 || answer.nearest === undefined) {
    return { ids: new Uint32Array(0), distances, order: undefined };
  }
  const { ids: foundIds } = answer.nearest;
  const present = unchangedOf(answer.nearest, query, answer.moment, state);
  const isAllThere = present.ids.length === foundIds.length;
  if (!isAllThere && answer.liveThen === undefined) return undefined;
  let merged = present;
  if (!isAllThere && newcomers.length > 0) {
    const { bitmap } = filtered(query, inRange);
    const matchingNewcomers = newcomers.filter((id) => bitmap.has(id) && !state.hasExpired(id));
    merged = withNewcomers(present, measure(nearest, matchingNewcomers, state));
  }
  const isExhausted = foundIds.length < answer.askedCount;
  const horizon = isExhausted ? Number.POSITIVE_INFINITY : lastDistance(answer.nearest);
  const isSure = isExhausted || (merged.distances[nearest.k - 1] ?? Number.NaN) <= horizon;
  return isAllThere || isSure ? foundNearest(query, merged, distances) : undefined;
}

function foundInRanges(
  query: ResolvedQuery,
  rangeOrder: Uint32Array,
  inRange: ReadonlyMap<RangeNode, Bitmap>,
  distances: ReadonlyMap<string, Distances>,
): Found {
  const { bitmap } = filtered(query, inRange);
  if (query.ranges.length !== 1) return { ids: bitmap.toArray(), distances, order: undefined };
  const order = query.ranges[0].node.distanceName;
  return { ids: firstInOrder(rangeOrder, bitmap), distances, order };
}

/** The first K, with the distances of the ranges. */
function foundNearest(
  { nearest }: ResolvedQuery,
  { ids, distances: values }: Neighbors,
  distances: Map<string, Distances>,
): Found {
  const k = nearest?.k ?? 0;
  const name = nearest?.name ?? "";
  distances.set(name, new Distances(ids, values));
  return { ids: ids.length > k ? ids.subarray(0, k) : ids, distances, order: name };
}

/**
 * Documents that are there now and were not, or were another version, when the engine was asked.
 */
function newcomersSince(
  { index }: ResolvedQuery,
  { moment, liveThen }: EngineAnswer,
): readonly number[] {
  const { documents } = index;
  if (liveThen === undefined || documents.moment === moment) return noNewcomers;
  const candidates = documents.live.clone();
  if (documents.moment - moment < ID_REUSE_MIN) candidates.subtract(liveThen);
  const newcomers: number[] = [];
  candidates.forEach((id) => {
    if (!documents.isUnchangedSince(id, moment)) newcomers.push(id);
  });
  return newcomers;
}

/** With a state, also without those that have expired. */
function unchangedOf(
  { ids, distances, method }: Neighbors,
  { index }: ResolvedQuery,
  moment: number,
  state?: PresentState,
): Neighbors {
  const places: number[] = [];
  for (let place = 0; place < ids.length; place += 1) {
    const id = ids[place];
    if (!index.documents.isUnchangedSince(id, moment)) continue;
    if (state?.hasExpired(id) !== true) places.push(place);
  }
  if (places.length === ids.length) return { ids, distances, method };
  return {
    ids: Uint32Array.from(places, (place) => ids[place]),
    distances: Float32Array.from(places, (place) => distances[place]),
    method,
  };
}

/** Both, nearest first, ties by id. */
function withNewcomers(neighbors: Neighbors, newcomers: readonly Measured[]): Neighbors {
  if (newcomers.length === 0) return neighbors;
  const all: Measured[] = [...newcomers];
  for (let place = 0; place < neighbors.ids.length; place += 1) {
    all.push({ id: neighbors.ids[place], distance: neighbors.distances[place] });
  }
  all.sort((left, right) => left.distance - right.distance || left.id - right.id);
  return {
    ids: Uint32Array.from(all, ({ id }) => id),
    distances: Float32Array.from(all, ({ distance }) => distance),
    method: neighbors.method,
  };
}

function lastDistance({ distances }: Neighbors): number {
  return distances[distances.length - 1] ?? Number.NEGATIVE_INFINITY;
}

/** What matches, in the order of the range; what matches without being in it comes after. */
function firstInOrder(order: Uint32Array, matching: Bitmap): Uint32Array {
  const ordered = order.filter((id) => matching.has(id));
  if (ordered.length === matching.count) return ordered;
  const rest = matching.clone();
  for (const id of ordered) rest.remove(id);
  const all = new Uint32Array(matching.count);
  all.set(ordered);
  all.set(rest.toArray(), ordered.length);
  return all;
}

function bitmapOf(ids: Uint32Array): Bitmap {
  const bitmap = new Bitmap(0);
  for (const id of ids) bitmap.add(id);
  return bitmap;
}

export function isTimeout(reason: unknown): boolean {
  return reason instanceof SearchTimeout;
}
