/**
 * A snapshot: the keyspace at one sequence, as a block file (`block-file-format.ts`) of the kind
 * `keyspace`. Its blocks are effects end to end (`keyspace/effect-codec.ts`), whole ones:
 *
 *   type 1  what is in no key: the definitions of indexes, which come before all keys
 *   type 2  entries in the order of their slots, within a slot by database
 * The footer, little endian:
 *   u32 version 1; of the record at the sequence u64 epoch, bytes chain hash, u64 time;
 *   u32 count of databases and u64 keys in each, u64 digest of all entries (`entry-digest.ts`),
 *   u32 count of blocks of entries, and of each u32 its first slot, u64 its offset
 * The order by slot lets a reader take a range of slots, and a follower work in less memory than
 * all keys need.
 */
import { ByteReader, MalformedBytes } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import { SLOT_COUNT } from "../base/slot.ts";
import { SHA256_BYTES } from "../runtime/hashing.ts";
import type { Digest } from "./entry-digest.ts";

const FOOTER_VERSION = 1;

export const SnapshotBlockType = { globals: 1, entries: 2 } as const;

export interface SnapshotBlockPlace {
  readonly firstSlot: number;
  readonly offset: number;
}

export interface SnapshotFooter {
  readonly epoch: number;
  readonly chain: Buffer;
  /** When the record at the sequence was sealed, in Unix milliseconds; 0 if it does not say. */
  readonly timeMs: number;
  /** By database. */
  readonly keyCounts: readonly number[];
  readonly digest: Digest;
  readonly blocks: readonly SnapshotBlockPlace[];
}

export function encodeFooter(footer: SnapshotFooter): Buffer {
  const writer = new ByteWriter(64 * 1024);
  writer.u32(FOOTER_VERSION);
  writer.count(footer.epoch);
  writer.bytes(footer.chain);
  writer.count(footer.timeMs);
  writer.u32(footer.keyCounts.length);
  for (const count of footer.keyCounts) writer.count(count);
  writer.u32(footer.digest.low);
  writer.u32(footer.digest.high);
  writer.u32(footer.blocks.length);
  for (const { firstSlot, offset } of footer.blocks) {
    writer.u32(firstSlot);
    writer.count(offset);
  }
  return writer.written();
}

/** The footer, or what is wrong with it. */
export function decodeFooter(bytes: Buffer): SnapshotFooter | string {
  const reader = new ByteReader(bytes);
  try {
    const version = reader.u32();
    if (version !== FOOTER_VERSION) return `version ${version} of the footer is not known`;
    const epoch = reader.count();
    const chain = Buffer.from(reader.binaryString(), "latin1");
    if (chain.length !== SHA256_BYTES) return "the chain's hash has another length";
    const timeMs = reader.count();
    const keyCounts = new Array<number>(reader.itemCount(8));
    for (let index = 0; index < keyCounts.length; index += 1) keyCounts[index] = reader.count();
    const digest = { low: reader.u32(), high: reader.u32() };
    const blocks = new Array<SnapshotBlockPlace>(reader.itemCount(12));
    for (let index = 0; index < blocks.length; index += 1) {
      const firstSlot = reader.u32();
      if (firstSlot >= SLOT_COUNT) return `there is no slot ${firstSlot}`;
      blocks[index] = { firstSlot, offset: reader.count() };
    }
    if (reader.remaining > 0) return "the footer goes on behind its end";
    return { epoch, chain, timeMs, keyCounts, digest, blocks };
  } catch (failure) {
    if (!(failure instanceof MalformedBytes)) throw failure;
    return failure.message;
  }
}
