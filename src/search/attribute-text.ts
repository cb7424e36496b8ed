/**
 * TEXT: exact words, case-folded. Each document keeps its words' numbers in order, which answers
 * phrases and says what to take away when the document goes.
 */
import { must } from "../base/assert.ts";
import { Bitmap } from "../base/bitmap.ts";
import { type Bytes, toBinaryString } from "../base/bytes.ts";
import type { IndexedAttribute, ValueColumn } from "./attribute.ts";
import { Postings } from "./postings.ts";
import type { TextDeclaration } from "./schema.ts";
import type { TextAttribute } from "./search-index.ts";
import { tokenize } from "./tokenize.ts";

/** A typed array's own cost beside its elements. */
const SEQUENCE_BYTES = 208;
const NO_WORDS = new Uint32Array(0);

export class TextIndex implements TextAttribute, IndexedAttribute {
  readonly kind = "TEXT";
  readonly declaration: TextDeclaration;
  readonly documents: Bitmap;
  readonly #stopwords: ReadonlySet<string>;
  readonly #postings: Postings;
  readonly #column: ValueColumn;
  readonly #sequences: (Uint32Array | undefined)[];
  #sequenceBytes: number;

  constructor(declaration: TextDeclaration, column: ValueColumn, stopwords: ReadonlySet<string>) {
    this.declaration = declaration;
    this.documents = new Bitmap();
    this.#stopwords = stopwords;
    this.#postings = new Postings();
    this.#column = column;
    this.#sequences = [];
    this.#sequenceBytes = 0;
  }

  add(id: number, value: Bytes): string | undefined {
    this.documents.add(id);
    while (this.#sequences.length <= id) this.#sequences.push(undefined);
    if (this.declaration.isNotIndexed) return undefined;
    const words = tokenize(toBinaryString(value), this.#stopwords);
    if (words.length === 0 && this.declaration.isEmptyIndexed && value.length === 0) words.push("");
    if (words.length === 0) return undefined;
    const sequence = new Uint32Array(words.length);
    for (let index = 0; index < words.length; index += 1) {
      sequence[index] = this.#postings.add(words[index], id);
    }
    this.#sequences[id] = sequence;
    this.#sequenceBytes += SEQUENCE_BYTES + sequence.byteLength;
    return undefined;
  }

  remove(id: number, _value: Bytes): void {
    this.documents.remove(id);
    const sequence = this.#sequences[id];
    if (sequence === undefined) return;
    this.#sequences[id] = undefined;
    this.#sequenceBytes -= SEQUENCE_BYTES + sequence.byteLength;
    // Each number once: a term that lost its last document may be given away at once.
    for (const number of new Set(sequence)) this.#postings.remove(number, id);
  }

  documentsWithWord(word: string): Bitmap | undefined {
    return this.#postings.documentsWith(word);
  }

  documentsWithPrefix(prefix: string): Bitmap {
    return this.#postings.documentsWithPrefix(prefix);
  }

  documentsWithPhrase(words: readonly string[]): Bitmap {
    const numbers: number[] = [];
    let candidates: Bitmap | undefined;
    for (const word of words) {
      const number = this.#postings.numberOf(word);
      if (number === undefined) return new Bitmap(0);
      numbers.push(number);
      const documents = must(this.#postings.documentsWith(word), "a numbered word has documents");
      candidates = candidates === undefined ? documents.clone() : candidates.intersect(documents);
    }
    const found = new Bitmap(0);
    if (candidates === undefined) return found;
    candidates.forEach((id) => {
      if (containsRun(this.#sequences[id] ?? NO_WORDS, numbers)) found.add(id);
    });
    return found;
  }

  sortKey(id: number): string | undefined {
    const value = this.#column[id];
    return value === undefined ? undefined : toBinaryString(value);
  }

  /** Bytes of the words' positions alone, for FT.INFO. */
  get positionBytes(): number {
    return this.#sequenceBytes;
  }

  get usedBytes(): number {
    return this.#postings.usedBytes + this.#sequenceBytes + this.documents.words.byteLength;
  }

  get termCount(): number {
    return this.#postings.termCount;
  }

  get recordCount(): number {
    return this.#postings.recordCount;
  }
}

function containsRun(sequence: Uint32Array, run: readonly number[]): boolean {
  const lastStart = sequence.length - run.length;
  for (
    let start = sequence.indexOf(run[0]);
    start >= 0;
    start = sequence.indexOf(run[0], start + 1)
  ) {
    if (start > lastStart) return false;
    let matched = 1;
    while (matched < run.length && sequence[start + matched] === run[matched]) matched += 1;
    if (matched === run.length) return true;
  }
  return false;
}
