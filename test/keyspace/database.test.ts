/**
 * A database against a plain Map: values of every size under keys of every size, moved, replaced
 * and removed, with expiries, and with lookups foreseen rightly and wrongly.
 */
import { describe, expect, it, onTestFailed } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { SlabQuota } from "../../src/data/slab-arena.ts";
import { Database, FORESEEN_MAX } from "../../src/keyspace/database.ts";
import type { Value } from "../../src/keyspace/entry.ts";
import { HashValue } from "../../src/keyspace/hash-value.ts";
import { ReleaseList } from "../../src/keyspace/stored-bytes.ts";
import { StringValue } from "../../src/keyspace/string-value.ts";
import { seededRandom } from "../support/command-grammar.ts";

const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);
const STEPS = 30_000;
const KEYS = 3000;

const hashKey = { low: 7, high: 11 };

interface Kept {
  readonly value: Value;
  expiryMs: number;
}

function hashOf(field: string, value: string): HashValue {
  const hash = new HashValue();
  hash.set(field, value, { hashKey, released: new ReleaseList() });
  return hash;
}

function plain(value: Value | undefined): unknown {
  return value?.type === "string" ? value.borrowed : value;
}

function database(): Database {
  return new Database(hashKey, new SlabQuota(limits.arenaSlabsMax, 1), new ReleaseList());
}

describe("a database", () => {
  it("is a Map, whatever is foreseen", () => {
    onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
    const random = seededRandom(seed);
    const below = (bound: number): number => Math.floor(random() * bound);
    const store = database();
    const model = new Map<string, Kept>();
    const keyOf = (number: number): string =>
      number % 50 === 0 ? `long:${number}`.padEnd(600, "k") : number === 1 ? "" : `k${number}`;
    const anyKey = (): string => keyOf(below(KEYS));
    const anyValue = (): Value => {
      const kind = below(10);
      if (kind === 0) return hashOf("f", "v");
      if (kind === 1) return new StringValue(Buffer.alloc(513 + below(600), 65));
      return new StringValue("v".repeat(below(kind < 5 ? 513 : 40)));
    };
    for (let step = 0; step < STEPS; step += 1) {
      if (random() < 0.1) {
        store.foresee(Array.from({ length: FORESEEN_MAX }, anyKey), 2 + below(FORESEEN_MAX - 1));
      }
      const key = anyKey();
      const kept = model.get(key);
      expect(plain(store.get(key)?.value)).toEqual(plain(kept?.value));
      expect(store.get(key)?.expiryMs).toBe(kept?.expiryMs);
      const location = store.find(key);
      const dice = random();
      if (location !== 0 && dice < 0.3) {
        store.remove(location);
        model.delete(key);
      } else if (kept !== undefined && dice < 0.4) {
        kept.expiryMs = below(2) * (1 + below(1e6));
        store.setExpiry(location, kept.expiryMs);
      } else {
        const value = anyValue();
        const expiryMs = below(3) === 0 ? 1 + below(1e6) : 0;
        const placed = store.put(key, value, expiryMs);
        expect(store.find(key)).toBe(placed);
        model.set(key, { value, expiryMs });
      }
    }
    expect(store.keyCount).toBe(model.size);
    expect(new Set(store.keys())).toEqual(new Set(model.keys()));
    const expiring = [...model.values()].filter(({ expiryMs }) => expiryMs !== 0);
    expect(store.expiringCount).toBe(expiring.length);
    for (const key of model.keys()) store.remove(store.find(key));
    expect([store.keyCount, store.usedBytes, store.expiringCount]).toEqual([0, 0, 0]);
  });

  it("keeps what it foresaw when the caller's array is used again for another database", () => {
    const [first, second] = [database(), database()];
    first.put("b", new StringValue("v"), 0);
    const keys = ["a", "x"];
    first.foresee(keys, 2);
    keys[0] = "b";
    second.foresee(keys, 2);
    expect(plain(first.get("b")?.value)).toBe("v");
  });

  it("meets in a walk every key that is there throughout", () => {
    const store = database();
    for (let number = 0; number < 1000; number += 1) {
      store.put(`k${number}`, new StringValue("v"), 0);
    }
    const missing = new Set(Array.from({ length: 500 }, (_, half) => `k${half * 2}`));
    let removed = 1;
    for (let left = store.keyCount; left > 0; left = Math.min(left, store.keyCount)) {
      left -= 1;
      missing.delete(store.keyAtPlace(left));
      if (removed < 1000) store.remove(store.find(`k${removed}`));
      removed += 2;
      store.put(`new${removed}`, new StringValue("v"), 0);
    }
    expect(missing.size).toBe(0);
  });
});
