/**
 * A checked query and the values of its PARAMS → what will be searched. Everything that can be
 * wrong with a query is found by the end of this, before any work.
 */
import type { ErrorReply } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { vectorProblem } from "../../vector/vector-codec.ts";
import type { SearchIndex, VectorAttribute } from "../search-index.ts";
import type { Bound, NearestClause, Operand, QueryNode, RangeNode } from "./ast.ts";
import { type CheckedQuery, nearestName } from "./check.ts";
import { bufferOf, integerOf, numberOf, type Parameters, textOf } from "./parameters.ts";
import { orProblem, printable, QueryProblem } from "./query-problem.ts";

export interface ResolvedNearest {
  readonly field: string;
  readonly attribute: VectorAttribute;
  readonly name: string;
  readonly query: Buffer;
  readonly k: number;
  readonly efRuntime: number;
}

export interface ResolvedRange {
  readonly node: RangeNode;
  readonly field: string;
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
    field: nearest.field,
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
  const query = queryVector(attribute, node.vector, parameters);
  return { node, field: node.field, attribute, query, radius };
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
