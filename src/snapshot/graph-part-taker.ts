/**
 * Takes back what search added to a snapshot: documents get the ids that they had while their keys
 * come back, and then graphs get their links instead of being built again.
 *
 * Nothing of it is ever needed: an index without a file, or with one that is damaged or does not
 * fit, is made from the keyspace, and says so in the log and in FT.INFO. Links are checked, and
 * codes made, on the kernel's threads while the tail of the log is read and afterwards; searches
 * are complete all the while.
 */
import type { Clock, Timers } from "../runtime/clock.ts";
import { type Disk, joinPath } from "../runtime/disk.ts";
import { failpoint } from "../runtime/failpoint.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Catalog, IndexImage, RestoredIndex } from "../search/indexer.ts";
import type { LiveIndex } from "../search/live-index.ts";
import { isOutOfMemory } from "../vector/kernel-addon.ts";
import { GraphFile, GraphFileUnfit } from "./graph-file-reader.ts";
import { type LinkedAttribute, linkedAttributes } from "./linked-attributes.ts";
import { parseSnapshotName } from "./snapshot-names.ts";
import type { SnapshotPartTaker, SnapshotPlace } from "./snapshot-parts.ts";
import type { FileKeys } from "./snapshot-reader.ts";

export interface GraphPartTakerParts {
  readonly catalog: Catalog;
  readonly disk: Disk;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly timers: Pick<Timers, "soon">;
  readonly logger: Pick<Logger, "info" | "warn">;
  readonly keys: FileKeys | undefined;
}

export class GraphPartTaker implements SnapshotPartTaker {
  readonly #parts: GraphPartTakerParts;
  /** By the name of the index. */
  #files: Map<string, GraphFile>;
  /** Why others do not count. */
  #unfit: string[];

  constructor(parts: GraphPartTakerParts) {
    this.#parts = parts;
    this.#files = new Map();
    this.#unfit = [];
  }

  async begin({ folder, sequence }: SnapshotPlace): Promise<void> {
    const { disk, catalog } = this.#parts;
    const images = new Map<string, IndexImage>();
    for (const name of await disk.list(folder)) {
      const parsed = parseSnapshotName(name);
      const isOfSnapshot = parsed?.sequence === sequence && parsed.graphNumber !== undefined;
      if (!isOfSnapshot || parsed.isTemporary) continue;
      try {
        const file = await this.#open(joinPath(folder, name), sequence);
        const { definition, isPartial } = file.head;
        images.set(file.head.name, { definition, isPartial, documents: file.documents });
      } catch (failure) {
        if (!(failure instanceof GraphFileUnfit)) throw failure;
        const { message } = failure;
        this.#unfit.push(message.includes(name) ? message : `${name}: ${message}`);
      }
    }
    catalog.beginRestore(images);
  }

  async end(_place: SnapshotPlace): Promise<void> {
    for (const restored of this.#parts.catalog.endRestore()) {
      const linked = linkedAttributes(restored.index);
      try {
        await this.#load(restored, linked);
      } catch (failure) {
        if (!(failure instanceof GraphFileUnfit)) throw failure;
        for (const one of linked) {
          if (restored.isHeld) one.links.giveUp();
          this.#noteRebuilt(restored.index, one, failure.message);
        }
      }
      failpoint("graph-file.restored");
    }
    await this.#close();
  }

  abandon(_place: SnapshotPlace): void {
    this.#parts.catalog.abandonRestore();
    void this.#close();
  }

  async #open(path: string, sequence: number): Promise<GraphFile> {
    const file = await GraphFile.open({ ...this.#parts, path, sequence });
    if (this.#files.has(file.head.name)) {
      await file.close();
      throw new GraphFileUnfit("another file is of the same index");
    }
    this.#files.set(file.head.name, file);
    return file;
  }

  async #load(
    { index, problem }: RestoredIndex,
    linked: readonly LinkedAttribute[],
  ): Promise<void> {
    const file = this.#files.get(index.name);
    if (file === undefined) {
      const isNone = this.#unfit.length === 0;
      throw new GraphFileUnfit(isNone ? "the snapshot has no file of it" : this.#unfit.join("; "));
    }
    if (problem !== undefined) throw new GraphFileUnfit(problem);
    const { aliases } = file.head;
    if (linked.length !== aliases.length || linked.some(({ alias }, at) => alias !== aliases[at])) {
      throw new GraphFileUnfit("its graphs are of other attributes");
    }
    await file.readLinks((place, piece) => hand(linked[place], piece));
    for (const [place, one] of linked.entries()) {
      if (file.hasLinks(place)) {
        this.#adopt(index, one);
      } else {
        one.links.giveUp();
        this.#noteRebuilt(index, one, "there was no memory to write its links down");
      }
    }
  }

  #adopt(index: LiveIndex, one: LinkedAttribute): void {
    const { clock, logger } = this.#parts;
    const { alias, attribute, links } = one;
    attribute.graphLoad = "loading";
    const startedAtMs = clock.monotonicMs();
    const told = (problem: string | undefined): void => {
      if (problem !== undefined) {
        this.#noteRebuilt(index, one, problem);
        return;
      }
      attribute.graphLoad = "loaded";
      const ms = Math.round(clock.monotonicMs() - startedAtMs);
      const vectors = attribute.index.progress().count;
      logger.info({ index: index.name, alias, vectors, ms }, "a graph is back");
    };
    // It rejects where the index is closed meanwhile, and then there is nobody to tell.
    links.load().then(told, () => undefined);
  }

  #noteRebuilt(index: LiveIndex, { alias, attribute }: LinkedAttribute, reason: string): void {
    attribute.graphLoad = `rebuilt: ${reason}`;
    this.#parts.logger.warn(
      { index: index.name, alias, reason },
      "a graph is built again from the keyspace; answers are complete meanwhile",
    );
  }

  async #close(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files = new Map();
    this.#unfit = [];
    for (const file of files) await file.close();
  }
}

function hand({ links }: LinkedAttribute, piece: Uint32Array): void {
  try {
    links.take(piece);
  } catch (failure) {
    if (isOutOfMemory(failure)) throw new GraphFileUnfit("there is no memory for its links");
    throw failure;
  }
}
