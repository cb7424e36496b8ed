/**
 * Blocks are sealed so that no byte of them, nor their place, can be changed unseen, and no nonce
 * comes twice with a key: not in one process, not in the next, not in a copy of the folder.
 */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  AesGcmCipher,
  DataKeyUnknown,
  SEAL_HEAD_BYTES,
  SEAL_OVERHEAD_BYTES,
  SEAL_SLICE_BYTES,
  SEAL_TAIL_BYTES,
  SealBroken,
} from "../../src/runtime/cipher.ts";

const context = Buffer.from("record 7");
const key = (id: number) => ({ id, secret: Buffer.alloc(32, id) });
const cipherOf = (...ids: number[]) =>
  new AesGcmCipher(ids.map(key), ids[ids.length - 1], randomBytes);

describe("a sealed block", () => {
  test.each([0, 1, 511, SEAL_SLICE_BYTES, SEAL_SLICE_BYTES * 2 + 3])(
    "of %i bytes opens",
    (count) => {
      const plain = randomBytes(count);
      const sealed = cipherOf(1).seal(plain, context);
      expect(sealed.length).toBe(count + SEAL_OVERHEAD_BYTES);
      expect(cipherOf(1).open(1, sealed, context).equals(plain)).toBe(true);
    },
  );

  test("shows none of what is in it", () => {
    const sealed = cipherOf(1).seal(Buffer.alloc(100_000, "secret"), context);
    expect(sealed.includes("secret")).toBe(false);
  });

  test("does not open with any byte changed, cut or added", () => {
    const cipher = cipherOf(1);
    const sealed = cipher.seal(Buffer.from("a few words"), context);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] ^= 1;
      expect(() => cipher.open(1, changed, context)).toThrow(SealBroken);
      expect(() => cipher.open(1, sealed.subarray(0, at), context)).toThrow(SealBroken);
    }
    const longer = Buffer.concat([sealed, Buffer.alloc(1)]);
    expect(() => cipher.open(1, longer, context)).toThrow(SealBroken);
  });

  test("does not open in another place, or with another key", () => {
    const cipher = cipherOf(1, 2);
    const sealed = cipher.seal(Buffer.from("a few words"), context);
    expect(() => cipher.open(2, sealed, Buffer.from("record 8"))).toThrow(SealBroken);
    expect(() => cipher.open(1, sealed, context)).toThrow(SealBroken);
    expect(() => cipher.open(3, sealed, context)).toThrow(DataKeyUnknown);
    expect(cipher.open(2, sealed, context).toString()).toBe("a few words");
  });
});

describe("in place", () => {
  test("gives up the event loop between slices, and the same block", () => {
    const plain = randomBytes(SEAL_SLICE_BYTES * 3);
    const room = Buffer.concat([
      Buffer.alloc(SEAL_HEAD_BYTES),
      plain,
      Buffer.alloc(SEAL_TAIL_BYTES),
    ]);
    const cipher = cipherOf(1);
    const yieldCount = [...cipher.sealInPlace(room, context)].length;
    expect(yieldCount).toBe(2);
    expect(cipher.open(1, room, context).equals(plain)).toBe(true);
  });

  test("blocks that are sealed meanwhile have nonces of their own", () => {
    const cipher = cipherOf(1);
    const room = Buffer.alloc(SEAL_OVERHEAD_BYTES + SEAL_SLICE_BYTES * 2);
    const slices = cipher.sealInPlace(room, context);
    slices.next();
    const other = cipher.seal(Buffer.from("between"), context);
    expect([...slices]).toEqual([]);
    expect(other.subarray(0, SEAL_HEAD_BYTES)).not.toEqual(room.subarray(0, SEAL_HEAD_BYTES));
    expect(cipher.open(1, other, context).toString()).toBe("between");
    expect(cipher.open(1, room, context).equals(Buffer.alloc(SEAL_SLICE_BYTES * 2))).toBe(true);
  });
});

describe("salt and counter", () => {
  const heads = (cipher: AesGcmCipher, count: number) =>
    Array.from({ length: count }, () =>
      cipher.seal(Buffer.from("same"), context).toString("hex", 0, SEAL_HEAD_BYTES),
    );

  test("never come twice: within a process, in the next, in one that is pinned", () => {
    const first = cipherOf(1);
    const all = [...heads(first, 500), ...heads(cipherOf(1), 500), ...heads(first.pinned(), 500)];
    first.use(1);
    all.push(...heads(first, 500));
    expect(new Set(all).size).toBe(2000);
  });

  test("the salt alone sets processes apart, whatever they count", () => {
    const salts = [cipherOf(1), cipherOf(1)].map((cipher) => heads(cipher, 1)[0].slice(0, 32));
    expect(salts[0]).not.toBe(salts[1]);
  });
});

describe("rotation", () => {
  test("seals with the new key, opens with both, and not with one that was dropped", () => {
    const cipher = cipherOf(1);
    const old = cipher.seal(Buffer.from("old"), context);
    cipher.add(key(2));
    const pinned = cipher.pinned();
    cipher.use(2);
    const young = cipher.seal(Buffer.from("young"), context);
    expect([cipher.keyId, pinned.keyId]).toEqual([2, 1]);
    expect(cipher.sealedBytes).toBe(5);
    expect(cipher.open(1, old, context).toString()).toBe("old");
    expect(cipher.open(2, young, context).toString()).toBe("young");
    cipher.forget(1);
    expect(() => cipher.open(1, old, context)).toThrow("data key 1 is not in the key ring");
  });
});
