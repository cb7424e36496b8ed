/**
 * The door to cryptographic hashing, for passwords (`auth/users.ts` holds the interface).
 */
import { createHash, timingSafeEqual } from "node:crypto";

export const systemHashing = {
  sha256(bytes: Buffer): Buffer {
    return createHash("sha256").update(bytes).digest();
  },
  equalInConstantTime(left: Buffer, right: Buffer): boolean {
    return left.length === right.length && timingSafeEqual(left, right);
  },
};
