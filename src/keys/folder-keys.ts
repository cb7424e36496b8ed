/**
 * The keys of one data folder, as a node or a tool holds them: opened once the folder is held, made
 * when encryption begins, changed while it runs.
 *
 * - Every change of the ring is durable before a block is sealed with what is new in it.
 * - Changes come one after another; one that fails leaves keys and ring as they were.
 * - The present key changes between two records; older ones stay for as long as a file needs them.
 */
import { must } from "../base/assert.ts";
import { limits } from "../base/limits.ts";
import type { LogKeys } from "../log/log-driver.ts";
import { AesGcmCipher } from "../runtime/cipher.ts";
import { type Disk, joinPath, readFile, replaceFile } from "../runtime/disk.ts";
import { failpoint, isPlanted } from "../runtime/failpoint.ts";
import type { Logger } from "../runtime/logger.ts";
import type { SecretDoor } from "../runtime/secrets.ts";
import type { HandedKeys } from "./handed-keys.ts";
import { KeyRing, keyRingDamaged } from "./key-ring.ts";
import { KEY_RING_NAME } from "./key-ring-format.ts";
import { KeyRefused, loadMasterKey, type MasterKey, type MasterKeySetting } from "./master-key.ts";

export interface FolderKeysParts {
  readonly disk: Disk;
  readonly folder: string;
  readonly secrets: SecretDoor;
  readonly nowMs: () => number;
  readonly logger: Pick<Logger, "info" | "warn">;
  readonly master: MasterKeySetting;
}

/** When the present data key has done enough; 0 is never. */
export interface DataKeyBounds {
  readonly ageMaxMs: number;
  readonly sealedBytesMax: number;
}

/** What files in the folder were sealed with; undefined while that is not known for sure. */
export interface NeededKeys {
  /** Of the oldest record that is kept. */
  readonly oldestSequence: number;
  /** Of snapshots' files. */
  readonly keyIds: ReadonlySet<number>;
}

/** What was sealed is noted in the ring whenever so much more of the bound was. */
const NOTED_SHARE = 1 / 8;

export class FolderKeys implements LogKeys {
  readonly #parts: FolderKeysParts;
  #ring: KeyRing | undefined;
  #cipher: AesGcmCipher | undefined;
  /** Between opening and beginning, where encryption is still to begin. */
  #master: MasterKey | undefined;
  /** Of the cipher's count, what the ring says already. */
  #notedBytes = 0;
  /** The newest record when it began; before that no key may be changed. */
  #begunAtSequence: number | undefined;
  #changing: Promise<void> = Promise.resolve();

  constructor(parts: FolderKeysParts) {
    this.#parts = parts;
  }

  get cipher(): AesGcmCipher | undefined {
    return this.#cipher;
  }

  get sealedFrom(): number {
    return this.#ring?.sealedFrom ?? Number.POSITIVE_INFINITY;
  }

  /** Of everything that is in the ring; 0 where nothing is encrypted. */
  get keyCount(): number {
    return this.#ring?.keys.length ?? 0;
  }

