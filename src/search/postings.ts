/**
 * Postings: which documents have a term (a tag or a word). Terms have dense numbers.
 *
 * A million distinct terms must not cost a bitmap each: a posting is one id, then a sorted array,
 * and becomes a bitmap when that is smaller. A bitmap for a rare term is made when it is asked for.
 */
import { must } from "../base/assert.ts";
import { Bitmap } from "../base/bitmap.ts";
import { SortedTerms } from "./sorted-terms.ts";

type Posting = number | number[] | Bitmap;

/** Estimated cost of a term in the maps, without its characters. */
const TERM_BYTES = 104;
const ARRAY_BYTES = 32;
const ID_BYTES = 8;
/** An id in an array costs as much as 64 bits of a bitmap. */
const SPARSE_BITS = 64;
/** Shorter pieces of a string are copies. */
const SLICED_LENGTH_MIN = 13;
/** A bitmap goes back to an array only when it is far below the bound, so that none flaps. */
const DENSE_AGAIN_BITS = 256;

export class Postings {
  readonly #numbers: Map<string, number>;
  readonly #terms: (string | undefined)[];
  readonly #postings: (Posting | undefined)[];
  readonly #freeNumbers: number[];
  readonly #sorted: SortedTerms;
  #bytes: number;
  /** Pairs of term and document. */
  recordCount: number;

  constructor() {
    this.#numbers = new Map();
    this.#terms = [];
    this.#postings = [];
    this.#freeNumbers = [];
    this.#sorted = new SortedTerms();
    this.#bytes = 0;
    this.recordCount = 0;
  }

  get termCount(): number {
    return this.#numbers.size;
  }

  get usedBytes(): number {
    return this.#bytes;
  }

  /** Adds the document (once) and gives the term's number. */
  add(term: string, id: number): number {
    const known = this.#numbers.get(term);
    if (known === undefined) return this.#addTerm(term, id);
    const before = this.#postings[known];
    if (before === undefined) return known;
    this.#bytes -= postingBytes(before);
    this.recordCount -= postingCount(before);
    const after = withId(before, id);
    this.#postings[known] = after;
    this.#bytes += postingBytes(after);
    this.recordCount += postingCount(after);
    return known;
  }

  numberOf(term: string): number | undefined {
    return this.#numbers.get(term);
  }

  removeTerm(term: string, id: number): void {
    const number = this.#numbers.get(term);
    if (number !== undefined) this.remove(number, id);
  }

  /** Removes the document from a term; a term without documents is forgotten. */
  remove(number: number, id: number): void {
    const before = this.#postings[number];
    if (before === undefined) return;
    this.#bytes -= postingBytes(before);
    this.recordCount -= postingCount(before);
    const after = withoutId(before, id);
    this.#postings[number] = after;
    if (after === undefined) {
      const term = must(this.#terms[number], "a posting belongs to a term");
      this.#numbers.delete(term);
      this.#terms[number] = undefined;
      this.#sorted.remove(term);
      this.#freeNumbers.push(number);
      this.#bytes -= TERM_BYTES + term.length;
      return;
    }
    this.recordCount += postingCount(after);
    this.#bytes += postingBytes(after);
  }

  documentsWith(term: string): Bitmap | undefined {
    const number = this.#numbers.get(term);
    const posting = number === undefined ? undefined : this.#postings[number];
    if (posting === undefined) return undefined;
    if (posting instanceof Bitmap) return posting;
    const bitmap = new Bitmap(0);
    addTo(bitmap, posting);
    return bitmap;
  }

  documentsWithPrefix(prefix: string): Bitmap {
    const bitmap = new Bitmap(0);
    this.#sorted.forEachWithPrefix(prefix, (number) => {
      const posting = this.#postings[number];
      if (posting !== undefined) addTo(bitmap, posting);
    });
    return bitmap;
  }

  #addTerm(cut: string, id: number): number {
    const term = ownCharacters(cut);
    const number = this.#freeNumbers.pop() ?? this.#terms.length;
    this.#numbers.set(term, number);
    this.#terms[number] = term;
    this.#postings[number] = id;
    this.#sorted.add(term, number);
    this.#bytes += TERM_BYTES + term.length;
    this.recordCount += 1;
    return number;
  }
}

/** V8 keeps the whole text alive behind a longer string that was cut from it. */
function ownCharacters(cut: string): string {
  if (cut.length < SLICED_LENGTH_MIN) return cut;
  return Buffer.from(cut, "latin1").latin1Slice(0, cut.length);
}

function addTo(bitmap: Bitmap, posting: Posting): void {
  if (posting instanceof Bitmap) {
    bitmap.unite(posting);
    return;
  }
  if (typeof posting === "number") {
    bitmap.add(posting);
    return;
  }
  // From the largest id down, so that the words grow once.
  for (let index = posting.length - 1; index >= 0; index -= 1) bitmap.add(posting[index]);
}

function withId(posting: Posting, id: number): Posting {
  if (posting instanceof Bitmap) {
    posting.add(id);
    return posting;
  }
  if (typeof posting === "number") {
    if (posting === id) return posting;
    return posting < id ? [posting, id] : [id, posting];
  }
  const last = posting[posting.length - 1];
  if (id > last) {
    posting.push(id);
  } else {
    const place = firstAtLeast(posting, id);
    if (posting[place] === id) return posting;
    posting.splice(place, 0, id);
  }
  if (posting.length * SPARSE_BITS <= posting[posting.length - 1]) return posting;
  if (posting.length < SPARSE_BITS) return posting;
  const bitmap = new Bitmap(0);
  addTo(bitmap, posting);
  return bitmap;
}

function withoutId(posting: Posting, id: number): Posting | undefined {
  if (posting instanceof Bitmap) {
    posting.remove(id);
    if (posting.count === 0) return undefined;
    if (posting.count * DENSE_AGAIN_BITS >= posting.words.length * 32) return posting;
    return Array.from(posting.toArray());
  }
  if (typeof posting === "number") return posting === id ? undefined : posting;
  const place = firstAtLeast(posting, id);
  if (posting[place] === id) posting.splice(place, 1);
  return posting.length === 1 ? posting[0] : posting;
}

function postingCount(posting: Posting): number {
  if (typeof posting === "number") return 1;
  return posting instanceof Bitmap ? posting.count : posting.length;
}

function postingBytes(posting: Posting): number {
  if (typeof posting === "number") return 0;
  if (posting instanceof Bitmap) return ARRAY_BYTES * 4 + posting.words.byteLength;
  return ARRAY_BYTES + posting.length * ID_BYTES;
}

function firstAtLeast(ids: readonly number[], id: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ids[middle] < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
