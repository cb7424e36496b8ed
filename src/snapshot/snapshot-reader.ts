/**
 * Reads a snapshot back: all of it at a start, a range of slots in a follower. Whatever it holds
 * that it should not is a SnapshotDamaged, and the caller takes the one before.
 */
import { AssertionFailure } from "../base/assert.ts";
import { ByteReader, MalformedBytes } from "../base/byte-reader.ts";
import { SLOT_COUNT, slotOf } from "../base/slot.ts";
import { EffectId } from "../keyspace/effect.ts";
import { decodeEffect } from "../keyspace/effect-codec.ts";
import { checkFits } from "../keyspace/effect-fit.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { BlockCipher } from "../runtime/cipher.ts";
import { type Disk, joinPath } from "../runtime/disk.ts";
import { BlockFileKind, FILE_HEADER_BYTES } from "./block-file-format.ts";
import { type Block, BlockFileDamaged, BlockFileReader } from "./block-file-reader.ts";
import { decodeFooter, SnapshotBlockType, type SnapshotFooter } from "./snapshot-format.ts";
import { snapshotName } from "./snapshot-names.ts";

/** It cannot be used; the message says which file, where, and what is wrong. */
export class SnapshotDamaged extends Error {
  override readonly name = "SnapshotDamaged";
}

/** What reading files of the folder needs to know of encryption. */
export interface FileKeys {
  readonly cipher: BlockCipher | undefined;
  /** No file of this sequence on may be plain. */
  readonly sealedFrom: number;
}

/** Slots from `first` to before `end`. */
export interface SlotRange {
  readonly first: number;
  readonly end: number;
}

export const ALL_SLOTS: SlotRange = { first: 0, end: SLOT_COUNT };

/** Called behind each block; the loop may breathe. */
export type BlockDone = (bytesDone: number) => void | Promise<void>;

export class SnapshotReader {
  readonly sequence: number;
  readonly madeAtMs: number;
  readonly path: string;
  readonly sizeBytes: number;
  readonly footer: SnapshotFooter;
  readonly #file: BlockFileReader;

  static async open(
    disk: Disk,
    folder: string,
    sequence: number,
    keys: FileKeys | undefined,
    name: string = snapshotName(sequence),
  ): Promise<SnapshotReader> {
    const path = joinPath(folder, name);
    const mayBePlain = keys === undefined || sequence < keys.sealedFrom;
    const kind = BlockFileKind.keyspace;
    const file = await damageTold(path, () =>
      BlockFileReader.open(disk, path, kind, keys?.cipher, mayBePlain),
    );
    const footer = decodeFooter(file.footer);
    if (typeof footer !== "string" && file.header.sequence === sequence) {
      return new SnapshotReader(file, footer);
    }
    await file.close();
    const what = typeof footer === "string" ? footer : `it is of sequence ${file.header.sequence}`;
    throw new SnapshotDamaged(`${path}: ${what}`);
  }

  private constructor(file: BlockFileReader, footer: SnapshotFooter) {
    this.#file = file;
    this.footer = footer;
    this.sequence = file.header.sequence;
    this.madeAtMs = file.header.madeAtMs;
    this.path = file.path;
    this.sizeBytes = file.sizeBytes;
  }

  get keyCount(): number {
    return this.footer.keyCounts.reduce((sum, count) => sum + count, 0);
  }

  /** Everything, into a keyspace that is empty; checks that all keys came. */
  async load(keyspace: Keyspace, nowMs: number, blockDone: BlockDone): Promise<void> {
    await this.visit(ALL_SLOTS, blockDone, (block) => applyBlock(keyspace, block, nowMs));
    for (const [database, count] of this.footer.keyCounts.entries()) {
      const cameCount = keyspace.databases[database]?.keyCount ?? 0;
      if (cameCount === count) continue;
      const came = `${cameCount} keys of database ${database} came`;
      throw new SnapshotDamaged(`${this.path}: ${came}, and it names ${count}`);
    }
  }

  /** What is in no key, and the keys of a range of slots. */
  async loadRange(
    keyspace: Keyspace,
    nowMs: number,
    range: SlotRange,
    blockDone: BlockDone,
  ): Promise<void> {
    await this.visit(range, blockDone, (block) => applyBlock(keyspace, block, nowMs, range));
  }

  /** Each block that has keys of the range, and the globals; every one is checked. */
  async visit(range: SlotRange, blockDone: BlockDone, take: (block: Block) => void): Promise<void> {
    const { blocks } = this.footer;
    const entriesStart = blocks[0]?.offset;
    const { start, end } = this.#placesOf(range);
    const isAll = range.first === 0 && range.end === SLOT_COUNT;
    await damageTold(this.path, async () => {
      if (isAll || entriesStart === undefined) {
        await this.#run(FILE_HEADER_BYTES, undefined, blockDone, take);
        return;
      }
      await this.#run(FILE_HEADER_BYTES, entriesStart, blockDone, take);
      await this.#run(start, end, blockDone, take);
    });
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #run(
    start: number,
    end: number | undefined,
    blockDone: BlockDone,
    take: (block: Block) => void,
  ): Promise<void> {
    const stream = this.#file.blocks(start, end);
    for (let block = await stream.next(); block !== undefined; block = await stream.next()) {
      take(block);
      const breath = blockDone(block.offset + block.payload.length);
      if (breath !== undefined) await breath;
    }
  }

  /** The block before the first that begins in the range may end in it. */
  #placesOf(range: SlotRange): { readonly start: number; readonly end: number | undefined } {
    const { blocks } = this.footer;
    let start = blocks[0]?.offset ?? FILE_HEADER_BYTES;
    let end: number | undefined;
    for (const { firstSlot, offset } of blocks) {
      if (firstSlot < range.first) start = offset;
      if (firstSlot >= range.end) {
        end = offset;
        break;
      }
    }
    return { start, end };
  }
}

/** What each type of block may hold: others would fit, and change more than their own keys. */
const idsIn: Readonly<Record<number, ReadonlySet<number>>> = {
  [SnapshotBlockType.globals]: new Set([EffectId.indexCreate]),
  [SnapshotBlockType.entries]: new Set([EffectId.stringSet, EffectId.keyLoad, EffectId.keyExtend]),
};

/** Effects of keys outside of the range are left out. */
function applyBlock(keyspace: Keyspace, block: Block, nowMs: number, range = ALL_SLOTS): void {
  const { type, payload } = block;
  if (!(type in idsIn)) {
    throw new MalformedBytes(`block ${block.number} is of type ${type}, which is not known`);
  }
  const reader = new ByteReader(payload);
  const isAll = range.first === 0 && range.end === SLOT_COUNT;
  while (reader.remaining > 0) {
    const effect = decodeEffect(reader);
    if (!idsIn[type].has(effect.id)) reader.fail(`effect ${effect.id} in a block of type ${type}`);
    if ("key" in effect) {
      if (effect.database >= keyspace.databases.length) reader.fail("a database that is not there");
      if (!isAll) {
        const slot = slotOf(effect.key);
        if (slot < range.first || slot >= range.end) continue;
      }
    }
    checkFits(keyspace, effect);
    keyspace.apply(effect, nowMs);
  }
}

/** Bytes that cannot be, and effects that do not fit what is there, are damage of the file. */
async function damageTold<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (failure) {
    if (failure instanceof BlockFileDamaged) throw new SnapshotDamaged(failure.message);
    if (failure instanceof MalformedBytes || failure instanceof AssertionFailure) {
      throw new SnapshotDamaged(`${path}: ${failure.message}`);
    }
    throw failure;
  }
}
