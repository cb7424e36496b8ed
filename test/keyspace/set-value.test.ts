/**
 * A set against a plain one, through all its forms; its names, which are Redis 7.2's; its cost.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EffectId } from "../../src/keyspace/effect.ts";
import { defaultEncodingLimits, type EncodingLimits } from "../../src/keyspace/encoding-limits.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { SetValue } from "../../src/keyspace/set-value.ts";
import { present } from "../support/in-process-server.ts";

const hashKey = { low: 1, high: 2 };
const limits = defaultEncodingLimits();
const numbered = (count: number, prefix = "") =>
  Array.from({ length: count }, (_, index) => prefix + index);

function setOf(members: readonly string[], wanted: Partial<EncodingLimits> = {}): SetValue {
  const set = new SetValue();
  set.add(members, hashKey, { ...limits, ...wanted });
  return set;
}

const member = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -300, max: 300 }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "007", "-0", "\xff\x00", "2147483648", "x".repeat(64)),
  },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom("a", "\xff", "1"), maxLength: 5 }) },
  { weight: 1, arbitrary: fc.constantFrom("y".repeat(65), "z".repeat(700), String(-(2n ** 63n))) },
);
const step = fc.record({
  isRemoval: fc.boolean(),
  members: fc.oneof(
    fc.array(member, { maxLength: 8 }),
    fc.integer({ min: 100, max: 600 }).map((count) => numbered(count)),
    fc.constantFrom(numbered(100, "m"), numbered(130, "m")),
  ),
});

function expectSame(set: SetValue, model: ReadonlySet<string>): void {
  expect(set.size).toBe(model.size);
  const members = [...set];
  expect(members.toSorted()).toEqual([...model].toSorted());
  expect(members.map((_, index) => set.at(index))).toEqual(members);
  const scanned = new Set<string>();
  let cursor = 0;
  do {
    cursor = set.scan(cursor, 7, (found) => scanned.add(found));
    if (set.isSmall) expect(cursor).toBe(0);
  } while (cursor !== 0);
  expect(scanned).toEqual(model);
  for (const known of members) expect(set.has(known)).toBe(true);
}

describe("a set", () => {
  it("is a set of strings, whatever its form", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.array(member), (steps, others) => {
        const model = new Set<string>();
        const set = new SetValue();
        for (const { isRemoval, members } of steps) {
          const changed = [...new Set(members)].filter((text) => model.has(text) === isRemoval);
          if (changed.length === 0) continue;
          if (isRemoval) set.remove(changed);
          else set.add(changed, hashKey, limits);
          for (const text of changed) {
            if (isRemoval) model.delete(text);
            else model.add(text);
          }
          expectSame(set, model);
        }
        for (const text of others) expect(set.has(text)).toBe(model.has(text));
      }),
    );
  });

  it("gives integers in their order, few others in the order in which they came", () => {
    expect([...setOf(["30", "-1", "2"])]).toEqual(["-1", "2", "30"]);
    const set = setOf(["30", "-1"]);
    set.add(["b", "a"], hashKey, limits);
    set.remove(["-1"]);
    set.add(["-1"], hashKey, limits);
    expect([...set]).toEqual(["30", "b", "a", "-1"]);
  });

  it("has an order that depends on nothing but what came and went", () => {
    const one = setOf(numbered(300, "m"));
    const two = setOf(numbered(100, "m"));
    two.add(numbered(300, "m").slice(100), { low: 3, high: 4 }, limits);
    for (const set of [one, two]) set.remove(["m7", "m299", "m100"]);
    expect([...one]).toEqual([...two]);
  });

  it("refuses an effect that does not fit", () => {
    for (const set of [setOf(["1"]), setOf(["a"]), setOf(numbered(200, "m"))]) {
      expect(() => set.remove(["x"])).toThrow();
      expect(() => set.remove(numbered(10, "x"))).toThrow();
    }
    const large = setOf(numbered(200, "m"));
    expect(() => large.add(["m1"], hashKey, limits)).toThrow("a member that is added is new");
  });
});

describe("the name of a set's encoding", () => {
  it.each([
    ["intset", numbered(512), {}],
    ["hashtable", numbered(513), {}],
    ["listpack", ["a", ...numbered(127)], {}],
    ["hashtable", ["a", ...numbered(128)], {}],
    ["listpack", ["x".repeat(64)], {}],
    ["hashtable", ["x".repeat(65)], {}],
    ["hashtable", [...numbered(200), "a"], {}],
    ["listpack", ["1"], { setIntsetEntries: 0 }],
    ["hashtable", ["1"], { setIntsetEntries: 0, setListpackEntries: 0 }],
    ["listpack", numbered(5), { setIntsetEntries: 4 }],
    ["listpack", ["12345", "a"], { setListpackValueBytes: 5 }],
    ["hashtable", ["12345", "a"], { setListpackValueBytes: 4 }],
    ["intset", ["12345"], { setListpackValueBytes: 4 }],
  ] as const)("is %s for a new one (case %#)", (name, members, wanted) => {
    expect(setOf(members, wanted).encodingName(limits)).toBe(name);
  });

  it("goes on as members come, and never back", () => {
    const set = setOf(["1", "2"]);
    set.add(["a"], hashKey, limits);
    expect(set.encodingName(limits)).toBe("listpack");
    set.remove(["a"]);
    expect(set.encodingName(limits)).toBe("listpack");
    set.add(["x".repeat(65)], hashKey, limits);
    set.remove(["x".repeat(65)]);
    expect(set.encodingName(limits)).toBe("hashtable");
    const integers = setOf(numbered(512));
    integers.add(["1000"], hashKey, limits);
    expect(integers.encodingName(limits)).toBe("hashtable");
    const existing = setOf(["1"]);
    existing.add(numbered(6).slice(2), hashKey, { ...limits, setIntsetEntries: 3 });
    expect(existing.encodingName(limits)).toBe("hashtable");
  });

  it("is as if made anew after a restore, whatever the order", () => {
    const keyspace = new Keyspace(1);
    const named = (members: readonly string[]): string => {
      const at = { database: 0, key: "k", expiryMs: 0 };
      keyspace.apply({ id: EffectId.keyRestore, ...at, value: { type: "set", members } }, 0);
      const value = present(keyspace.peek(0, "k")).value;
      return value.type === "set" ? value.encodingName(limits) : "";
    };
    expect(named(["2", "1"])).toBe("intset");
    expect(named(["2", "a"])).toBe("listpack");
    expect(named(numbered(513))).toBe("hashtable");
    expect(named(numbered(512))).toBe("intset");
    expect(named([...numbered(128), "a"])).toBe("hashtable");
  });
});
