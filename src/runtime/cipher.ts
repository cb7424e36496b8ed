/**
 * AES-256-GCM over blocks: records of the log, blocks of snapshot files, entries of the key ring.
 *
 *   0  16  salt     24  n   ciphertext     A block's key is HMAC-SHA-256(data key, label, salt),
 *  16   8  counter   +  16  tag            its nonce four zero bytes and the counter.
 *
 * A nonce never comes twice with a key: each cipher object draws a salt of its own at its first
 * block and counts from 0. So whatever is sealed again (a torn record at the same sequence), by
 * another process (a start after this one, the same folder copied and started twice, a follower)
 * is sealed with another key; two salts are equal with a chance of 2^-64 after 2^32 starts. No
 * count on the disk has to be right. Rejected: random nonces, which bound how much a key may seal.
 */

import type { CipherGCM, DecipherGCM, KeyObject } from "node:crypto";
import { createCipheriv, createDecipheriv, createHmac, createSecretKey } from "node:crypto";
import { assert } from "../base/assert.ts";

const ALGORITHM = "aes-256-gcm";
const LABEL = "lodestone block key 1";
export const DATA_KEY_BYTES = 32;
const SALT_BYTES = 16;
const COUNTER_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What stands before and behind the ciphertext. */
export const SEAL_HEAD_BYTES = SALT_BYTES + COUNTER_BYTES;
export const SEAL_TAIL_BYTES = TAG_BYTES;
export const SEAL_OVERHEAD_BYTES = SEAL_HEAD_BYTES + SEAL_TAIL_BYTES;
/** Takes a quarter of a millisecond at most, which is how long the event loop is held. */
export const SEAL_SLICE_BYTES = 256 * 1024;
/** Then another salt is drawn: far below what a counter of 64 bits or GCM with one key allow. */
const BLOCKS_OF_ONE_SALT_MAX = 2 ** 32;
/** Each start of a server has one salt; recovery reads them in order. */
const KEPT_BLOCK_KEYS_MAX = 64;

export interface BlockCipher {
  /** Of the data key that `seal` uses now; it changes when keys are rotated. */
  readonly keyId: number;
  /** SEAL_OVERHEAD_BYTES more than `plain`. `context` is authenticated and not stored. */
  seal(plain: Uint8Array, context: Uint8Array): Buffer;
  /** Throws SealBroken if a byte of either was changed, DataKeyUnknown without that key. */
  open(keyId: number, sealed: Uint8Array, context: Uint8Array): Buffer;
  /** Another one, with the present key for good: for a file whose blocks have one key. */
  pinned(): BlockCipher;
}

/** One that can also seal where the bytes lie, and let the event loop go on in between. */
export interface SlicedCipher extends BlockCipher {
  /**
   * Turns `room` (the plain bytes at SEAL_HEAD_BYTES, SEAL_TAIL_BYTES of room behind them) into
   * what `seal` would give. Yields after each slice; nothing may touch `room` until it is done.
   */
  sealInPlace(room: Buffer, context: Uint8Array): Generator<undefined, void>;
}

/** The bytes, or their place, are not what was sealed with this key. */
export class SealBroken extends Error {
  override readonly name = "SealBroken";
}

export class DataKeyUnknown extends Error {
  override readonly name = "DataKeyUnknown";
  readonly keyId: number;
  constructor(keyId: number) {
    super(`data key ${keyId} is not in the key ring`);
    this.keyId = keyId;
  }
}

export interface DataKey {
  /** From 1; 0 is what is written where nothing is sealed. */
  readonly id: number;
  /** DATA_KEY_BYTES. */
  readonly secret: Buffer;
}

interface Salted {
  readonly salt: Buffer;
  readonly key: KeyObject;
  blockCount: number;
}

export class AesGcmCipher implements SlicedCipher {
  keyId: number;
  /** Plain bytes sealed with the present key by this object. */
  sealedBytes = 0;
  readonly #secrets: Map<number, Buffer>;
  readonly #randomBytes: (count: number) => Buffer;
  #sealing: Salted | undefined;
  readonly #opening = new Map<string, KeyObject>();

