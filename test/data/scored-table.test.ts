/**
 * Scored members in both forms, a table and a pack, against a plain sorted array: the same order,
 * ranks and ranges after whatever came, went and changed its score.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY_LISTPACK, type Listpack } from "../../src/data/listpack.ts";
import { Before, type BoundKind } from "../../src/data/score-bound.ts";
import {
  packCountBefore,
  packRank,
  packScore,
  packSize,
  packWith,
  packWithout,
  packWithoutRange,
  visitPack,
} from "../../src/data/scored-pack.ts";
import { ScoredTable } from "../../src/data/scored-table.ts";

type Pair = readonly [member: string, score: number];

class Model {
  pairs: Pair[] = [];

  set(member: string, score: number): void {
    this.remove(member);
    this.pairs.push([member, score]);
    this.pairs.sort(([left, leftScore], [right, rightScore]) => {
      if (leftScore !== rightScore) return leftScore < rightScore ? -1 : 1;
      return left < right ? -1 : 1;
    });
  }

  remove(member: string): void {
    this.pairs = this.pairs.filter(([name]) => name !== member);
  }

  rank(member: string): number {
    return this.pairs.findIndex(([name]) => name === member);
  }

  countBefore(kind: BoundKind, score: number, member: string): number {
    const at = this.pairs.findIndex(([name, own]) => {
      if (kind === Before.score) return own >= score;
      if (kind === Before.orAtScore) return own > score;
      if (kind === Before.bytes) return name >= member;
      if (kind === Before.orAtBytes) return name > member;
      if (own !== score) return own > score;
      return kind === Before.member ? name >= member : name > member;
    });
    return at < 0 ? this.pairs.length : at;
  }
}

const name = fc.oneof(
  fc.nat({ max: 400 }).map((number) => `m${number}`),
  fc.nat({ max: 200 }).map(String),
  fc.string({ unit: fc.constantFrom("a", "\xff", "\x00"), maxLength: 4 }),
);
const score = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(Infinity, -Infinity, 0.1, 1e300, 2 ** 53, 2 ** 62, -1e-300, 12345.678),
  fc.double({ noNaN: true }),
);
const same = fc.constant(7);
const bound = fc.constantFrom(...Object.values(Before));

function plain(scores: number): number {
  return scores === 0 ? 0 : scores;
}

function collect(visit: (visitor: (member: string, score: number) => void) => void): Pair[] {
  const pairs: Pair[] = [];
  visit((member, own) => pairs.push([member, plain(own)]));
  return pairs;
}

/** Many at once, so that leaves and branches split; then some go by name and some by range. */
function steps(scores: fc.Arbitrary<number>) {
  return fc.array(
    fc.oneof(
      fc.record({ add: fc.array(fc.tuple(name, scores), { maxLength: 300 }) }),
      fc.record({ remove: fc.array(name, { maxLength: 200 }) }),
      fc.record({
        from: fc.double({ min: 0, max: 1, noNaN: true }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({ isUpwards: fc.boolean(), run: fc.nat({ max: 300 }) }),
    ),
    { maxLength: 12 },
  );
}

describe.each([
  ["of all sorts", score],
  ["that are the same", same],
])("a table with scores %s", (_, scores) => {
  it("is the sorted array", () => {
    fc.assert(
      fc.property(steps(scores), name, scores, bound, (list, probe, probeScore, kind) => {
        const table = new ScoredTable({ low: 5, high: 6 });
        const model = new Model();
        for (const step of list) {
          if ("add" in step) {
            for (const [member, own] of step.add) {
              expect(table.set(member, own)).toBe(model.rank(member) < 0);
              model.set(member, plain(own));
            }
          } else if ("remove" in step) {
            for (const member of step.remove) {
              expect(table.remove(member)).toBe(model.rank(member) >= 0);
              model.remove(member);
            }
          } else if ("run" in step) {
            for (let index = 0; index < step.run; index += 1) {
              const member = `r${step.isUpwards ? index : 900 - index}`;
              table.set(member, 50 + index);
              model.set(member, 50 + index);
            }
          } else {
            const start = Math.floor(step.from * model.pairs.length);
            const count = Math.floor(step.share * (model.pairs.length - start));
            const members = model.pairs.slice(start, start + count);
            const met = collect((visitor) => table.visit(start, count, false, visitor));
            expect(met).toEqual(members);
            table.removeRange(start, count);
            for (const [member] of members) model.remove(member);
          }
          const size = model.pairs.length;
          expect(table.size).toBe(size);
          expect(collect((visitor) => table.visit(0, size, false, visitor))).toEqual(model.pairs);
          expect(collect((visitor) => table.visit(size - 1, size, true, visitor))).toEqual(
            model.pairs.toReversed(),
          );
          const isOneScore = new Set(model.pairs.map(([, own]) => own)).size <= 1;
          if (kind < Before.bytes || isOneScore) {
            expect(table.countBefore(kind, probeScore, probe)).toBe(
              model.countBefore(kind, probeScore, probe),
            );
          }
          for (const [rank, [member, own]] of model.pairs.entries()) {
            expect(table.rank(member)).toBe(rank);
            expect(table.score(member)).toEqual(own === 0 ? expect.closeTo(0) : own);
          }
          expect(table.rank("absent")).toBe(-1);
        }
      }),
      { numRuns: 40 },
    );
  });
});

it("holds a hundred thousand in three levels, and empties again", () => {
  const table = new ScoredTable({ low: 5, high: 6 });
  const total = 100_000;
  for (let index = 0; index < total; index += 1) {
    const mixed = (index * 7919) % total;
    table.set(`member:${mixed}`, Math.floor(mixed / 3));
  }
  for (let index = 0; index < total; index += 997) {
    const rank = table.rank(`member:${index}`);
    expect(Math.floor(rank / 3)).toBe(Math.floor(index / 3));
    expect(collect((visitor) => table.visit(rank, 1, false, visitor))[0][0]).toBe(
      `member:${index}`,
    );
  }
  for (let index = 0; index < total; index += 1) {
    expect(table.remove(`member:${(index * 6131) % total}`)).toBe(true);
    if (index % 10_000 === 0)
      expect(table.countBefore(Before.score, Infinity, "")).toBe(table.size);
  }
  expect(table.size).toBe(0);
});

it("lets a scan meet who stays, whatever ranges go meanwhile", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.nat({ max: 300 }), fc.array(fc.tuple(share, share)), (size, ranges) => {
      const table = new ScoredTable({ low: 5, high: 6 });
      for (let index = 0; index < size; index += 1) table.set(`m${index}`, (index * 37) % 101);
      const met = new Set<string>();
      let cursor = 0;
      let turn = 0;
      do {
        cursor = table.scan(cursor, 7, (member) => met.add(member));
        const [from, part] = ranges[turn] ?? [0, 0];
        const start = Math.floor(from * table.size);
        table.removeRange(start, Math.floor(part * (table.size - start)));
        turn += 1;
      } while (cursor !== 0);
      table.visit(0, table.size, false, (member) => expect(met).toContain(member));
    }),
  );
});

