/**
 * A database against a plain Map: values of every size under keys of every size, moved, replaced
 * and removed, with expiries, and with lookups foreseen rightly and wrongly.
 */
import { describe, expect, it, onTestFailed } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { SlabQuota } from "../../src/data/slab-arena.ts";
import { Database, FORESEEN_MAX } from "../../src/keyspace/database.ts";
import type { RestoredValue } from "../../src/keyspace/effect.ts";
import type { Value } from "../../src/keyspace/entry.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { flatValue, restoredValue } from "../../src/keyspace/restored-value.ts";
import { ReleaseList } from "../../src/keyspace/stored-bytes.ts";
import { StringValue } from "../../src/keyspace/string-value.ts";
import { seededRandom } from "../support/command-grammar.ts";

const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);
const STEPS = 30_000;
const KEYS = 3000;

const hashKey = { low: 7, high: 11 };

interface Kept {
  value: RestoredValue;
  expiryMs: number;
}

const keyspace = new Keyspace(1);

function randomValue(below: (bound: number) => number): Value {
  const kind = below(12);
  if (kind < 5) return new StringValue("v".repeat(below(kind < 2 ? 513 : 40)));
  if (kind === 5) return new StringValue(Buffer.alloc(513 + below(600), 65));
  const texts = Array.from(
    { length: 1 + below(kind === 6 ? 120 : 12) },
    (_, at) => `${at}:${"e".repeat(below(30))}`,
  );
  switch (kind) {
    case 7:
      return restoredValue(
        { type: "hash", pairs: texts.flatMap((text) => [text, text]) },
        keyspace,
      );
    case 8:
      return restoredValue({ type: "set", members: texts }, keyspace);
    case 9:
      return restoredValue({ type: "set", members: texts.map((_, at) => String(at)) }, keyspace);
    case 10:
      return restoredValue(
        { type: "zset", members: texts, scores: texts.map((_, at) => at / 2) },
        keyspace,
      );
    default:
      return restoredValue({ type: "list", values: texts }, keyspace);
  }
}

/** As an effect does it: the one that `valueAt` gave is changed; false if it is no list. */
function changeList(value: Value, below: (bound: number) => number): boolean {
  if (value.type !== "list") return false;
  if (value.length > 1 && below(2) === 0) value.drop(1 + below(value.length - 1), below(2) === 0);
  else value.push(["p".repeat(below(200))], below(2) === 0);
  return true;
}

function plain(value: Value | undefined): RestoredValue | undefined {
  return value === undefined ? undefined : flatValue(value);
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
    for (let step = 0; step < STEPS; step += 1) {
      if (random() < 0.1) {
        store.foresee(Array.from({ length: FORESEEN_MAX }, anyKey), 2 + below(FORESEEN_MAX - 1));
      }
      const key = anyKey();
      const kept = model.get(key);
      expect(plain(store.get(key)?.value)).toEqual(kept?.value);
      expect(store.get(key)?.expiryMs).toBe(kept?.expiryMs);
      const location = store.find(key);
      const dice = random();
      if (location !== 0 && dice < 0.3) {
        store.remove(location);
        model.delete(key);
      } else if (kept !== undefined && dice < 0.4) {
        kept.expiryMs = below(2) * (1 + below(1e6));
        store.setExpiry(location, kept.expiryMs);
      } else if (kept?.value.type === "list" && dice < 0.7) {
        const value = store.valueAt(location);
        const costBefore = value.costBytes;
        expect(changeList(value, below)).toBe(true);
        expect(store.rewrite(location, value, costBefore)).toBe(store.find(key));
        kept.value = flatValue(value);
      } else {
        const value = randomValue(below);
        const expiryMs = below(3) === 0 ? 1 + below(1e6) : 0;
        const placed = store.put(key, value, expiryMs);
        expect(store.find(key)).toBe(placed);
        model.set(key, { value: flatValue(value), expiryMs });
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
    expect(plain(first.get("b")?.value)).toEqual({ type: "string", value: "v" });
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

  it("gives one object for a small collection while a command has it, and another later", () => {
    const store = database();
    const keys = ["a", "b", "c"];
    for (const key of keys) {
      store.put(key, restoredValue({ type: "list", values: ["1"] }, keyspace), 0);
    }
    const kept = keys.map((key) => store.keptValueAt(store.find(key)));
    for (const [index, key] of keys.entries()) {
      const value = store.valueAt(store.find(key));
      expect(value).toBe(kept[index]);
      const costBefore = value.costBytes;
      // What no longer fits its record leaves it, and comes back.
      for (const text of ["x".repeat(900), "y".repeat(900)]) {
        if (value.type === "list") value.push([text], false);
        store.rewrite(store.find(key), value, costBefore);
        expect(store.valueAt(store.find(key))).toBe(kept[index]);
      }
      const costGrown = value.costBytes;
      if (value.type === "list") value.drop(2, false);
      store.rewrite(store.find(key), value, costGrown);
      expect(store.valueAt(store.find(key))).toBe(kept[index]);
    }
    store.release();
    for (const key of keys) store.valueAt(store.find(key));
    expect(store.valueAt(store.find("a"))).not.toBe(kept[0]);
    expect(plain(store.valueAt(store.find("a")))).toEqual({ type: "list", values: ["1"] });
  });
});