  /** For a process that reads or writes files of the folder for us. */
  hand(): HandedKeys | undefined {
    if (this.#ring === undefined) return undefined;
    const keys = this.#ring.keys.map(({ id, secret }) => ({ id, secret }));
    return { keys, keyId: this.#ring.present.id, sealedFrom: this.#ring.sealedFrom };
  }

  /** Changes nothing. KeyRefused and KeyRingDamaged say why the folder cannot be read. */
  async open(): Promise<void> {
    const { disk, folder, secrets, master: setting } = this.#parts;
    const path = joinPath(folder, KEY_RING_NAME);
    const hasRing = await disk.exists(path);
    const master = await this.#load(setting);
    if (master === undefined) {
      if (!hasRing) return;
      throw new KeyRefused(
        `${folder} is encrypted (its key ring is ${path}): say where its master key is, with ` +
          "--master-key-file or --master-key-command. Nothing was changed",
      );
    }
    if (!hasRing) {
      this.#master = master;
      return;
    }
    const ring = await KeyRing.open(await this.#read(path), path, master, secrets);
    this.#ring = ring;
    this.#cipher = new AesGcmCipher(ring.keys, ring.present.id, secrets.randomBytes);
  }

  /**
   * Once all was read back, before the first record behind `tailSequence`; what to seal with.
   * Encryption begins here where it is wanted and the folder was plain.
   */
  async begin(tailSequence: number): Promise<AesGcmCipher | undefined> {
    const { secrets, nowMs, logger } = this.#parts;
    const master = this.#master;
    this.#master = undefined;
    if (this.#ring === undefined && master !== undefined) {
      const ring = await KeyRing.make(master, tailSequence + 1, nowMs(), secrets);
      await this.#save(ring);
      this.#cipher = new AesGcmCipher(ring.keys, ring.present.id, secrets.randomBytes);
      logger.info({ sealedFrom: ring.sealedFrom, keyId: ring.present.id }, "encryption begins");
    } else if (this.#ring !== undefined) {
      // Whoever wrote before us may have ended between a new key and its note.
      const isUnknown = this.#ring.keys.slice(0, -1).some((key) => key.lastSequence === null);
      if (isUnknown) await this.#noteEnds(this.#ring, tailSequence);
    }
    this.#begunAtSequence = tailSequence;
    return this.#cipher;
  }

  /**
   * Wraps the ring by the master key that is set now, and seals with a new data key from then on.
   * `newestSequence` gives the newest record that may have been sealed before.
   */
  rotate(setting: MasterKeySetting, newestSequence: () => number): Promise<void> {
    return this.#change(async (ring) => {
      const master = await this.#load(setting);
      if (master === undefined) {
        throw new KeyRefused("encryption cannot be turned off: export the folder, and import it");
      }
      try {
        await this.#renew(await ring.withMaster(master), newestSequence);
      } catch (failure) {
        const reason = failure instanceof Error ? failure.message : String(failure);
        const both = "the key ring is wrapped by the old master key or by the new one: keep both";
        throw failure instanceof KeyRefused ? failure : new Error(`${reason}; ${both}`);
      }
    });
  }

  /** What is due: a new data key, a note of what was sealed. Asks for no master key. */
  care(bounds: DataKeyBounds, newestSequence: () => number): Promise<void> {
    if (this.#cipher === undefined) return Promise.resolve();
    return this.#change(async (ring, cipher) => {
      const { createdAtMs, sealedBytes } = ring.present;
      const unnotedBytes = cipher.sealedBytes - this.#notedBytes;
      const { ageMaxMs, sealedBytesMax } = bounds;
      const isOld = ageMaxMs > 0 && this.#parts.nowMs() - createdAtMs >= ageMaxMs;
      const hasDone = sealedBytesMax > 0 && sealedBytes + unnotedBytes >= sealedBytesMax;
      if (isOld || hasDone) await this.#renew(ring, newestSequence);
      else if (sealedBytesMax > 0 && unnotedBytes >= sealedBytesMax * NOTED_SHARE) {
        await this.#note(ring, undefined);
      }
    });
  }

