/**
 * Holds a parsed query to the index's attributes, once for each text: unknown fields, fields of
 * another type, names given twice. What depends on PARAMS is checked when they are known.
 */
import type { Attribute, SearchIndex } from "../search-index.ts";
import type { NearestClause, Operand, ParsedQuery, QueryNode, RangeNode } from "./ast.ts";
import { printable, problemAt, QueryProblem } from "./query-problem.ts";

export interface CheckedQuery {
  readonly parsed: ParsedQuery;
  /** Every VECTOR_RANGE, in the order of the text. */
  readonly ranges: readonly RangeNode[];
  /** What the filter reads of PARAMS, so that it can be held to be there before any work. */
  readonly texts: readonly Operand[];
  readonly numbers: readonly { readonly operand: Operand; readonly field: string }[];
  /** Names under which distances come back. */
  readonly distanceNames: readonly string[];
}

interface Reads {
  readonly ranges: RangeNode[];
  readonly texts: Operand[];
  readonly numbers: { operand: Operand; field: string }[];
}

function noteText(value: Operand, reads: Reads): void {
  if (value.kind === "parameter") reads.texts.push(value);
}

export function nearestName(nearest: NearestClause): string {
  return nearest.distanceName ?? `__${nearest.field}_score`;
}

export function checkQuery(parsed: ParsedQuery, index: SearchIndex): CheckedQuery {
  const reads: Reads = { ranges: [], texts: [], numbers: [] };
  const { ranges, texts, numbers } = reads;
  if (parsed.root !== null) checkNode(parsed.root, parsed.text, index, reads);
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
  return { parsed, ranges, texts, numbers, distanceNames: names };
}

function checkNode(node: QueryNode, text: string, index: SearchIndex, reads: Reads): void {
  switch (node.kind) {
    case "all":
      return;
    case "and":
    case "or":
      for (const child of node.children) checkNode(child, text, index, reads);
      return;
    case "not":
    case "optional":
      checkNode(node.child, text, index, reads);
      return;
    case "tag":
      requireField(index, node.field, "TAG", text, node.offset);
      for (const { value } of node.values) noteText(value, reads);
      return;
    case "numeric":
      requireField(index, node.field, "NUMERIC", text, node.offset);
      for (const { value } of [node.min, node.max]) {
        if (value.kind === "parameter") {
          reads.numbers.push({ operand: value, field: node.field });
        }
      }
      return;
    case "word":
    case "phrase":
      if (node.kind === "word") noteText(node.value, reads);
      for (const field of node.fields ?? []) requireField(index, field, "TEXT", text, node.offset);
      return;
    case "missing":
      requireMissingIndexed(index, node.field, text, node.offset);
      return;
    case "range":
      requireField(index, node.field, "VECTOR", text, node.offset);
      reads.ranges.push(node);
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
