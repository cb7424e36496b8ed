/**
 * Reads back a snapshot that was written: every block, every effect, and each entry once more as a
 * keyspace holds it, whose digest must be what the writer saw. The keyspace here holds few keys at
 * a time: since all effects of a key are together, it can go when the next one begins.
 *
 * What this does not find is what the disk does to a file after it was read back, from the page
 * cache: that is found by checksums, when it is read again by the next follower or at a start.
 */
import { must } from "../base/assert.ts";
import { ByteReader } from "../base/byte-reader.ts";
import { EffectId } from "../keyspace/effect.ts";
import { decodeEffect } from "../keyspace/effect-codec.ts";
import type { EncodingLimits } from "../keyspace/encoding-limits.ts";
import { Keyspace } from "../keyspace/keyspace.ts";
import type { Block } from "./block-file-reader.ts";
import { digestsAreEqual, digestText, EntryDigest } from "./entry-digest.ts";
import {
  ALL_SLOTS,
  type BlockDone,
  SnapshotDamaged,
  type SnapshotReader,
} from "./snapshot-reader.ts";

export async function verifySnapshot(
  reader: SnapshotReader,
  databaseCount: number,
  encodingLimits: EncodingLimits,
  blockDone: BlockDone,
): Promise<void> {
  const check = new EntryCheck(databaseCount, encodingLimits);
  await reader.visit(ALL_SLOTS, blockDone, (block) => check.take(block));
  check.end();
  const { digest, keyCounts } = reader.footer;
  for (const [database, count] of check.keyCounts.entries()) {
    if ((keyCounts[database] ?? 0) === count) continue;
    const what = `database ${database} has ${count} keys, and ${keyCounts[database] ?? 0} are named`;
    throw new SnapshotDamaged(`${reader.path}: ${what}`);
  }
  if (digestsAreEqual(check.digest, digest)) return;
  const what = `its digest is ${digestText(check.digest)}, and it names ${digestText(digest)}`;
  throw new SnapshotDamaged(`${reader.path}: ${what}`);
}

class EntryCheck {
  readonly digest = new EntryDigest();
  readonly keyCounts: number[];
  readonly #keyspace: Keyspace;
  #database = -1;
  #key = "";

  constructor(databaseCount: number, encodingLimits: EncodingLimits) {
    this.#keyspace = new Keyspace(databaseCount);
    Object.assign(this.#keyspace.encodingLimits, encodingLimits);
    this.keyCounts = new Array<number>(databaseCount).fill(0);
  }

  take(block: Block): void {
    const bytes = new ByteReader(block.payload);
    while (bytes.remaining > 0) {
      const effect = decodeEffect(bytes);
      if (!("key" in effect)) continue;
      if (effect.id !== EffectId.keyExtend) {
        this.end();
        this.#database = effect.database;
        this.#key = effect.key;
      }
      this.#keyspace.apply(effect, 0);
    }
  }

  /** Counts the last key and lets it go. */
  end(): void {
    const database = this.#database;
    if (database < 0) return;
    const store = this.#keyspace.databases[database];
    const entry = must(store.get(this.#key), "a key that was loaded is there");
    this.digest.add(database, this.#key, entry);
    this.keyCounts[database] += 1;
    this.#keyspace.apply(
      { id: EffectId.keyDelete, database, key: this.#key, reason: "deleted" },
      0,
    );
    this.#database = -1;
  }
}
