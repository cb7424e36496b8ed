/**
 * The door to cryptographic hashing: for passwords (`auth/users.ts` holds the interface) and for
 * the log's chain. In one call SHA-256 costs about 1 µs for a small record and runs at 1.9 GB/s on
 * large ones; the appender computes it while the disk is busy.
 */
import { createHmac, hash, timingSafeEqual } from "node:crypto";

export const SHA256_BYTES = 32;

export function sha256(bytes: Uint8Array): Buffer {
  return hash("sha256", bytes, "buffer");
}

/** Whoever does not know the key can neither make nor guess it. */
export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Buffer {
  return createHmac("sha256", key).update(bytes).digest();
}

export const systemHashing = {
  sha256,
  equalInConstantTime(left: Buffer, right: Buffer): boolean {
    return left.length === right.length && timingSafeEqual(left, right);
  },
};
