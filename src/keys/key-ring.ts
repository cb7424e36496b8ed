/**
 * The key ring, opened: the data keys, and the ring key that they are sealed with on the disk.
 *
 * The master key wraps the ring key alone. So a start asks a key service once, however many data
 * keys there are; and a new data key needs no master key at all, so that it is made while the key
 * service is down. A ring is never changed: `with…` gives the next one, which holds once its text
 * is durable, so a write that fails leaves the present one as it was.
 */
import { assert, must } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import { AesGcmCipher, DATA_KEY_BYTES, type DataKey, SealBroken } from "../runtime/cipher.ts";
import type { SecretDoor } from "../runtime/secrets.ts";
import { decodeKeyRing, encodeKeyRing, type KeyRingDocument } from "./key-ring-format.ts";
import { KeyRefused, type MasterKey } from "./master-key.ts";

/** The file is not what was written; the message says so, and what to do. */
export class KeyRingDamaged extends Error {
  override readonly name = "KeyRingDamaged";
}

export interface RingKey extends DataKey {
  readonly createdAtMs: number;
  readonly lastSequence: number | null;
  readonly sealedBytes: number;
}

type Random = Pick<SecretDoor, "randomBytes">;

interface RingParts {
  readonly master: KeyRingDocument["master"];
  readonly wrappedRingKey: Buffer;
  readonly ringKey: Buffer;
  readonly sealedFrom: number;
  readonly keys: readonly RingKey[];
}

export class KeyRing {
  /** From this sequence on every record is sealed. */
  readonly sealedFrom: number;
  /** Ids rise; the last one is the present one. */
  readonly keys: readonly RingKey[];
  readonly #parts: RingParts;
  readonly #random: Random;

  private constructor(parts: RingParts, random: Random) {
    this.#parts = parts;
    this.#random = random;
    this.sealedFrom = parts.sealedFrom;
    this.keys = parts.keys;
  }

  static async make(
    master: MasterKey,
    sealedFrom: number,
    nowMs: number,
    random: Random,
  ): Promise<KeyRing> {
    const keys = [newKey(1, nowMs, random)];
    return new KeyRing({ ...(await wrapped(master, random)), sealedFrom, keys }, random);
  }

  /** KeyRefused for another master key, KeyRingDamaged for a file that is not what was written. */
  static async open(
    bytes: Buffer,
    path: string,
    master: MasterKey,
    random: Random,
  ): Promise<KeyRing> {
    const decoded = decodeKeyRing(bytes);
    if (typeof decoded === "string") throw keyRingDamaged(path, decoded);
    const { document } = decoded;
    if (document.master.kind !== master.kind) throw otherKind(path, document, master);
    const wrappedRingKey = Buffer.from(document.wrappedRingKey, "base64");
    const ringKey = await master.unwrap(wrappedRingKey);
    if (ringKey === undefined && document.master.fingerprint !== master.fingerprint) {
      throw otherFingerprint(path, document, master);
    }
    if (ringKey === undefined) throw keyRingDamaged(path, "its own key was changed");
    if (ringKey.length !== DATA_KEY_BYTES || !decoded.isMadeWith(ringKey)) {
      if (master.kind === "file")
        throw keyRingDamaged(path, "it was changed by somebody without the key");
      throw new KeyRefused(
        `what the master key's command "${master.name}" unwraps does not open the key ring ` +
          `${path}: the command uses another key, or the ring was changed. Nothing was changed`,
      );
    }
    const keys = openKeys(document, ringKey, path, random);
    const { sealedFrom } = document;
    return new KeyRing({ ...document, wrappedRingKey, ringKey, sealedFrom, keys }, random);
  }

  get present(): RingKey {
    return must(this.keys.at(-1), "a ring has a key");
  }

