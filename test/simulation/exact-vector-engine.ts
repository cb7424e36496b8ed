/**
 * The vector engine's twin without threads: every search measures every vector, when it is asked,
 * and is answered in a turn that the caller's scheduler gives.
 */
import { exactDistance, measuredVector } from "../../src/vector/exact-distance.ts";
import { decodeVector } from "../../src/vector/vector-codec.ts";
import type {
  NearestRequest,
  Neighbors,
  NeighborWaiter,
  RangeRequest,
  VectorEngine,
  VectorIndex,
  VectorIndexProgress,
  VectorParameters,
} from "../../src/vector/vector-index.ts";

type Later = (run: () => void) => void;

interface Measured {
  readonly id: number;
  readonly distance: number;
}

const memory = {
  valueBytes: 0,
  codeBytes: 0,
  linkBytes: 0,
  tombstoneBytes: 0,
  tableBytes: 0,
};

class ExactVectorIndex implements VectorIndex {
  readonly parameters: VectorParameters;
  unsealedCount = 0;
  readonly #vectors = new Map<number, Buffer>();
  readonly #later: Later;
  #isClosed = false;

  constructor(parameters: VectorParameters, later: Later) {
    this.parameters = parameters;
    this.#later = later;
  }

  add(id: number, vector: Buffer): boolean {
    if (this.#vectors.has(id)) throw new Error(`id ${id} was added twice`);
    this.#vectors.set(id, Buffer.from(vector));
    this.unsealedCount += 1;
    return true;
  }

  remove(id: number): void {
    if (!this.#vectors.delete(id)) throw new Error(`id ${id} was removed but is not there`);
    this.unsealedCount += 1;
  }

  nearest(request: NearestRequest): Promise<Neighbors> {
    return new Promise((found, failed) => this.ask(request, { found, failed }));
  }

  ask(request: NearestRequest, waiter: NeighborWaiter): void {
    const answer = neighborsOf(this.#measure(request).slice(0, request.k));
    this.#answer(answer, waiter);
  }

  withinRange(request: RangeRequest): Promise<Neighbors> {
    const inside = this.#measure(request).filter(({ distance }) => distance <= request.radius);
    return new Promise((found, failed) => this.#answer(neighborsOf(inside), { found, failed }));
  }

  progress(): VectorIndexProgress {
    const count = this.#vectors.size;
    return {
      count,
      graphCount: count,
      tailCount: 0,
      tombstoneCount: 0,
      buildRate: 0,
      secondsLeft: 0,
      bytes: count,
      storedBytes: 0,
      memory,
    };
  }

  seal(): void {
    this.unsealedCount = 0;
  }

  async flush(): Promise<void> {}

  async graphChecksum(): Promise<null> {
    return null;
  }

  close(): void {
    this.#isClosed = true;
  }

  #answer(neighbors: Neighbors, waiter: NeighborWaiter): void {
    this.#later(() => {
      if (this.#isClosed) waiter.failed(new Error("the index was closed"));
      else waiter.found(neighbors);
    });
  }

  #measure({ query, filter }: NearestRequest | RangeRequest): Measured[] {
    const { type, metric } = this.parameters;
    const asked = measuredVector(decodeVector(type, query));
    const measured: Measured[] = [];
    for (const [id, bytes] of this.#vectors) {
      if (filter !== null && !filter.has(id)) continue;
      const stored = measuredVector(decodeVector(type, bytes));
      measured.push({ id, distance: exactDistance(metric, asked, stored) });
    }
    return measured.sort((left, right) => left.distance - right.distance || left.id - right.id);
  }
}

function neighborsOf(measured: readonly Measured[]): Neighbors {
  return {
    ids: Uint32Array.from(measured, ({ id }) => id),
    distances: Float32Array.from(measured, ({ distance }) => distance),
    method: measured.length === 0 ? "empty" : "exact",
  };
}

export class ExactVectorEngine implements VectorEngine {
  readonly #later: Later;

  /** `later` gives an answer its turn; by default the next microtask. */
  constructor(later: Later = queueMicrotask) {
    this.#later = later;
  }

  create(parameters: VectorParameters): VectorIndex {
    return new ExactVectorIndex(parameters, this.#later);
  }

  giveBackFreedPages(): void {}

  async close(): Promise<void> {}
}
