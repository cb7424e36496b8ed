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
import { evaluate } from "./evaluate.ts";
import { type Measured, measure } from "./measure.ts";
import { type SearchProfile, timed } from "./profile.ts";
import type { ResolvedQuery } from "./resolve.ts";

export interface Found {
  /** Nearest first where there is one vector clause, else ascending. */
  readonly ids: Uint32Array;
  /** By the name under which they come back. */
  readonly distances: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

/** What the engine found, of the documents at `moment`. */
export interface EngineAnswer {
  readonly moment: number;
  /** The live documents then; not kept for a first KNN search, which seldom needs them. */
  readonly liveThen: Bitmap | undefined;
  /** One for each VECTOR_RANGE of the query. */
  readonly ranges: readonly Neighbors[];
  readonly nearest: Neighbors | undefined;
  /** K and what was asked for beyond it. */
  readonly askedCount: number;
}

/** What the keyspace says of a document now. */
export interface PresentState {
  hasExpired(id: number): boolean;
  /** The bytes of the field that the attribute is read from. */
  vectorOf(id: number, field: string): Buffer | undefined;
}

/** So many removals later, an id may stand for another document. */
const ID_REUSE_MIN = 4096;
const noStopwords: ReadonlySet<string> = new Set();

export function needsVectors(query: ResolvedQuery): boolean {
  return query.nearest !== undefined || query.ranges.length > 0;
}

/** Without vectors: at once. */
export function findNow(query: ResolvedQuery, profile?: SearchProfile): Found {
  const ids = timed(profile, "filter", () => filtered(query, new Map()).toArray());
  if (profile !== undefined) profile.filterCount = ids.length;
  return { ids, distances: new Map() };
}

/** The documents that pass the filter now; ours to change. */
function filtered(query: ResolvedQuery, inRange: ReadonlyMap<RangeNode, Bitmap>): Bitmap {
  const { index, parameters, scope } = query;
  const matching = evaluate(query.checked.parsed.root, {
    index,
    parameters,
    inRange,
    fields: scope.fields ?? null,
    stopwords: scope.isWithStopwords ? noStopwords : index.stopwords,
  });
  if (scope.keys === undefined) return matching;
  const wanted = new Bitmap(0);
  for (const key of scope.keys) {
    const id = index.documents.idOf(key);
    if (id !== undefined) wanted.add(id);
  }
  return matching.intersect(wanted);
}

/** `excluded`: documents known to have expired; `surplus`: neighbors beyond K. */
export async function askEngine(
  query: ResolvedQuery,
  excluded: Bitmap | null,
  surplus: number,
  profile?: SearchProfile,
): Promise<EngineAnswer> {
  const { index, timeoutMs, nearest } = query;
  const isProfiled = profile !== undefined;
  // Begun at once if it can be: what is executed after this command is not to be seen.
  if (index.isBackfilling) await index.whenBackfilled();
  const { moment, live } = index.documents;
  const liveThen = query.ranges.length > 0 || surplus > 0 ? live.clone() : undefined;
  const inRange = new Map<RangeNode, Bitmap>();
  let ranges: readonly Neighbors[] = [];
  if (query.ranges.length > 0) {
    const asked = Promise.all(
      query.ranges.map(({ attribute, query: vector, radius }) =>
        attribute.index.withinRange({ query: vector, radius, filter: null, timeoutMs, isProfiled }),
      ),
    );
    ranges = await (profile === undefined ? asked : profile.wait(asked));
    for (const [place, { node }] of query.ranges.entries()) {
      inRange.set(node, bitmapOf(ranges[place].ids));
    }
  }
  const askedCount = nearest === undefined ? 0 : nearest.k + surplus;
  const answer = { moment, liveThen, ranges, askedCount };
  if (profile !== undefined) {
    profile.askCount += 1;
    profile.ranges = ranges;
  }
  if (nearest === undefined || nearest.k === 0) return { ...answer, nearest: undefined };
  const { root } = query.checked.parsed;
  const isEverything = root?.kind === "all" && excluded === null && query.scope.keys === undefined;
  const filter = isEverything ? null : timed(profile, "filter", () => filtered(query, inRange));
  // Documents that came while the ranges were searched were not looked at by them.
  if (liveThen !== undefined) filter?.intersect(liveThen);
  if (excluded !== null) filter?.subtract(excluded);
  const { attribute, query: vector, efRuntime } = nearest;
  const request = { query: vector, k: askedCount, efRuntime, filter, timeoutMs, isProfiled };
  if (profile === undefined) {
    return { ...answer, nearest: await attribute.index.nearest(request) };
  }
  profile.filterCount = filter?.count;
  profile.nearest = await profile.wait(attribute.index.nearest(request));
  return { ...answer, nearest: profile.nearest };
}

/** The answer as it is now; undefined when the engine has to be asked for more. */
export function settle(
  query: ResolvedQuery,
  answer: EngineAnswer,
  state: PresentState,
): Found | undefined {
  const newcomers = newcomersSince(query, answer);
  const distances = new Map<string, Map<number, number>>();
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
    if (distanceName !== undefined) distances.set(distanceName, byId(measured));
  }
  const { nearest } = query;
  if (nearest === undefined) {
    const matching = filtered(query, inRange);
    const isOrdered = query.ranges.length === 1;
    return { ids: isOrdered ? firstInOrder(rangeOrder, matching) : matching.toArray(), distances };
  }
  if (nearest.k === 0 || answer.nearest === undefined)
    return { ids: new Uint32Array(0), distances };
  const { ids: foundIds } = answer.nearest;
  const present = unchangedOf(answer.nearest, query, answer.moment, state);
  const isAllThere = present.ids.length === foundIds.length;
  if (!isAllThere && answer.liveThen === undefined) return undefined;
  let merged = present;
  if (!isAllThere && newcomers.length > 0) {
    const matching = filtered(query, inRange);
    const matchingNewcomers = newcomers.filter((id) => matching.has(id) && !state.hasExpired(id));
    merged = withNewcomers(present, measure(nearest, matchingNewcomers, state));
  }
  const isExhausted = foundIds.length < answer.askedCount;
  const horizon = isExhausted ? Number.POSITIVE_INFINITY : lastDistance(answer.nearest);
  const isSure = isExhausted || (merged.distances[nearest.k - 1] ?? Number.NaN) <= horizon;
  if (!isAllThere && !isSure) return undefined;
  const ids = merged.ids.subarray(0, nearest.k);
  distances.set(nearest.name, byId(merged));
  return { ids, distances };
}

/**
 * Documents that are there now and were not, or were another version, when the engine was asked.
 */
function newcomersSince({ index }: ResolvedQuery, { moment, liveThen }: EngineAnswer): number[] {
  const { documents } = index;
  if (liveThen === undefined || documents.moment === moment) return [];
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

function byId({ ids, distances }: Neighbors): Map<number, number> {
  const map = new Map<number, number>();
  for (let place = 0; place < ids.length; place += 1) map.set(ids[place], distances[place]);
  return map;
}

export function isTimeout(reason: unknown): boolean {
  return reason instanceof SearchTimeout;
}
