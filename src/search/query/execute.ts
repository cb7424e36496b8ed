/**
 * Runs a prepared query: filters as bitmaps, distances from the vector engine.
 *
 * What depends on PARAMS is resolved before any work. The vector engine answers later; documents
 * that changed meanwhile are told apart by `moment`, and the caller searches again.
 */
import { Bitmap } from "../../base/bitmap.ts";
import type { ErrorReply } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { vectorProblem } from "../../vector/vector-codec.ts";
import { type Neighbors, SearchTimeout } from "../../vector/vector-index.ts";
import type { SearchIndex, VectorAttribute } from "../search-index.ts";
import type { Bound, NearestClause, Operand, QueryNode, RangeNode } from "./ast.ts";
import { type CheckedQuery, nearestName } from "./check.ts";
import { evaluate } from "./evaluate.ts";
import { bufferOf, integerOf, numberOf, type Parameters, textOf } from "./parameters.ts";
import { orProblem, printable, QueryProblem } from "./query-problem.ts";

export interface Found {
  /** Nearest first where there is one vector clause, else ascending. */
  readonly ids: Uint32Array;
  /** By the name under which they come back. */
  readonly distances: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** `DocumentTable.moment` when the search began. */
  readonly moment: number;
}

interface ResolvedNearest {
  readonly attribute: VectorAttribute;
  readonly name: string;
  readonly query: Buffer;
  readonly k: number;
  readonly efRuntime: number;
}

interface ResolvedRange {
  readonly node: RangeNode;
  readonly attribute: VectorAttribute;
  readonly query: Buffer;
  readonly radius: number;
}

export interface ResolvedQuery {
  readonly index: SearchIndex;
  readonly checked: CheckedQuery;
  readonly parameters: Parameters;
  readonly nearest: ResolvedNearest | undefined;
  readonly ranges: readonly ResolvedRange[];
  readonly scope: SearchScope;
  readonly timeoutMs: number;
}

/** What narrows a search from outside the query's text. */
export interface SearchScope {
  /** Only these documents; undefined for all. */
  readonly keys: readonly string[] | undefined;
  /** What words without a field search; undefined for every TEXT attribute. */
  readonly fields: readonly string[] | undefined;
  /** Stop words are words like any other. */
  readonly isWithStopwords: boolean;
  readonly filters: readonly NumericFilter[];
}

export interface NumericFilter {
  readonly field: string;
  readonly min: string;
  readonly max: string;
}

export function resolveQuery(
  index: SearchIndex,
  prepared: CheckedQuery,
  parameters: Parameters,
  scope: SearchScope,
  timeoutMs: number,
): ResolvedQuery | ErrorReply {
  return orProblem(() => {
    const checked = withFilters(prepared, scope.filters, index);
    for (const field of scope.fields ?? []) requireText(index, field);
    const { nearest } = checked.parsed;
    const resolved = {
      index,
      checked,
      parameters,
      nearest: nearest === undefined ? undefined : resolveNearest(index, nearest, parameters),
      ranges: checked.ranges.map((node) => resolveRange(index, node, parameters)),
      scope,
      timeoutMs,
    };
    for (const operand of checked.texts) textOf(operand, parameters);
    for (const { operand, what } of checked.numbers) {
      numberOf(operand, parameters, (shown) => `Bad ${what} range: ${shown}`);
    }
    return resolved;
  });
}

/** FILTER's ranges beside the clauses of the text. */
function withFilters(
  checked: CheckedQuery,
  filters: readonly NumericFilter[],
  index: SearchIndex,
): CheckedQuery {
  const { parsed } = checked;
  if (filters.length === 0 || parsed.root === null) return checked;
  const children: QueryNode[] = [parsed.root];
  for (const { field, min, max } of filters) {
    if (index.attributes.get(field)?.kind !== "NUMERIC") {
      throw new QueryProblem(`Unknown numeric field \`${printable(field)}\` in FILTER`);
    }
    const node = {
      kind: "numeric",
      offset: 0,
      field,
      min: filterBound(min),
      max: filterBound(max),
    } as const;
    numberOf(node.min.value, noParameters, (shown) => `Bad lower range: ${shown}`);
    numberOf(node.max.value, noParameters, (shown) => `Bad upper range: ${shown}`);
    children.push(node);
  }
  return { ...checked, parsed: { ...parsed, root: { kind: "and", children } } };
}

const noParameters: Parameters = new Map();

function filterBound(text: string): Bound {
  const isExclusive = text.startsWith("(");
  const value = { kind: "text", text: isExclusive ? text.slice(1) : text } as const;
  return { value, isExclusive, isNegated: false };
}

function requireText(index: SearchIndex, field: string): void {
  if (index.attributes.get(field)?.kind === "TEXT") return;
  throw new QueryProblem(`Unknown text field \`${printable(field)}\` in INFIELDS`);
}

function resolveNearest(
  index: SearchIndex,
  nearest: NearestClause,
  parameters: Parameters,
): ResolvedNearest {
  const attribute = vectorAttribute(index, nearest.field);
  const k = integerOf(nearest.k, parameters, limits.searchKnnMax, "KNN");
  const { efRuntime, batchSize } = nearest;
  if (batchSize !== undefined) positive(batchSize, parameters, Number.MAX_SAFE_INTEGER);
  return {
    attribute,
    name: nearestName(nearest),
    query: queryVector(attribute, nearest.vector, parameters),
    k,
    efRuntime:
      efRuntime === undefined ? 0 : positive(efRuntime, parameters, limits.hnswEfRuntimeMax),
  };
}

