/**
 * What search adds to a snapshot: a file for each index, of the index as it was right after the
 * snapshot's record. The next start takes them back (`graph-part-taker.ts`).
 */
import { type Effect, EffectId } from "../keyspace/effect.ts";
import type { Clock, Timers } from "../runtime/clock.ts";
import { type Disk, joinPath } from "../runtime/disk.ts";
import type { Logger } from "../runtime/logger.ts";
import { encodeSchema } from "../search/definition.ts";
import type { Catalog } from "../search/indexer.ts";
import type { LiveIndex } from "../search/live-index.ts";
import { type IndexDump, writeGraphFile } from "./graph-file-writer.ts";
import { linkedAttributes } from "./linked-attributes.ts";
import { graphName, temporaryName } from "./snapshot-names.ts";
import type { SnapshotPart, SnapshotPartMaker } from "./snapshot-parts.ts";
import type { FileKeys } from "./snapshot-reader.ts";

export interface GraphPartMakerParts {
  readonly catalog: Catalog;
  readonly folder: string;
  readonly disk: Disk;
  readonly clock: Pick<Clock, "nowMs">;
  readonly timers: Pick<Timers, "soon">;
  readonly logger: Pick<Logger, "warn">;
  readonly keys: Pick<FileKeys, "cipher"> | undefined;
}

export class GraphPartMaker implements SnapshotPartMaker {
  readonly #parts: GraphPartMakerParts;

  constructor(parts: GraphPartMakerParts) {
    this.#parts = parts;
  }

  /** Cuts graphs at the snapshot's end, where they are not cut there already. */
  closingEffects(): readonly Effect[] {
    const { catalog } = this.#parts;
    const names = catalog.names().filter((name) => (catalog.find(name)?.unsealedCount ?? 0) > 0);
    return names.map((name) => ({ id: EffectId.indexSeal, name }));
  }

  /**
   * Everything is of now, but files are written one after another: for a thousand indexes there
   * would be as many open files, and buffers, otherwise.
   */
  begin(sequence: number): readonly SnapshotPart[] {
    const { catalog } = this.#parts;
    let turn: Promise<unknown> = Promise.resolve();
    return catalog.names().flatMap((name, place) => {
      const index = catalog.find(name);
      if (index === undefined) return [];
      const part = this.#write(index, sequence, place, turn);
      turn = part.whenWritten.catch(() => undefined);
      return [part];
    });
  }

  #write(index: LiveIndex, sequence: number, part: number, turn: Promise<unknown>): SnapshotPart {
    const name = graphName(sequence, part);
    const { folder, disk, clock, timers, logger, keys } = this.#parts;
    let isAbandoned = false;
    const dump = dumpOf(index);
    const target = {
      disk,
      timers,
      cipher: keys?.cipher,
      path: joinPath(folder, temporaryName(name)),
      sequence,
      madeAtMs: clock.nowMs(),
      part,
      isAbandoned: () => isAbandoned,
    };
    const whenWritten = turn.then(() => writeGraphFile(dump, target));
    whenWritten.catch((failure: Error) => {
      if (isAbandoned) return;
      const details = { index: index.name, sequence, reason: failure.message };
      logger.warn(details, "a snapshot is made without an index's file: it will be built again");
    });
    const abandon = (): void => {
      isAbandoned = true;
    };
    return { name, whenWritten, abandon };
  }
}

/** Of now: the index was sealed, and nothing came behind it. */
function dumpOf(index: LiveIndex): IndexDump {
  return {
    name: index.name,
    definition: encodeSchema(index.schema),
    isPartial: index.isBackfilling,
    documents: index.documents.freeze(),
    graphs: linkedAttributes(index).map(({ alias, links }) => ({ alias, dump: links.dump() })),
  };
}
