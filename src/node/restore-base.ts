/**
 * What a restored folder begins with: the newest sound snapshot before the moment, with the files
 * of its indexes, or else the log from its first record on.
 */
import { defaultEncodingLimits } from "../keyspace/encoding-limits.ts";
import { segmentsOf } from "../log/folder-walk.ts";
import { LogUnfit } from "../log/log-driver.ts";
import { segmentSequence } from "../log/segment-format.ts";
import { segmentsBehind } from "../log/segment-scan.ts";
import type { Disk } from "../runtime/disk.ts";
import { type ListedSnapshot, listSnapshots } from "../snapshot/snapshot-folder.ts";
import type { SnapshotFooter } from "../snapshot/snapshot-format.ts";
import { type FileKeys, SnapshotDamaged, SnapshotReader } from "../snapshot/snapshot-reader.ts";
import { verifySnapshot } from "../snapshot/verification.ts";
import type { SnapshotMoment } from "./restore-moment.ts";
import type { RestoreTarget } from "./restore-target.ts";

export interface RestoreBase {
  /** Of the snapshot; 0 without one. */
  readonly sequence: number;
  /** Of the snapshot. */
  readonly footer: SnapshotFooter | undefined;
  /** The snapshot's files. */
  readonly names: readonly string[];
  /** Segments with what comes behind it, from the first that is needed on. */
  readonly segments: readonly string[];
}

export interface RestoreSource {
  readonly disk: Disk;
  readonly folder: string;
  readonly keys: FileKeys;
  readonly databaseCount: number;
  readonly say: (line: string) => void;
}

export class RestoreBases {
  /** Snapshots that can be opened, by sequence. */
  readonly moments: readonly SnapshotMoment[];
  readonly #source: RestoreSource;
  readonly #snapshots: readonly ListedSnapshot[];
  readonly #segments: readonly string[];

  private constructor(
    source: RestoreSource,
    moments: readonly SnapshotMoment[],
    snapshots: readonly ListedSnapshot[],
    segments: readonly string[],
  ) {
    this.#source = source;
    this.moments = moments;
    this.#snapshots = snapshots;
    this.#segments = segments;
  }

  static async list(source: RestoreSource): Promise<RestoreBases> {
    const { disk, folder } = source;
    const moments: SnapshotMoment[] = [];
    const snapshots = await listSnapshots(disk, folder);
    for (const { sequence } of snapshots) {
      const timeMs = await opened(source, sequence, async ({ footer }) => footer.timeMs);
      if (timeMs !== undefined) moments.push({ sequence, timeMs });
    }
    return new RestoreBases(source, moments, snapshots, segmentsOf(await disk.list(folder)));
  }

  /** The newest that is not later than the moment. */
  before(target: RestoreTarget): SnapshotMoment | undefined {
    return this.moments.findLast(({ sequence, timeMs }) =>
      target.kind === "sequence"
        ? sequence <= target.sequence
        : timeMs > 0 && timeMs <= target.timeMs,
    );
  }

  /** For a moment that is covered; LogUnfit where damage of snapshots takes that away. */
  async choose(sequence: number): Promise<RestoreBase> {
    const first = segmentSequence(this.#segments[0] ?? "") ?? 1;
    for (const snapshot of this.#snapshots.toReversed()) {
      // Between a snapshot and a log that begins later records are missing.
      const isUsable = snapshot.sequence === sequence || first <= snapshot.sequence + 1;
      if (snapshot.sequence > sequence || !isUsable) continue;
      const footer = await opened(this.#source, snapshot.sequence, (reader) =>
        this.#verify(reader),
      );
      if (footer === undefined) continue;
      const segments = segmentsBehind(this.#segments, snapshot.sequence);
      return { sequence: snapshot.sequence, footer, names: snapshot.names, segments };
    }
    if (first === 1) return { sequence: 0, footer: undefined, names: [], segments: this.#segments };
    throw new LogUnfit(
      `the log in ${this.#source.folder} begins with record ${first}, and no sound snapshot has ` +
        "what comes before it",
    );
  }

  async #verify(reader: SnapshotReader): Promise<SnapshotFooter> {
    const { databaseCount } = this.#source;
    const highest = reader.footer.keyCounts.findLastIndex((count) => count > 0);
    if (highest >= databaseCount) {
      throw new LogUnfit(`there are keys in database ${highest}: say --databases ${highest + 1}`);
    }
    await verifySnapshot(reader, databaseCount, defaultEncodingLimits(), () => undefined);
    return reader.footer;
  }
}

/** Undefined for a snapshot that is damaged, which is said. */
async function opened<Result>(
  { disk, folder, keys, say }: RestoreSource,
  sequence: number,
  read: (reader: SnapshotReader) => Promise<Result>,
): Promise<Result | undefined> {
  try {
    const reader = await SnapshotReader.open(disk, folder, sequence, keys);
    try {
      return await read(reader);
    } finally {
      await reader.close();
    }
  } catch (failure) {
    if (!(failure instanceof SnapshotDamaged)) throw failure;
    say(`this snapshot is damaged and left out: ${failure.message}`);
    return undefined;
  }
}