describe("a pack", () => {
  it("is the sorted array", () => {
    const few = fc.record({ member: name, own: score, isRemoved: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(few, { maxLength: 60 }),
        name,
        score,
        bound,
        (list, probe, own, kind) => {
          let pack: Listpack = EMPTY_LISTPACK;
          const model = new Model();
          for (const step of list) {
            if (step.isRemoved) {
              pack = packWithout(pack, step.member);
              model.remove(step.member);
            } else {
              pack = packWith(pack, step.member, step.own);
              model.set(step.member, plain(step.own));
            }
            const size = model.pairs.length;
            expect(packSize(pack)).toBe(size);
            const kept = pack;
            expect(collect((visitor) => visitPack(kept, 0, size, false, visitor))).toEqual(
              model.pairs,
            );
            expect(packScore(pack, step.member)).toBe(step.isRemoved ? undefined : step.own);
            expect(packRank(pack, probe)).toBe(model.rank(probe));
            expect(packCountBefore(pack, kind, own, probe)).toBe(
              model.countBefore(kind, own, probe),
            );
          }
          const middle = model.pairs.length >>> 1;
          expect(
            collect((visitor) => visitPack(pack, middle, Math.min(middle, 3), true, visitor)),
          ).toEqual(
            model.pairs
              .toReversed()
              .slice(-middle - 1)
              .slice(0, Math.min(middle, 3)),
          );
          pack = packWithoutRange(pack, 1, Math.max(middle - 1, 0));
          model.pairs.splice(1, Math.max(middle - 1, 0));
          expect(collect((visitor) => visitPack(pack, 0, packSize(pack), false, visitor))).toEqual(
            model.pairs,
          );
        },
      ),
    );
  });
});
