/**
 * Holds a parsed query to the index's attributes, once for each text: unknown fields, fields of
 * another type, names given twice. What depends on PARAMS is checked when they are known.
 */
import type { Attribute, SearchIndex } from "../search-index.ts";
import type {
  NearestClause,
  Operand,
  ParsedQuery,
  QueryNode,
  RangeNode,
  TextFields,
} from "./ast.ts";
import { knownProblemAt, printable, problemAt, QueryProblem } from "./query-problem.ts";

export interface CheckedQuery {
  readonly parsed: ParsedQuery;
  /** Every VECTOR_RANGE, in the order of the text. */
  readonly ranges: readonly RangeNode[];
  /** What the filter reads of PARAMS, so that it can be held to be there before any work. */
  readonly texts: readonly Operand[];
  readonly numbers: readonly { readonly operand: Operand; readonly what: "lower" | "upper" }[];
  /** Names under which distances come back. */
  readonly distanceNames: readonly string[];
}

interface Reads {
  readonly ranges: RangeNode[];
  readonly texts: Operand[];
  readonly numbers: { operand: Operand; what: "lower" | "upper" }[];
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
    checkNearest(nearest, parsed, index);
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
      for (const { value } of node.values) {
        noteText(value, reads);
        if (value.kind === "text" && value.text === "") requireEmptyIndexed(index, node, text);
      }
      return;
    case "numeric":
      requireField(index, node.field, "NUMERIC", text, node.offset);
      for (const [place, { value }] of [node.min, node.max].entries()) {
        if (value.kind === "parameter") {
          reads.numbers.push({ operand: value, what: place === 0 ? "lower" : "upper" });
        }
      }
      return;
    case "word":
    case "phrase":
      if (node.kind === "word") noteText(node.value, reads);
      for (const field of node.fields ?? []) requireField(index, field, "TEXT", text, node.offset);
      if (node.kind === "phrase" && node.text === "") requireEmptyIndexed(index, node, text);
      return;
    case "missing":
      requireMissingIndexed(index, node.field, text, node.offset);
      return;
    case "range":
      requireField(index, node.field, "VECTOR", text, node.offset);
      if (node.epsilon !== undefined && isFlat(index, node.field)) {
        throw parametersProblem(text, node.offset, "Invalid option");
      }
      reads.ranges.push(node);
  }
}

function isFlat(index: SearchIndex, field: string): boolean {
  const attribute = index.attributes.get(field);
  return attribute?.kind === "VECTOR" && attribute.index.parameters.algorithm === "FLAT";
}

function parametersProblem(text: string, offset: number, reason: string): QueryProblem {
  return knownProblemAt(text, offset, `Error parsing vector similarity parameters: ${reason}`);
}

/** Options that contradict the index, the filter or each other. */
function checkNearest(nearest: NearestClause, parsed: ParsedQuery, index: SearchIndex): void {
  const { efRuntime, batchSize, policy, offset, field } = nearest;
  const isFiltered = parsed.root !== null && parsed.root.kind !== "all";
  let reason: string | undefined;
  if (efRuntime !== undefined && isFlat(index, field)) reason = "Invalid option";
  else if (!isFiltered && (batchSize !== undefined || policy !== undefined)) {
    reason = "hybrid query attributes were sent for a non-hybrid query";
  } else if (policy === "ADHOC_BF" && batchSize !== undefined) {
    reason = "'batch size' is irrelevant for 'ADHOC_BF' policy";
  } else if (policy === "ADHOC_BF" && efRuntime !== undefined) {
    reason = "'EF_RUNTIME' is irrelevant for 'ADHOC_BF' policy";
  }
  if (reason !== undefined) throw parametersProblem(parsed.text, offset, reason);
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

/** An empty string can be looked for where all that are meant index it. */
function requireEmptyIndexed(
  index: SearchIndex,
  node: { readonly offset: number; readonly field?: string; readonly fields?: TextFields },
  text: string,
): void {
  const named = node.field === undefined ? node.fields : [node.field];
  for (const declaration of index.schema.attributes) {
    if (declaration.type !== "TAG" && declaration.type !== "TEXT") continue;
    const isMeant = named?.includes(declaration.alias) ?? declaration.type === "TEXT";
    if (!isMeant || declaration.isEmptyIndexed) continue;
    const known =
      "Use `INDEXEMPTY` in field creation in order to index and query for empty strings";
    throw knownProblemAt(text, node.offset, known);
  }
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
  const known = `'ismissing' requires field '${name}' to be defined with 'INDEXMISSING'`;
  throw knownProblemAt(text, offset, known);
}
