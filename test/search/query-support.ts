/**
 * What the query tests stand on: a server with real search over a vector engine that answers
 * exactly, from the vectors as they were when it was asked, but only when the test lets it.
 */
import { must } from "../../src/base/assert.ts";
import { Catalog } from "../../src/search/indexer.ts";
import {
  type NearestRequest,
  type Neighbors,
  type NeighborWaiter,
  type RangeRequest,
  SearchTimeout,
  type VectorEngine,
  type VectorIndex,
  type VectorIndexProgress,
  type VectorParameters,
} from "../../src/vector/vector-index.ts";
import { type InProcessClient, InProcessServer } from "../support/in-process-server.ts";
import { Oracle } from "../vector/vector-support.ts";
import { SteppedWorld } from "./index-support.ts";

export class HeldEngine implements VectorEngine {
  /** Answers wait for `release` while this is set. */
  isHeld = false;
  readonly requests: (NearestRequest | RangeRequest)[] = [];
  readonly #waiting: (() => void)[] = [];

  create(parameters: VectorParameters): VectorIndex {
    return new HeldIndex(this, parameters);
  }

  async close(): Promise<void> {}

  get heldCount(): number {
    return this.#waiting.length;
  }

  hold(): Promise<void> {
    if (!this.isHeld) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets every answer that waits now go out. */
  release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

class HeldIndex implements VectorIndex {
  readonly parameters: VectorParameters;
  readonly #engine: HeldEngine;
  readonly #oracle: Oracle;
  #isClosed = false;

  constructor(engine: HeldEngine, parameters: VectorParameters) {
    this.#engine = engine;
    this.parameters = parameters;
    this.#oracle = new Oracle(parameters);
  }

  add(id: number, vector: Buffer): boolean {
    this.#oracle.add(id, vector);
    return true;
  }

  remove(id: number): void {
    this.#oracle.remove(id);
  }

  nearest(request: NearestRequest): Promise<Neighbors> {
    const all = this.#oracle.ordered(request.query, request.filter);
    return this.#answer(request, all.slice(0, request.k));
  }

  ask(request: NearestRequest, waiter: NeighborWaiter): void {
    this.nearest(request).then(
      (neighbors) => waiter.found(neighbors),
      (reason) => waiter.failed(reason),
    );
  }

  withinRange(request: RangeRequest): Promise<Neighbors> {
    const all = this.#oracle.ordered(request.query, request.filter);
    return this.#answer(
      request,
      all.filter(({ distance }) => distance <= request.radius),
    );
  }

  async #answer(
    request: NearestRequest | RangeRequest,
    found: readonly { readonly id: number; readonly distance: number }[],
  ): Promise<Neighbors> {
    this.#engine.requests.push(request);
    await this.#engine.hold();
    if (this.#isClosed) throw new Error("the index was closed");
    if (request.timeoutMs === 7) throw new SearchTimeout("the search did not end in time");
    return {
      ids: Uint32Array.from(found, ({ id }) => id),
      distances: Float32Array.from(found, ({ distance }) => distance),
      method: "exact",
    };
  }

  progress(): VectorIndexProgress {
    const count = this.#oracle.vectors.size;
    const noWork = { tailCount: 0, tombstoneCount: 0, buildRate: 0, secondsLeft: 0, bytes: 0 };
    const graphMemory = { codeBytes: 0, linkBytes: 0, tombstoneBytes: 0, tableBytes: 0 };
    const memory = { valueBytes: 0, ...graphMemory };
    return { count, graphCount: count, ...noWork, storedBytes: 0, memory };
  }

  readonly unsealedCount = 0;

  seal(): void {}

  async flush(): Promise<void> {}

  async graphChecksum(): Promise<null> {
    return null;
  }

  close(): void {
    this.#isClosed = true;
  }
}

export interface SearchServer {
  readonly server: InProcessServer;
  readonly client: InProcessClient;
  readonly engine: HeldEngine;
  /** Slices of backfill run when it is turned. */
  readonly world: SteppedWorld;
  readonly catalog: Catalog;
}

export function startSearch(configuration: { isManual?: boolean } = {}): SearchServer {
  const engine = new HeldEngine();
  const world = new SteppedWorld();
  let made: Catalog | undefined;
  const server = new InProcessServer({
    ...configuration,
    makeCatalog(keyspace) {
      made = new Catalog(keyspace, engine, world);
      keyspace.addListener(made);
      return made;
    },
  });
  return { server, client: server.connect(), engine, world, catalog: must(made, "the catalog") };
}

/** Waits until so many searches stand before the engine. */
export async function untilHeld(engine: HeldEngine, count: number): Promise<void> {
  while (engine.heldCount < count) await Promise.resolve();
}
