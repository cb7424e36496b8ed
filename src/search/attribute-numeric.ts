/**
 * NUMERIC: a column of values by document, and the same pairs sorted, in short lists.
 *
 * An insert moves at most one short list. A range sets the bits of what it matches or clears those
 * of the rest, whichever are fewer. The last few answers are kept until the next change, since
 * queries repeat their filters.
 */
import { Bitmap } from "../base/bitmap.ts";
import { type Bytes, toBinaryString } from "../base/bytes.ts";
import type { IndexedAttribute } from "./attribute.ts";
import type { NumericDeclaration } from "./schema.ts";
import type { NumericAttribute } from "./search-index.ts";
import { SortedNumbers } from "./sorted-numbers.ts";

const CACHED_RANGES_MAX = 8;

export class NumericIndex implements NumericAttribute, IndexedAttribute {
  readonly kind = "NUMERIC";
  readonly declaration: NumericDeclaration;
  readonly documents: Bitmap;
  #column: Float64Array;
  readonly #sorted: SortedNumbers;
  readonly #cachedRanges: Map<string, Bitmap>;

  constructor(declaration: NumericDeclaration) {
    this.declaration = declaration;
    this.documents = new Bitmap();
    this.#column = new Float64Array(1024).fill(Number.NaN);
    this.#sorted = new SortedNumbers();
    this.#cachedRanges = new Map();
  }

  add(id: number, value: Bytes): string | undefined {
    const number = parseNumber(toBinaryString(value));
    if (Number.isNaN(number)) return `Invalid numeric value: '${printable(value)}'`;
    if (id >= this.#column.length) this.#growColumn(id + 1);
    this.#column[id] = number;
    this.documents.add(id);
    this.#cachedRanges.clear();
    if (!this.declaration.isNotIndexed) this.#sorted.add(number, id);
    return undefined;
  }

  remove(id: number, _value: Bytes): void {
    if (!this.documents.remove(id)) return;
    if (!this.declaration.isNotIndexed) this.#sorted.remove(this.#column[id], id);
    this.#column[id] = Number.NaN;
    this.#cachedRanges.clear();
  }

  documentsBetween(
    min: number,
    max: number,
    isMinExclusive: boolean,
    isMaxExclusive: boolean,
  ): Bitmap {
    if (this.declaration.isNotIndexed) return new Bitmap(0);
    const name = `${isMinExclusive ? "(" : ""}${min} ${isMaxExclusive ? "(" : ""}${max}`;
    const cached = this.#cachedRanges.get(name);
    if (cached !== undefined) return cached;
    const bitmap = this.#find(min, max, isMinExclusive, isMaxExclusive);
    if (this.#cachedRanges.size >= CACHED_RANGES_MAX) {
      for (const oldest of this.#cachedRanges.keys()) {
        this.#cachedRanges.delete(oldest);
        break;
      }
    }
    this.#cachedRanges.set(name, bitmap);
    return bitmap;
  }

  sortKey(id: number): number | undefined {
    return this.documents.has(id) ? this.#column[id] : undefined;
  }

  get usedBytes(): number {
    return this.#column.byteLength + this.#sorted.usedBytes + this.documents.words.byteLength;
  }

  get termCount(): number {
    return 0;
  }

  get recordCount(): number {
    return this.declaration.isNotIndexed ? 0 : this.documents.count;
  }

  #find(min: number, max: number, isMinExclusive: boolean, isMaxExclusive: boolean): Bitmap {
    const sorted = this.#sorted;
    const count = sorted.countBetween(min, max, isMinExclusive, isMaxExclusive);
    if (count === this.documents.count) return this.documents;
    let bitmap: Bitmap;
    if (count * 2 <= this.documents.count) {
      bitmap = new Bitmap(this.documents.words.length * 32);
      sorted.flipBetween(min, max, isMinExclusive, isMaxExclusive, bitmap.words);
    } else {
      bitmap = this.documents.clone();
      const { words } = bitmap;
      sorted.flipBetween(Number.NEGATIVE_INFINITY, min, false, !isMinExclusive, words);
      sorted.flipBetween(max, Number.POSITIVE_INFINITY, !isMaxExclusive, false, words);
    }
    bitmap.count = count;
    return bitmap;
  }

  #growColumn(idCount: number): void {
    const grown = new Float64Array(Math.max(idCount + 1024, this.#column.length * 2) & ~31);
    grown.set(this.#column);
    grown.fill(Number.NaN, this.#column.length);
    this.#column = grown;
  }
}

const decimalNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const hexadecimalNumber = /^[+-]?0x[\da-f]{1,256}$/i;
const nonZeroMantissa = /^[+-]?[0.]*[1-9]/;
const infinity = /^[+-]?inf(?:inity)?$/i;

/** As Redis reads a double from a string; NaN for what is none, too large or too small. */
export function parseNumber(text: string): number {
  if (decimalNumber.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) return Number.NaN;
    return value === 0 && nonZeroMantissa.test(text) ? Number.NaN : value;
  }
  if (hexadecimalNumber.test(text)) {
    const digits = Number(text.replace(/^[+-]/, ""));
    return text.startsWith("-") ? -digits : digits;
  }
  if (infinity.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return Number.NaN;
}

/** At most 64 bytes of a value, for an error message. */
function printable(value: Bytes): string {
  return toBinaryString(value.length > 64 ? value.slice(0, 64) : value).replace(
    /[^\x20-\x7e]/g,
    "?",
  );
}
