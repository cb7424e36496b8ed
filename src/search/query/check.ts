/**
 * Holds a parsed query to the index's attributes, once for each text: unknown fields, fields of
 * another type, names given twice. What depends on PARAMS is checked when they are known.
 */
import type { Attribute, SearchIndex } from "../search-index.ts";
import type { NearestClause, ParsedQuery, QueryNode, RangeNode } from "./ast.ts";
import { printable, problemAt, QueryProblem } from "./query-problem.ts";

export interface CheckedQuery {
  readonly parsed: ParsedQuery;
  /** Every VECTOR_RANGE, in the order of the text. */
  readonly ranges: readonly RangeNode[];
  /** Names under which distances come back. */
  readonly distanceNames: readonly string[];
}

export function nearestName(nearest: NearestClause): string {
  return nearest.distanceName ?? `__${nearest.field}_score`;
}

export function checkQuery(parsed: ParsedQuery, index: SearchIndex): CheckedQuery {
  const ranges: RangeNode[] = [];
  if (parsed.root !== null) checkNode(parsed.root, parsed.text, index, ranges);
  const names = ranges.flatMap(({ distanceName }) => distanceName ?? []);
  const { nearest } = parsed;
  if (nearest !== undefined) {
    requireField(index, nearest.field, "VECTOR", parsed.text, nearest.offset);
    names.unshift(nearestName(nearest));
  }
  for (const [place, name] of names.entries()) {
    if (names.indexOf(name) !== place) {
      throw new QueryProblem(`Property \`${printable(name)}\` specified more than once`);
    }
    if (index.attributes.has(name)) {
      throw new QueryProblem(`Property \`${printable(name)}\` already exists in schema`);
    }
  }
  return { parsed, ranges, distanceNames: names };
}

function checkNode(node: QueryNode, text: string, index: SearchIndex, ranges: RangeNode[]): void {
  switch (node.kind) {
    case "all":
      return;
    case "and":
    case "or":
      for (const child of node.children) checkNode(child, text, index, ranges);
      return;
    case "not":
    case "optional":
      checkNode(node.child, text, index, ranges);
      return;
    case "tag":
      requireField(index, node.field, "TAG", text, node.offset);
      return;
    case "numeric":
      requireField(index, node.field, "NUMERIC", text, node.offset);
      return;
    case "word":
    case "phrase":
      for (const field of node.fields ?? []) requireField(index, field, "TEXT", text, node.offset);
      return;
    case "missing":
      requireMissingIndexed(index, node.field, text, node.offset);
      return;
    case "range":
      requireField(index, node.field, "VECTOR", text, node.offset);
      ranges.push(node);
  }
}

function requireField(
  index: SearchIndex,
  field: string,
  kind: Attribute["kind"],
  text: string,
  offset: number,
): void {
  const attribute = index.attributes.get(field);
  if (attribute === undefined)
    throw problemAt(text, offset, `Unknown field \`${printable(field)}\``);
  if (attribute.kind === kind) return;
  throw problemAt(text, offset, `field \`${printable(field)}\` is ${attribute.kind}, not ${kind}`);
}

function requireMissingIndexed(
  index: SearchIndex,
  field: string,
  text: string,
  offset: number,
): void {
  const declaration = index.schema.attributes.find(({ alias }) => alias === field);
  const name = printable(field);
  if (declaration === undefined) throw problemAt(text, offset, `Unknown field \`${name}\``);
  if (declaration.isMissingIndexed) return;
  throw problemAt(text, offset, `'ismissing' requires field \`${name}\` to have INDEXMISSING`);
}
