/**
 * A filter's tree → the documents that match it, as they are now.
 *
 * undefined stands for a clause that asks nothing (a stop word) and drops out of what is around it.
 * Bitmaps that an attribute owns are never changed: `owned` tells which are ours.
 */
import { Bitmap } from "../../base/bitmap.ts";
import type { SearchIndex, TextAttribute } from "../search-index.ts";
import { foldCase, normalizeWord, tokenize } from "../tokenize.ts";
import type { Bound, QueryNode, RangeNode, TagValue, TextFields } from "./ast.ts";
import { numberOf, type Parameters, textOf } from "./parameters.ts";

export interface Matches {
  readonly bitmap: Bitmap;
  /** Nobody else has the bitmap. */
  readonly isOwned: boolean;
}

export interface EvaluationInput {
  readonly index: SearchIndex;
  readonly parameters: Parameters;
  /** What each VECTOR_RANGE found. */
  readonly inRange: ReadonlyMap<RangeNode, Bitmap>;
  /** What words without a field search; null for every TEXT attribute. */
  readonly fields: TextFields;
  readonly stopwords: ReadonlySet<string>;
}

export function evaluate(root: QueryNode | null, input: EvaluationInput): Matches {
  return (root === null ? undefined : matchNode(root, input)) ?? nothing();
}

/** The caller's to change. */
export function owned({ bitmap, isOwned }: Matches): Bitmap {
  return isOwned ? bitmap : bitmap.clone();
}

const nothing = (): Matches => ({ bitmap: new Bitmap(0), isOwned: true });

function borrowed(bitmap: Bitmap | undefined): Matches {
  return bitmap === undefined ? nothing() : { bitmap, isOwned: false };
}

function matchNode(node: QueryNode, input: EvaluationInput): Matches | undefined {
  const { live } = input.index.documents;
  switch (node.kind) {
    case "all":
      return borrowed(live);
    case "and":
      return matchAll(node.children, input);
    case "or":
      return uniteAll(node.children.map((child) => matchNode(child, input)));
    case "not": {
      const inner = matchNode(node.child, input);
      if (inner === undefined) return undefined;
      return { bitmap: live.clone().subtract(inner.bitmap), isOwned: true };
    }
    case "optional":
      return borrowed(live);
    case "tag":
      return uniteAll(node.values.map((value) => matchTag(node.field, value, input)));
    case "numeric":
      return matchNumbers(node.field, node.min, node.max, input);
    case "word":
      return matchWord(node, input);
    case "phrase":
      // An empty string is the one word of a field that is empty.
      return matchPhrase(
        node.fields,
        node.text === "" ? [""] : tokenize(node.text, input.stopwords),
        input,
      );
    case "missing": {
      const attribute = input.index.attributes.get(node.field);
      const present = attribute?.documents ?? new Bitmap(0);
      return { bitmap: live.clone().subtract(present), isOwned: true };
    }
    case "range":
      return borrowed(input.inRange.get(node));
  }
}

function matchAll(children: readonly QueryNode[], input: EvaluationInput): Matches | undefined {
  const parts: Matches[] = [];
  for (const child of children) {
    const matches = matchNode(child, input);
    if (matches !== undefined) parts.push(matches);
  }
  if (parts.length < 2) return parts[0];
  const first = parts.find(({ isOwned }) => isOwned) ?? parts[0];
  const bitmap = owned(first);
  for (const part of parts) if (part !== first) bitmap.intersect(part.bitmap);
  return { bitmap, isOwned: true };
}

function uniteAll(alternatives: readonly (Matches | undefined)[]): Matches | undefined {
  const parts = alternatives.filter((matches) => matches !== undefined);
  if (parts.length < 2) return parts[0];
  const first = parts.find(({ isOwned }) => isOwned) ?? parts[0];
  const bitmap = owned(first);
  for (const part of parts) if (part !== first) bitmap.unite(part.bitmap);
  return { bitmap, isOwned: true };
}

function matchTag(field: string, { value, isPrefix }: TagValue, input: EvaluationInput): Matches {
  const attribute = input.index.attributes.get(field);
  if (attribute?.kind !== "TAG") return nothing();
  const declaration = input.index.schema.attributes.find(({ alias }) => alias === field);
  const isCaseSensitive = declaration?.type === "TAG" && declaration.isCaseSensitive;
  const text = textOf(value, input.parameters);
  const tag = isCaseSensitive ? text : foldCase(text);
  if (isPrefix) return { bitmap: attribute.documentsWithPrefix(tag), isOwned: false };
  return borrowed(attribute.documentsWith(tag));
}

function matchNumbers(field: string, min: Bound, max: Bound, input: EvaluationInput): Matches {
  const attribute = input.index.attributes.get(field);
  const from = boundOf(min, input.parameters);
  const to = boundOf(max, input.parameters);
  if (attribute?.kind !== "NUMERIC") return nothing();
  const bitmap = attribute.documentsBetween(from, to, min.isExclusive, max.isExclusive);
  return { bitmap, isOwned: false };
}

function boundOf({ value, isNegated }: Bound, parameters: Parameters): number {
  const number = numberOf(value, parameters, () => "Bad range");
  return isNegated ? -number : number;
}

function textAttributes(named: TextFields, input: EvaluationInput): TextAttribute[] {
  const fields = named ?? input.fields;
  const found: TextAttribute[] = [];
  for (const [alias, attribute] of input.index.attributes) {
    if (attribute.kind === "TEXT" && (fields === null || fields.includes(alias))) {
      found.push(attribute);
    }
  }
  return found;
}

function matchWord(
  node: Extract<QueryNode, { kind: "word" }>,
  input: EvaluationInput,
): Matches | undefined {
  const raw = textOf(node.value, input.parameters);
  const word = node.value.kind === "text" ? normalizeWord(raw) : foldCase(raw);
  if (!node.isPrefix && input.stopwords.has(word)) return undefined;
  const found = textAttributes(node.fields, input).map((attribute) =>
    node.isPrefix
      ? { bitmap: attribute.documentsWithPrefix(word), isOwned: false }
      : borrowed(attribute.documentsWithWord(word)),
  );
  return uniteAll(found) ?? nothing();
}

function matchPhrase(
  fields: TextFields,
  words: readonly string[],
  input: EvaluationInput,
): Matches | undefined {
  if (words.length === 0) return undefined;
  const found = textAttributes(fields, input).map((attribute) =>
    words.length === 1
      ? borrowed(attribute.documentsWithWord(words[0]))
      : { bitmap: attribute.documentsWithPhrase(words), isOwned: false },
  );
  return uniteAll(found) ?? nothing();
}
