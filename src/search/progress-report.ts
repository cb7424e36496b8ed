/**
 * Log lines about indexes that are being built: about one a second while there is much to do, and
 * one when it is done. Sleeps while there is nothing to report.
 */
import type { LiveIndex } from "./live-index.ts";

export interface ProgressLogger {
  info(details: object, message: string): void;
}

interface ReportWorld {
  after(delayMs: number, run: () => void): { cancel(): void };
  readonly logger: ProgressLogger;
}

const PERIOD_MS = 1000;
/** A shorter tail is everyday work, not news. */
const TAIL_WORTH_A_LINE = 1000;

export class ProgressReport {
  readonly #world: ReportWorld;
  readonly #indexes: ReadonlyMap<string, LiveIndex>;
  /** Names of indexes that had a line and not yet their last one. */
  readonly #reported: Set<string>;
  #timer: { cancel(): void } | undefined;

  constructor(world: ReportWorld, indexes: ReadonlyMap<string, LiveIndex>) {
    this.#world = world;
    this.#indexes = indexes;
    this.#reported = new Set();
    this.#timer = undefined;
  }

  /** Something changed: look again in a second, unless that is planned already. */
  wake(): void {
    if (this.#timer !== undefined) return;
    this.#timer = this.#world.after(PERIOD_MS, () => {
      this.#timer = undefined;
      if (this.#report()) this.wake();
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Whether anything is still under way. */
  #report(): boolean {
    let isBusy = false;
    for (const index of this.#indexes.values()) {
      const backfill = index.backfill?.progress();
      const vectors = index.vectorProgress();
      if (backfill !== undefined || vectors.tailCount >= TAIL_WORTH_A_LINE) {
        isBusy = true;
        this.#reported.add(index.name);
        this.#world.logger.info(
          {
            index: index.name,
            ...(backfill !== undefined && {
              keysDone: backfill.keysDone,
              keysTotal: backfill.keysTotal,
              keysPerSecond: Math.round(backfill.rate),
            }),
            graphDocuments: vectors.graphCount,
            tailDocuments: vectors.tailCount,
            buildRate: Math.round(vectors.buildRate),
            secondsLeft: Math.round(index.secondsLeft),
          },
          "index is being built",
        );
      } else if (this.#reported.delete(index.name)) {
        this.#world.logger.info(
          { index: index.name, documents: index.documents.count, vectors: vectors.count },
          "index is built",
        );
      }
    }
    for (const name of this.#reported) if (!this.#indexes.has(name)) this.#reported.delete(name);
    return isBusy;
  }
}
