/**
 * A histogram of durations in nanoseconds: buckets of constant relative width (16 for each power of
 * two, so at most 6 % off), from 1 ns to 64 s. Recording is one increment.
 */

const SUB_BUCKET_BITS = 4;
const SUB_BUCKETS = 1 << SUB_BUCKET_BITS;
const POWERS = 36;
const BUCKET_COUNT = (POWERS - SUB_BUCKET_BITS + 1) * SUB_BUCKETS;

export class LatencyHistogram {
  count: number;
  readonly #buckets: Uint32Array;

  constructor() {
    this.count = 0;
    this.#buckets = new Uint32Array(BUCKET_COUNT);
  }

  record(durationNanoseconds: number): void {
    this.#buckets[bucketOf(durationNanoseconds)] += 1;
    this.count += 1;
  }

  /** The duration below which this share (0 to 100) of all fell; the bucket's upper end. */
  percentileNanoseconds(percentile: number): number {
    const wanted = Math.max(1, Math.ceil((percentile / 100) * this.count));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket += 1) {
      seen += this.#buckets[bucket];
      if (seen >= wanted) return upperEndOf(bucket);
    }
    return 0;
  }

  /** Flat: 2^n microseconds, how many took at most that; only where the count grows. */
  cumulativeByMicrosecondPowers(): number[] {
    const pairs: number[] = [];
    let seen = 0;
    let bucket = 0;
    for (let power = 0; power <= 26 && seen < this.count; power += 1) {
      const before = seen;
      // As Redis: a microsecond counts as 1,024 ns here, so that limits fall on buckets' ends.
      const limitNanoseconds = 2 ** power * 1024;
      while (bucket < BUCKET_COUNT && (upperEndOf(bucket) <= limitNanoseconds || power === 26)) {
        seen += this.#buckets[bucket];
        bucket += 1;
      }
      if (seen > before) pairs.push(2 ** power, seen);
    }
    return pairs;
  }
}

function bucketOf(durationNanoseconds: number): number {
  const whole = Math.floor(durationNanoseconds);
  if (whole < SUB_BUCKETS) return Math.max(0, whole);
  if (whole >= 2 ** POWERS) return BUCKET_COUNT - 1;
  // Above 2^31 the shifts would overflow; there, count in steps of 256 ns.
  const isLong = whole >= 2 ** 31;
  const scaled = isLong ? Math.floor(whole / 256) : whole;
  const power = 31 - Math.clz32(scaled);
  const sub = (scaled >>> (power - SUB_BUCKET_BITS)) - SUB_BUCKETS;
  return (power + (isLong ? 8 : 0) - SUB_BUCKET_BITS + 1) * SUB_BUCKETS + sub;
}

function upperEndOf(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket;
  const power = Math.floor(bucket / SUB_BUCKETS) - 1;
  const sub = bucket % SUB_BUCKETS;
  return (SUB_BUCKETS + sub + 1) * 2 ** power - 1;
}
