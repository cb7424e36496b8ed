/**
 * Writes a snapshot, range of slots by range of slots, so that the keyspace need not be in memory
 * as a whole. What it wrote counts only once `verifySnapshot` has read it back.
 */
import { assert, must } from "../base/assert.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import { limits } from "../base/limits.ts";
import { type Effect, EffectId } from "../keyspace/effect.ts";
import { encodeEffect } from "../keyspace/effect-codec.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { BlockCipher } from "../runtime/cipher.ts";
import type { Disk } from "../runtime/disk.ts";
import { failpoint } from "../runtime/failpoint.ts";
import { BlockFileKind } from "./block-file-format.ts";
import { BlockFileWriter } from "./block-file-writer.ts";
import { EntryDigest } from "./entry-digest.ts";
import { loadEffects } from "./load-effects.ts";
import { inSlotOrder } from "./slot-order.ts";
import { encodeFooter, SnapshotBlockType, type SnapshotFooter } from "./snapshot-format.ts";

export class SnapshotWriter {
  readonly digest: EntryDigest = new EntryDigest();
  readonly #file: BlockFileWriter;
  readonly #keyCounts: number[] = [];
  readonly #blocks: { firstSlot: number; offset: number }[] = [];
  readonly #payload = new ByteWriter(2 * limits.blockBytesTarget);
  #firstSlot = 0;
  #lastSlot = -1;

  /** `path` must not be there. */
  static async create(
    disk: Disk,
    path: string,
    { sequence, madeAtMs }: { readonly sequence: number; readonly madeAtMs: number },
    cipher: BlockCipher | undefined,
  ): Promise<SnapshotWriter> {
    const header = { kind: BlockFileKind.keyspace, sequence, madeAtMs };
    return new SnapshotWriter(await BlockFileWriter.create(disk, path, header, cipher));
  }

  private constructor(file: BlockFileWriter) {
    this.#file = file;
  }

  get keyCount(): number {
    return this.#keyCounts.reduce((sum, count) => sum + count, 0);
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  /** What is in no key; before all ranges. */
  async addGlobals(keyspace: Keyspace): Promise<void> {
    assert(this.#lastSlot < 0, "globals come before entries");
    for (const [name, definition] of keyspace.indexDefinitions) {
      await this.#add({ id: EffectId.indexCreate, name, definition }, SnapshotBlockType.globals);
    }
    await this.#flush(SnapshotBlockType.globals);
  }

  /** All keys there, whose slots must be above those of the range before. */
  async addRange(keyspace: Keyspace): Promise<void> {
    for (const { database, key, slot } of inSlotOrder(keyspace)) {
      assert(slot >= this.#lastSlot, "slots ascend");
      this.#lastSlot = slot;
      const entry = must(keyspace.peek(database, key), "a key that was just met");
      this.digest.add(database, key, entry);
      while (this.#keyCounts.length <= database) this.#keyCounts.push(0);
      this.#keyCounts[database] += 1;
      for (const effect of loadEffects(database, key, entry)) {
        if (this.#payload.length === 0) this.#firstSlot = slot;
        encodeEffect(this.#payload, effect);
        if (this.#payload.length >= limits.blockBytesTarget) {
          await this.#flush(SnapshotBlockType.entries);
        }
      }
    }
  }

  /** The size of the file, all of which is durable, though not its name. */
  async finish(place: Pick<SnapshotFooter, "epoch" | "chain" | "timeMs">): Promise<number> {
    await this.#flush(SnapshotBlockType.entries);
    const { low, high } = this.digest;
    const { epoch, chain, timeMs } = place;
    const footer: SnapshotFooter = {
      epoch,
      chain,
      timeMs,
      keyCounts: this.#keyCounts,
      digest: { low, high },
      blocks: this.#blocks,
    };
    return await this.#file.finish(encodeFooter(footer));
  }

  async abandon(): Promise<void> {
    await this.#file.abandon();
  }

  async #add(effect: Effect, type: number): Promise<void> {
    encodeEffect(this.#payload, effect);
    if (this.#payload.length >= limits.blockBytesTarget) await this.#flush(type);
  }

  async #flush(type: number): Promise<void> {
    if (this.#payload.length === 0) return;
    const isEntries = type === SnapshotBlockType.entries;
    failpoint("snapshot.block");
    const offset = await this.#file.append(type, this.#payload.written());
    if (isEntries) this.#blocks.push({ firstSlot: this.#firstSlot, offset });
    this.#payload.clear();
  }
}
