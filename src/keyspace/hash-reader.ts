/**
 * What commands see of a hash: `HashValue`, or `LiveFields` where fields have passed their expiry
 * and cannot be removed now.
 */
import type { Bytes } from "../base/bytes.ts";
import type { HashValue } from "./hash-value.ts";
import type { FieldValue } from "./stored-bytes.ts";

export interface HashReader extends Iterable<[string, Bytes]> {
  readonly size: number;
  /** Few enough to look at all of them at once. */
  readonly isSmall: boolean;
  has(field: string): boolean;
  get(field: string): Bytes | undefined;
  held(field: string): FieldValue | undefined;
  names(): Iterable<string>;
  values(): Iterable<Bytes>;
  /** Field, value, field, value. */
  flatPairs(): Bytes[];
  /** Absolute; 0 for none, or no such field. */
  expiryMsOf(field: string): number;
  /** Any of them, if `fraction` (0 <= fraction < 1) is random. Slow for a small hash. */
  someName(fraction: () => number): string;
  /** Visits at most `count` fields; the next cursor, 0 when the scan is done. 0 begins one. */
  scan(cursor: number, count: number, visit: (field: string) => void): number;
}

/** The hash as it is at that time; there must be a field that has not passed. */
export function liveFields(hash: HashValue, nowMs: number): HashReader {
  return hash.earliestExpiryMs < nowMs ? new LiveFields(hash, nowMs) : hash;
}

/** After so many that have passed, all are looked at. */
const TRIES_MAX = 100;

/** A hash without the fields that have passed; there is at least one other. */
export class LiveFields implements HashReader {
  readonly #hash: HashValue;
  readonly #nowMs: number;

  constructor(hash: HashValue, nowMs: number) {
    this.#hash = hash;
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#hash.size - this.#hash.passedCount(this.#nowMs);
  }

  get isSmall(): boolean {
    return this.#hash.isSmall;
  }

  has(field: string): boolean {
    return this.#hash.has(field) && this.#isLive(field);
  }

  get(field: string): Bytes | undefined {
    return this.#isLive(field) ? this.#hash.get(field) : undefined;
  }

  held(field: string): FieldValue | undefined {
    return this.#isLive(field) ? this.#hash.held(field) : undefined;
  }

  names(): string[] {
    return [...this.#hash.names()].filter((field) => this.#isLive(field));
  }

  values(): Bytes[] {
    return Array.from(this, ([, value]) => value);
  }

  flatPairs(): Bytes[] {
    const pairs: Bytes[] = [];
    for (const [field, value] of this) pairs.push(field, value);
    return pairs;
  }

  *[Symbol.iterator](): IterableIterator<[string, Bytes]> {
    for (const entry of this.#hash) if (this.#isLive(entry[0])) yield entry;
  }

  expiryMsOf(field: string): number {
    return this.#isLive(field) ? this.#hash.expiryMsOf(field) : 0;
  }

  someName(fraction: () => number): string {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const name = this.#hash.someName(fraction);
      if (this.#isLive(name)) return name;
    }
    const names = this.names();
    return names[Math.floor(fraction() * names.length)];
  }

  scan(cursor: number, count: number, visit: (field: string) => void): number {
    return this.#hash.scan(cursor, count, (field) => {
      if (this.#isLive(field)) visit(field);
    });
  }

  #isLive(field: string): boolean {
    const expiryMs = this.#hash.expiryMsOf(field);
    return expiryMs === 0 || expiryMs >= this.#nowMs;
  }
}