const invalidValue = "Error parsing vector similarity parameters: Invalid value was given";

function positive(operand: Operand, parameters: Parameters, max: number): number {
  const text = textOf(operand, parameters);
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= max) return value;
  throw new QueryProblem(
    `${invalidValue}: ${printable(text.slice(0, 64))} is not from 1 to ${max}`,
  );
}

function resolveRange(index: SearchIndex, node: RangeNode, parameters: Parameters): ResolvedRange {
  const attribute = vectorAttribute(index, node.field);
  const radius = numberOf(
    node.radius,
    parameters,
    (shown) => `Invalid numeric value (${shown}) for the radius`,
  );
  if (radius < 0) {
    throw new QueryProblem(
      `Error parsing vector similarity query: negative radius (${radius}) given in a range query`,
    );
  }
  if (node.epsilon !== undefined && !(numberOf(node.epsilon, parameters, () => invalidValue) > 0)) {
    throw new QueryProblem(`${invalidValue} for EPSILON`);
  }
  return { node, attribute, query: queryVector(attribute, node.vector, parameters), radius };
}

function vectorAttribute(index: SearchIndex, field: string): VectorAttribute {
  const attribute = index.attributes.get(field);
  if (attribute?.kind === "VECTOR") return attribute;
  throw new QueryProblem(`Unknown vector field \`${printable(field)}\``);
}

function queryVector(attribute: VectorAttribute, operand: Operand, parameters: Parameters): Buffer {
  const vector = bufferOf(operand, parameters);
  const { type, dimensions } = attribute.index.parameters;
  const problem = vectorProblem(type, dimensions, vector);
  if (problem === undefined) return vector;
  const reason =
    problem.kind === "size"
      ? `query vector blob size (${problem.actualBytes}) does not match index's expected size ` +
        `(${problem.expectedBytes}).`
      : `dimension ${problem.dimension} of the query vector is ${problem.value}`;
  throw new QueryProblem(`Error parsing vector similarity query: ${reason}`);
}

export function needsVectors(query: ResolvedQuery): boolean {
  return query.nearest !== undefined || query.ranges.length > 0;
}

const noStopwords: ReadonlySet<string> = new Set();

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

/** Without vectors: at once. */
export function findNow(query: ResolvedQuery): Found {
  const ids = filtered(query, new Map()).toArray();
  return { ids, distances: new Map(), moment: query.index.documents.moment };
}

/** `excluded`: documents whose keys are known to have expired; `surplus`: neighbours beyond K. */
export async function findLater(
  query: ResolvedQuery,
  excluded: Bitmap | null,
  surplus: number,
): Promise<Found> {
  const { index, timeoutMs } = query;
  // Begun at once if it can be: what is executed after this command is not to be seen.
  if (index.isBackfilling) await index.whenBackfilled();
  const { moment } = index.documents;
  const distances = new Map<string, ReadonlyMap<number, number>>();
  const inRange = new Map<RangeNode, Bitmap>();
  const liveBefore = query.ranges.length === 0 ? undefined : index.documents.live.clone();
  const answers = await Promise.all(
    query.ranges.map(({ attribute, query: vector, radius }) =>
      attribute.index.withinRange({ query: vector, radius, filter: null, timeoutMs }),
    ),
  );
  for (const [place, { node }] of query.ranges.entries()) {
    const neighbors = answers[place];
    const bitmap = new Bitmap(0);
    for (const id of neighbors.ids) bitmap.add(id);
    inRange.set(node, bitmap);
    if (node.distanceName !== undefined) distances.set(node.distanceName, byId(neighbors));
  }
  const { root } = query.checked.parsed;
  const isEverything = root?.kind === "all" && excluded === null && query.scope.keys === undefined;
  const filter = isEverything ? null : filtered(query, inRange);
  // Documents that came while the ranges were searched were not looked at by them.
  if (liveBefore !== undefined) filter?.intersect(liveBefore).intersect(index.documents.live);
  if (excluded !== null) filter?.subtract(excluded);
  if (query.nearest === undefined) {
    return { ids: rangeOrder(filter ?? liveBefore ?? new Bitmap(0), answers), distances, moment };
  }
  const { attribute, k, name, efRuntime, query: vector } = query.nearest;
  if (k === 0) return { ids: new Uint32Array(0), distances, moment };
  const request = { query: vector, k: k + surplus, efRuntime, filter, timeoutMs };
  const neighbors = await attribute.index.nearest(request);
  distances.set(name, byId(neighbors));
  return { ids: neighbors.ids, distances, moment };
}

/** One range gives its order; of several none is the first, and ids decide. */
function rangeOrder(matching: Bitmap, answers: readonly Neighbors[]): Uint32Array {
  if (answers.length !== 1) return matching.toArray();
  const ordered = answers[0].ids.filter((id) => matching.has(id));
  if (ordered.length === matching.count) return ordered;
  // `a | range`: what matches without being in the range comes after it.
  const rest = matching.clone();
  for (const id of ordered) rest.remove(id);
  const all = new Uint32Array(matching.count);
  all.set(ordered);
  all.set(rest.toArray(), ordered.length);
  return all;
}

function byId({ ids, distances }: Neighbors): Map<number, number> {
  const map = new Map<number, number>();
  for (let place = 0; place < ids.length; place += 1) map.set(ids[place], distances[place]);
  return map;
}

export function isTimeout(reason: unknown): boolean {
  return reason instanceof SearchTimeout;
}
