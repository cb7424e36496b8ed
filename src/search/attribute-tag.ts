/**
 * TAG: a field split at its separator; each part trimmed and folded, and matched whole.
 */
import { Bitmap } from "../base/bitmap.ts";
import { type Bytes, toBinaryString } from "../base/bytes.ts";
import type { IndexedAttribute, ValueColumn } from "./attribute.ts";
import { Postings } from "./postings.ts";
import type { TagDeclaration } from "./schema.ts";
import type { TagAttribute } from "./search-index.ts";
import { foldCase } from "./tokenize.ts";

export class TagIndex implements TagAttribute, IndexedAttribute {
  readonly kind = "TAG";
  readonly declaration: TagDeclaration;
  readonly documents: Bitmap;
  readonly #postings: Postings;
  readonly #column: ValueColumn;

  constructor(declaration: TagDeclaration, column: ValueColumn) {
    this.declaration = declaration;
    this.documents = new Bitmap();
    this.#postings = new Postings();
    this.#column = column;
  }

  add(id: number, value: Bytes): string | undefined {
    this.documents.add(id);
    if (this.declaration.isNotIndexed) return undefined;
    for (const tag of this.#split(value)) this.#postings.add(tag, id);
    return undefined;
  }

  remove(id: number, value: Bytes): void {
    this.documents.remove(id);
    if (this.declaration.isNotIndexed) return;
    for (const tag of this.#split(value)) this.#postings.removeTerm(tag, id);
  }

  documentsWith(tag: string): Bitmap | undefined {
    return this.#postings.documentsWith(tag);
  }

  documentsWithPrefix(prefix: string): Bitmap {
    return this.#postings.documentsWithPrefix(prefix);
  }

  sortKey(id: number): string | undefined {
    const value = this.#column[id];
    return value === undefined ? undefined : toBinaryString(value);
  }

  get usedBytes(): number {
    return this.#postings.usedBytes + this.documents.words.byteLength;
  }

  get termCount(): number {
    return this.#postings.termCount;
  }

  get recordCount(): number {
    return this.#postings.recordCount;
  }

  #split(value: Bytes): string[] {
    const tags = splitTags(
      toBinaryString(value),
      this.declaration.separator,
      this.declaration.isCaseSensitive,
    );
    if (tags.length === 0 && this.declaration.isEmptyIndexed && value.length === 0) tags.push("");
    return tags;
  }
}

/** The tags of a field, trimmed and folded; empty ones are left out. */
export function splitTags(text: string, separator: string, isCaseSensitive: boolean): string[] {
  const tags: string[] = [];
  for (const part of text.split(separator)) {
    const tag = trimSpaces(part);
    if (tag.length > 0) tags.push(isCaseSensitive ? tag : foldCase(tag));
  }
  return tags;
}

/** ASCII white space only: other bytes may be parts of characters. */
function trimSpaces(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
