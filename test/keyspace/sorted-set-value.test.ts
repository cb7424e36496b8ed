/**
 * A sorted set's value against a plain sorted array, from its first member until long after it
 * outgrew its pack: the same order, ranks and scores, a cost that depends on what it holds and not
 * on how it came there, and the encoding that Redis would report.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultEncodingLimits } from "../../src/keyspace/encoding-limits.ts";
import { SortedSetValue } from "../../src/keyspace/sorted-set-value.ts";

const hashKey = { low: 1, high: 2 };
const limits = defaultEncodingLimits();

const name = fc.oneof(
  fc.nat({ max: 250 }).map((number) => `m${number}`),
  fc.nat({ max: 40 }).map((number) => "long".repeat(number)),
  fc.constantFrom("", "\xff", "\x00", "12", "-7"),
);
const score = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.double({ noNaN: true }));
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ add: fc.array(fc.tuple(name, score), { maxLength: 60 }) }) },
  { weight: 2, arbitrary: fc.tuple(name, score).map((pair) => ({ add: [pair] })) },
  fc.record({ remove: name }),
  fc.record({ first: fc.nat({ max: 300 }), count: fc.nat({ max: 30 }) }),
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function change(set: SortedSetValue, model: Map<string, number>, change: Step): void {
  if ("add" in change) {
    const members = change.add.map(([member]) => member);
    const scores = change.add.map(([, own]) => own);
    if (members.length > 0) set.setAll(members, scores, hashKey, limits);
    for (const [member, own] of change.add) model.set(member, own);
  } else if ("remove" in change) {
    expect(set.remove(change.remove)).toBe(model.delete(change.remove));
  } else {
    const first = Math.min(change.first, set.size);
    const count = Math.min(change.count, set.size - first);
    for (const [member] of ordered(model).slice(first, first + count)) model.delete(member);
    set.removeRange(first, count);
  }
}

function ordered(model: Map<string, number>): [string, number][] {
  return [...model].sort(([left, leftScore], [right, rightScore]) => {
    if (leftScore !== rightScore) return leftScore < rightScore ? -1 : 1;
    return left < right ? -1 : 1;
  });
}

function rebuilt(set: SortedSetValue): SortedSetValue {
  const copy = new SortedSetValue();
  const { members, scores } = set.flat();
  copy.setAll(members, scores, hashKey, limits);
  return copy;
}

describe("a sorted set", () => {
  it("is the sorted array, whatever its form", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const set = new SortedSetValue();
        const model = new Map<string, number>();
        for (const one of steps) {
          change(set, model, one);
          const pairs = ordered(model);
          expect(set.size).toBe(pairs.length);
          const flat = set.flat();
          expect(flat.members).toEqual(pairs.map(([member]) => member));
          for (const [rank, [member, own]] of pairs.entries()) {
            expect(set.rank(member)).toBe(rank);
            expect(set.score(member)).toBe(own);
            expect(flat.scores[rank]).toBe(own);
          }
          const scanned = new Set<string>();
          expect(set.scan(0, set.size + 1, (member) => scanned.add(member))).toBe(0);
          expect(scanned).toEqual(new Set(flat.members));
          const numbered = flat.members.map((_, number) => set.memberOf(number));
          expect(new Set(numbered)).toEqual(scanned);
        }
      }),
    );
  });

  it("costs what it holds once it is large, however it came there", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const set = new SortedSetValue();
        const model = new Map<string, number>();
        const many = Array.from({ length: 400 }, (_, index) => `x${index}`);
        const zeros = many.map(() => 0);
        set.setAll(many, zeros, hashKey, limits);
        for (const member of many) model.set(member, 0);
        for (const one of steps) change(set, model, one);
        if (set.size > 128) expect(set.costBytes).toBe(rebuilt(set).costBytes);
      }),
      { numRuns: 30 },
    );
  });
});

describe("the encoding's name", () => {
  const named = (members: readonly string[], own = limits) => {
    const set = new SortedSetValue();
    for (const member of members) set.setAll([member], [1], hashKey, own);
    return set;
  };
  const many = Array.from({ length: 128 }, (_, index) => `m${index}`);

  it("is a listpack's up to the limits, and never again beyond them", () => {
    const set = named(many);
    expect(set.encodingName(limits)).toBe("listpack");
    set.setAll(["m5"], [7], hashKey, limits);
    expect(set.encodingName(limits)).toBe("listpack");
    set.setAll(["more"], [1], hashKey, limits);
    expect(set.encodingName(limits)).toBe("skiplist");
    set.removeRange(0, 100);
    expect(set.encodingName(limits)).toBe("skiplist");
  });

  it("goes by the longest member too", () => {
    expect(named(["x".repeat(64)]).encodingName(limits)).toBe("listpack");
    expect(named(["a", "x".repeat(65)]).encodingName(limits)).toBe("skiplist");
  });

  it("follows the limits of the time, in both directions", () => {
    const none = { ...limits, sortedSetListpackEntries: 0 };
    expect(named(["a"], none).encodingName(none)).toBe("skiplist");
    const wide = { ...limits, sortedSetListpackEntries: 1000, sortedSetListpackValueBytes: 5000 };
    expect(named([...many, "m", "x".repeat(5000)], wide).encodingName(wide)).toBe("listpack");
  });
});