  /** Drops keys that no record and no snapshot needs any more. */
  dropUnneeded(needed: () => Promise<NeededKeys | undefined>): Promise<void> {
    if (this.keyCount < 2) return Promise.resolve();
    return this.#change(async (ring, cipher) => {
      const found = await needed();
      if (found === undefined) return;
      const { oldestSequence, keyIds } = found;
      const ids = ring.keys
        .slice(0, -1)
        .filter(({ id, lastSequence }) => {
          return lastSequence !== null && lastSequence < oldestSequence && !keyIds.has(id);
        })
        .map(({ id }) => id);
      if (ids.length === 0) return;
      await this.#save(ring.without(new Set(ids)));
      for (const id of ids) cipher.forget(id);
      this.#parts.logger.info({ keyIds: ids }, "data keys that nothing needs were dropped");
    });
  }

  /** Before the folder is let go. */
  async close(): Promise<void> {
    await this.#changing;
    const cipher = this.#cipher;
    if (this.#ring === undefined || cipher === undefined) return;
    if (cipher.sealedBytes === this.#notedBytes) return;
    try {
      await this.#note(this.#ring, undefined);
    } catch (failure) {
      this.#warn(failure, "how much was encrypted with the data key was not noted");
    }
  }

  #warn(failure: unknown, what: string): void {
    const reason = failure instanceof Error ? failure.message : String(failure);
    this.#parts.logger.warn({ reason }, what);
  }

  async #read(path: string): Promise<Buffer> {
    const { disk } = this.#parts;
    const file = await disk.open(path, "read");
    try {
      const sizeBytes = await file.sizeBytes();
      if (sizeBytes > limits.keyRingBytesMax) {
        throw keyRingDamaged(path, `it has ${sizeBytes} bytes, more than any key ring`);
      }
    } finally {
      await file.close();
    }
    return await readFile(disk, path);
  }

  /** Only keeps old keys longer if it fails, as on a full disk. */
  async #noteEnds(ring: KeyRing, tailSequence: number): Promise<void> {
    try {
      await this.#save(ring.withNotes(tailSequence, 0));
    } catch (failure) {
      this.#warn(failure, "where old data keys ended is noted at the next start");
    }
  }

  #load(setting: MasterKeySetting): Promise<MasterKey | undefined> {
    const { secrets, logger } = this.#parts;
    return loadMasterKey(setting, secrets, (text) => logger.warn({}, text));
  }

  async #renew(ring: KeyRing, newestSequence: () => number): Promise<void> {
    const { nowMs, logger } = this.#parts;
    const cipher = must(this.#cipher, "an open ring has a cipher");
    if (ring.keys.length >= limits.dataKeysMax) {
      throw new KeyRefused(`the key ring has ${ring.keys.length} data keys, and takes no more`);
    }
    const noted = ring.withNotes(undefined, cipher.sealedBytes - this.#notedBytes);
    const renewed = noted.withNewKey(nowMs());
    const { present } = renewed;
    cipher.add(present);
    if (isPlanted("planted.key-before-ring")) cipher.use(present.id);
    await this.#save(renewed);
    failpoint("keys.durable");
    cipher.use(present.id);
    this.#notedBytes = 0;
    failpoint("keys.used");
    logger.info({ keyId: present.id }, "records are sealed with a new data key");
    try {
      const last = Math.max(newestSequence(), this.#begunAtSequence ?? 0);
      await this.#note(must(this.#ring, "the ring that was saved"), last);
    } catch (failure) {
      this.#warn(failure, "where the last data key ended is noted at the next start");
    }
  }

  async #note(ring: KeyRing, lastSequence: number | undefined): Promise<void> {
    const sealedBytes = this.#cipher?.sealedBytes ?? 0;
    await this.#save(ring.withNotes(lastSequence, sealedBytes - this.#notedBytes));
    this.#notedBytes = sealedBytes;
  }

  async #save(ring: KeyRing): Promise<void> {
    const { disk, folder } = this.#parts;
    await replaceFile(disk, folder, KEY_RING_NAME, ring.encode());
    this.#ring = ring;
  }

  #change(work: (ring: KeyRing, cipher: AesGcmCipher) => Promise<void>): Promise<void> {
    const changed = this.#changing.then(async () => {
      if (this.#begunAtSequence === undefined) {
        // Where the present key ends is not known until all was read back.
        throw new KeyRefused("keys cannot be changed before writes are taken: ask again then");
      }
      if (this.#ring === undefined || this.#cipher === undefined) {
        throw new KeyRefused(
          "nothing is encrypted here: encryption begins at a start with --master-key-file or " +
            "--master-key-command",
        );
      }
      await work(this.#ring, this.#cipher);
    });
    this.#changing = changed.catch(() => undefined);
    return changed;
  }
}