  encode(): Buffer {
    const { master, wrappedRingKey, ringKey, sealedFrom, keys } = this.#parts;
    const cipher = new AesGcmCipher([{ id: 1, secret: ringKey }], 1, this.#random.randomBytes);
    const sealed = keys.map(({ id, secret, createdAtMs, lastSequence, sealedBytes }) => {
      const wrapped = cipher.seal(secret, keyContext(id)).toString("base64");
      return { id, createdAtMs, lastSequence, sealedBytes, wrapped };
    });
    const document = {
      master,
      wrappedRingKey: wrappedRingKey.toString("base64"),
      sealedFrom,
      keys: sealed,
    };
    return encodeKeyRing(document, ringKey);
  }

  /** With one more data key, which is the present one from then on. */
  withNewKey(nowMs: number): KeyRing {
    assert(this.keys.length < limits.dataKeysMax, "there is room for a data key");
    const key = newKey(this.present.id + 1, nowMs, this.#random);
    return this.#with({ keys: [...this.keys, key] });
  }

  /**
   * Under another master key, and with a ring key of its own: whoever has the old master key and an
   * old copy of the file learns nothing of the data keys that come after.
   */
  async withMaster(master: MasterKey): Promise<KeyRing> {
    return this.#with(await wrapped(master, this.#random));
  }

  /** What is known by now of the keys before the present one, and of what it has sealed. */
  withNotes(lastSequence: number | undefined, sealedBytes: number): KeyRing {
    const present = this.present;
    const keys = this.keys.map((key) => {
      if (key === present) return { ...key, sealedBytes: key.sealedBytes + sealedBytes };
      return lastSequence === undefined
        ? key
        : { ...key, lastSequence: key.lastSequence ?? lastSequence };
    });
    return this.#with({ keys });
  }

  /** Without keys that nothing needs. */
  without(ids: ReadonlySet<number>): KeyRing {
    assert(!ids.has(this.present.id), "the present key is needed");
    return this.#with({ keys: this.keys.filter(({ id }) => !ids.has(id)) });
  }

  #with(changed: Partial<RingParts>): KeyRing {
    return new KeyRing({ ...this.#parts, ...changed }, this.#random);
  }
}

async function wrapped(
  master: MasterKey,
  random: Random,
): Promise<Pick<RingParts, "master" | "ringKey" | "wrappedRingKey">> {
  const ringKey = random.randomBytes(DATA_KEY_BYTES);
  const wrappedRingKey = await master.wrap(ringKey);
  // A master key that cannot give back what it was given would be noticed at the next start.
  const again = await master.unwrap(wrappedRingKey);
  if (again === undefined || !again.equals(ringKey)) {
    throw new KeyRefused(`the master key ${master.name} does not unwrap what it has wrapped`);
  }
  const { kind, fingerprint } = master;
  return { master: { kind, fingerprint }, ringKey, wrappedRingKey };
}

function newKey(id: number, createdAtMs: number, random: Random): RingKey {
  const secret = random.randomBytes(DATA_KEY_BYTES);
  return { id, secret, createdAtMs: Math.floor(createdAtMs), lastSequence: null, sealedBytes: 0 };
}

function openKeys(
  { keys }: KeyRingDocument,
  ringKey: Buffer,
  path: string,
  random: Random,
): RingKey[] {
  const cipher = new AesGcmCipher([{ id: 1, secret: ringKey }], 1, random.randomBytes);
  return keys.map(({ wrapped, ...key }) => {
    try {
      const secret = cipher.open(1, Buffer.from(wrapped, "base64"), keyContext(key.id));
      if (secret.length === DATA_KEY_BYTES) return { ...key, secret };
    } catch (failure) {
      if (!(failure instanceof SealBroken)) throw failure;
    }
    throw keyRingDamaged(path, `data key ${key.id} in it was changed`);
  });
}

function keyContext(id: number): Buffer {
  return Buffer.from(`lodestone data key ${id}`);
}

export function keyRingDamaged(path: string, what: string): KeyRingDamaged {
  return new KeyRingDamaged(
    `the key ring is damaged: ${path}: ${what}. Nothing was changed. Put its newest copy back; ` +
      "without it nobody can read what is encrypted",
  );
}

function otherKind(path: string, { master }: KeyRingDocument, given: MasterKey): KeyRefused {
  return new KeyRefused(
    `the key ring ${path} is wrapped by a master key from a ${master.kind}, and one from a ` +
      `${given.kind} is given: start with --master-key-${master.kind}. Nothing was changed`,
  );
}

function otherFingerprint(path: string, { master }: KeyRingDocument, given: MasterKey): KeyRefused {
  return new KeyRefused(
    `wrong master key: ${given.name} has the fingerprint ${given.fingerprint}, and the key ring ` +
      `${path} is wrapped by one with ${master.fingerprint}. Nothing was changed`,
  );
}