  /** `keyId` is the one to seal with; `randomBytes` must be a cryptographic source. */
  constructor(keys: readonly DataKey[], keyId: number, randomBytes: (count: number) => Buffer) {
    this.#secrets = new Map();
    this.#randomBytes = randomBytes;
    this.keyId = keyId;
    for (const key of keys) this.add(key);
    assert(this.#secrets.has(keyId), "the key to seal with is there");
  }

  get keys(): DataKey[] {
    return [...this.#secrets].map(([id, secret]) => ({ id, secret }));
  }

  add({ id, secret }: DataKey): void {
    assert(secret.length === DATA_KEY_BYTES, "a data key has 32 bytes");
    assert(Number.isInteger(id) && id > 0 && id < 2 ** 32, "a key id is a u32 from 1");
    this.#secrets.set(id, secret);
  }

  /** From now on blocks are sealed with that key, which must be durable in the key ring. */
  use(keyId: number): void {
    assert(this.#secrets.has(keyId), "the key to seal with is there");
    this.keyId = keyId;
    this.#sealing = undefined;
    this.sealedBytes = 0;
  }

  /** Nothing on the disk needs it any more. */
  forget(keyId: number): void {
    assert(keyId !== this.keyId, "the present key is needed");
    this.#secrets.delete(keyId);
    this.#opening.clear();
  }

  pinned(): AesGcmCipher {
    return new AesGcmCipher(this.keys, this.keyId, this.#randomBytes);
  }

  seal(plain: Uint8Array, context: Uint8Array): Buffer {
    const room = Buffer.allocUnsafeSlow(plain.length + SEAL_OVERHEAD_BYTES);
    room.set(plain, SEAL_HEAD_BYTES);
    const slices = this.sealInPlace(room, context);
    while (slices.next().done !== true);
    return room;
  }

  *sealInPlace(room: Buffer, context: Uint8Array): Generator<undefined, void> {
    const end = room.length - SEAL_TAIL_BYTES;
    assert(end >= SEAL_HEAD_BYTES, "there is room for salt, counter and tag");
    const { salt, key, blockCount } = this.#nextBlock();
    this.sealedBytes += end - SEAL_HEAD_BYTES;
    salt.copy(room, 0);
    room.writeBigUInt64LE(BigInt(blockCount), SALT_BYTES);
    const cipher = createCipheriv(ALGORITHM, key, nonceOf(room), { authTagLength: TAG_BYTES });
    cipher.setAAD(context);
    yield* run(cipher, room.subarray(SEAL_HEAD_BYTES, end));
    cipher.final();
    cipher.getAuthTag().copy(room, end);
  }

  open(keyId: number, sealed: Uint8Array, context: Uint8Array): Buffer {
    const secret = this.#secrets.get(keyId);
    if (secret === undefined) throw new DataKeyUnknown(keyId);
    if (sealed.length < SEAL_OVERHEAD_BYTES) throw new SealBroken("what was sealed is cut short");
    const end = sealed.length - SEAL_TAIL_BYTES;
    const key = this.#openingKey(keyId, secret, Buffer.from(sealed.subarray(0, SALT_BYTES)));
    const decipher = createDecipheriv(ALGORITHM, key, nonceOf(sealed), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(context);
    decipher.setAuthTag(sealed.subarray(end));
    // A copy that grows old with its reader: a slice of what was read would keep all of that alive.
    const plain = Buffer.allocUnsafeSlow(end - SEAL_HEAD_BYTES);
    plain.set(sealed.subarray(SEAL_HEAD_BYTES, end));
    const slices = run(decipher, plain);
    while (slices.next().done !== true);
    try {
      decipher.final();
    } catch {
      throw new SealBroken("its bytes are not those that were sealed");
    }
    return plain;
  }

  #nextBlock(): Salted {
    let sealing = this.#sealing;
    if (sealing === undefined || sealing.blockCount + 1 >= BLOCKS_OF_ONE_SALT_MAX) {
      const salt = this.#randomBytes(SALT_BYTES);
      const secret = this.#secrets.get(this.keyId);
      assert(secret !== undefined && salt.length === SALT_BYTES, "a key and a salt to seal with");
      sealing = { salt, key: blockKey(secret, salt), blockCount: 0 };
      this.#sealing = sealing;
    }
    const { salt, key, blockCount } = sealing;
    sealing.blockCount += 1;
    return { salt, key, blockCount };
  }

  #openingKey(keyId: number, secret: Buffer, salt: Buffer): KeyObject {
    const name = `${keyId} ${salt.toString("latin1")}`;
    let key = this.#opening.get(name);
    if (key !== undefined) return key;
    if (this.#opening.size >= KEPT_BLOCK_KEYS_MAX) this.#opening.clear();
    key = blockKey(secret, salt);
    this.#opening.set(name, key);
    return key;
  }
}

function blockKey(secret: Buffer, salt: Buffer): KeyObject {
  return createSecretKey(createHmac("sha256", secret).update(LABEL).update(salt).digest());
}

function nonceOf(sealed: Uint8Array): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.set(sealed.subarray(SALT_BYTES, SEAL_HEAD_BYTES), NONCE_BYTES - COUNTER_BYTES);
  return nonce;
}

/** In place, slice by slice; nothing of it may be believed before `final`. */
function* run(cipher: CipherGCM | DecipherGCM, bytes: Uint8Array): Generator<undefined, void> {
  for (let at = 0; at < bytes.length; at += SEAL_SLICE_BYTES) {
    if (at > 0) yield;
    bytes.set(cipher.update(bytes.subarray(at, at + SEAL_SLICE_BYTES)), at);
  }
}
