/**
 * The float store's boundary: whatever is not held is refused, a reference works once, and fields
 * can be read when the engine is closed.
 */
import { afterEach, describe, expect, test } from "vitest";
import { must } from "../../src/base/assert.ts";
import { FloatStore, type StoredVector, type VectorOwner } from "../../src/vector/float-store.ts";
import { type KernelEngine, loadKernel } from "../../src/vector/kernel-addon.ts";

const BYTES = 64;
const engines: KernelEngine[] = [];
afterEach(() => {
  for (const engine of engines.splice(0)) engine.close();
});

function startKernel(): KernelEngine {
  const engine = loadKernel().createEngine(1, () => {});
  engines.push(engine);
  return engine;
}

const filled = (byte: number): Buffer => Buffer.alloc(BYTES, byte);

function heldBy(owner: VectorOwner, byte: number): StoredVector {
  return must(owner.hold(filled(byte)), "there is memory");
}

describe("the kernel's calls", () => {
  test("refuse a slot that nobody holds, and leave everything as it was", () => {
    const engine = startKernel();
    const owner = engine.openOwner();
    const slot = engine.hold(owner, filled(7));
    const index = engine.createIndex(0, 0, BYTES / 4, 16, 200, 512);
    for (const wrong of [slot + 1, 2 ** 32 - 1]) {
      expect(() => engine.readHeld(wrong, Buffer.alloc(BYTES))).toThrow(TypeError);
      expect(() => engine.share(BYTES, wrong)).toThrow(TypeError);
      expect(() => engine.release(BYTES, wrong)).toThrow(TypeError);
      expect(() => engine.addStored(index, 1, wrong)).toThrow(TypeError);
    }
    expect(() => engine.readHeld(slot, Buffer.alloc(BYTES + 1))).toThrow(TypeError);
    expect(() => engine.release(BYTES - 1, slot)).toThrow(TypeError);
    expect(() => engine.hold(owner, Buffer.alloc(0))).toThrow(TypeError);
    expect(() => engine.readHeld(-1, Buffer.alloc(BYTES))).toThrow(TypeError);
    expect(() => engine.storeFigures(new Float64Array(1))).toThrow(TypeError);
    const read = Buffer.alloc(BYTES);
    engine.readHeld(slot, read);
    expect(read).toEqual(filled(7));
    engine.release(BYTES, slot);
    expect(() => engine.release(BYTES, slot)).toThrow(TypeError);
    expect(new FloatStore(engine).usedCount).toBe(0);
  });

  test("let go of one owner's vectors and of no other's", () => {
    const engine = startKernel();
    const owners = [engine.openOwner(), engine.openOwner()];
    const slots = owners.map((owner) => engine.hold(owner, filled(owner)));
    expect(engine.releaseOwner(owners[0], 1)).toBe(false);
    expect(engine.releaseOwner(owners[0], 2)).toBe(true);
    const read = Buffer.alloc(BYTES);
    expect(() => engine.readHeld(slots[0], read)).toThrow(TypeError);
    engine.readHeld(slots[1], read);
    expect(read).toEqual(filled(owners[1]));
    expect(engine.releaseOwner(owners[1], 1000)).toBe(true);
    expect(new FloatStore(engine).usedCount).toBe(0);
  });
});

describe("a reference", () => {
  test("is one holder among several, and works until it is released", () => {
    const store = new FloatStore(startKernel());
    const owner = store.openOwner();
    const first = heldBy(owner, 1);
    const second = first.share();
    expect(second.isSameAs(first)).toBe(true);
    expect(heldBy(owner, 1).isSameAs(first)).toBe(false);
    first.release();
    expect(() => first.copy()).toThrow("released");
    expect(() => first.release()).toThrow("released");
    expect(second.copy()).toEqual(filled(1));
    expect(store.heldCount).toBe(2);
    owner.close();
    expect(() => second.copy()).toThrow("released");
    expect(() => owner.hold(filled(2))).toThrow("released");
    expect(store.usedCount).toBe(2);
    while (!owner.releaseSome(1)) expect(store.usedCount).toBeGreaterThan(0);
    expect(store.usedCount).toBe(0);
    second.release();
    expect(() => second.release()).toThrow("released");
  });

  test("gives a copy, which stays what it is", () => {
    const owner = new FloatStore(startKernel()).openOwner();
    const vector = heldBy(owner, 1);
    const copy = vector.copy();
    vector.release();
    owner.hold(filled(2));
    expect(copy).toEqual(filled(1));
  });

  test("can be read when the engine is closed", () => {
    const engine = startKernel();
    const vector = heldBy(new FloatStore(engine).openOwner(), 3);
    engine.addStored(engine.createIndex(0, 0, BYTES / 4, 16, 200, 512), 1, vector.slot);
    engine.close();
    expect(vector.copy()).toEqual(filled(3));
    vector.release();
    expect(new FloatStore(engine).usedCount).toBe(0);
  });
});
