/**
 * What a restored folder begins with: the log from its first record on.
 */
import { segmentsOf } from "../log/folder-walk.ts";
import { LogUnfit } from "../log/log-driver.ts";
import { segmentSequence } from "../log/segment-format.ts";
import type { Disk } from "../runtime/disk.ts";
import type { SnapshotMoment } from "./restore-moment.ts";

export interface RestoreBase {
  /** Of the snapshot; 0 without one. */
  readonly sequence: number;
  /** The snapshot's files. */
  readonly names: readonly string[];
  /** Segments with what comes behind it, from the first that is needed on. */
  readonly segments: readonly string[];
}

export class RestoreBases {
  readonly moments: readonly SnapshotMoment[] = [];
  readonly #folder: string;
  readonly #segments: readonly string[];

  private constructor(folder: string, segments: readonly string[]) {
    this.#folder = folder;
    this.#segments = segments;
  }

  static async list(disk: Disk, folder: string): Promise<RestoreBases> {
    return new RestoreBases(folder, segmentsOf(await disk.list(folder)));
  }

  async choose(): Promise<RestoreBase> {
    const first = segmentSequence(this.#segments[0] ?? "") ?? 1;
    if (first > 1) throw new LogUnfit(`the log in ${this.#folder} begins with record ${first}`);
    return { sequence: 0, names: [], segments: this.#segments };
  }
}
