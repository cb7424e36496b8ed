/**
 * What a snapshot has beside the keyspace: files that the serving process makes of its own state
 * (the graphs of search), at the same sequence, and takes back at the next start.
 *
 * A part is never needed: where its file is absent, damaged or of other parameters, its owner makes
 * up for it from the keyspace and says so. `node/snapshot-keeper.ts` asks for parts and names their
 * files; `node/recover.ts` offers them again.
 */
import type { Effect } from "../keyspace/effect.ts";

/** Of whoever has state to dump; every call comes on the event loop. */
export interface SnapshotPartMaker {
  /** Effects with which the snapshot's record ends, such as a seal for each index. */
  closingEffects(): readonly Effect[];
  /**
   * Right after these were applied, in the same turn: all that was changed so far is in record
   * `sequence` or before it, and nothing behind it was run. Begins to write the parts' files.
   */
  begin(sequence: number): readonly SnapshotPart[];
}

export interface SnapshotPart {
  /** Its name in the data folder; until it is whole it stands under `temporaryName(name)`. */
  readonly name: string;
  /**
   * Resolves once the file is durable under its temporary name and was read back. If it rejects,
   * the snapshot is made without this part.
   */
  readonly whenWritten: Promise<void>;
  /** The snapshot failed: no more is to be written. What is there is removed by the caller. */
  abandon(): void;
}

/** Where a snapshot that is being read back lies. */
export interface SnapshotPlace {
  readonly folder: string;
  readonly sequence: number;
}

/** Of whoever takes its part back at a start. */
export interface SnapshotPartTaker {
  /** Before the first effect of the snapshot's keyspace; indexes come first, then keys. */
  begin(place: SnapshotPlace): Promise<void>;
  /** Everything of the keyspace is there, and no record behind `sequence` was applied. */
  end(place: SnapshotPlace): Promise<void>;
  /** The snapshot turned out to be damaged. The keyspace was emptied by an effect. */
  abandon(place: SnapshotPlace): void;
}
