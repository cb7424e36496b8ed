/**
 * `VectorIndex` over the kernel, for HNSW and for FLAT, which is an index without a graph.
 *
 * The kernel copies a vector, or shares it where it is stored already, and has it in its tail at
 * once; a search sees one place of its sequence. Which way it goes is the kernel's to plan,
 * since it measures what each costs.
 */
import { assert } from "../base/assert.ts";
import { BuildRate } from "./build-rate.ts";
import type { StoredVector } from "./float-store.ts";
import { KernelLinks } from "./graph-links.ts";
import {
  isOutOfMemory,
  type KernelEngine,
  KernelFigure,
  kernelFigureCount,
} from "./kernel-addon.ts";
import type { Waiting } from "./kernel-answers.ts";
import type { HostedIndex, KernelHost } from "./kernel-host.ts";
import { vectorBytes } from "./vector-codec.ts";
import type {
  DistanceMetric,
  GraphChecksum,
  GraphLinks,
  NearestRequest,
  Neighbors,
  NeighborWaiter,
  RangeRequest,
  VectorIndex,
  VectorIndexProgress,
  VectorParameters,
  VectorType,
} from "./vector-index.ts";

/** As the kernel numbers them (`kernel/parameters.h`). */
const types: readonly VectorType[] = ["FLOAT32", "FLOAT64", "FLOAT16", "BFLOAT16", "INT8", "UINT8"];
const metrics: readonly DistanceMetric[] = ["L2", "IP", "COSINE"];
/** A graph of one link for each node would be a line; the kernel refuses it. */
const LINKS_MIN = 2;
/**
 * What a query gets that does not say EF_RUNTIME: at 10, the usual default of an index, recall of
 * real passages is 0.95 to 0.96, with nothing to spare. A query that says 10 gets 10.
 */
const EF_UNASKED_MIN = 16;
/** Before the ranges (`kernel/addon/batch.h`). */
const CHECKSUM_HEAD_WORDS = 12;
const NO_WORK = new Uint32Array(7);
const EMPTY: Neighbors = {
  ids: new Uint32Array(0),
  distances: new Float32Array(0),
  method: "empty",
};

export class KernelIndex implements VectorIndex, HostedIndex {
  readonly parameters: VectorParameters;
  readonly number: number;
  readonly links?: GraphLinks;
  readonly #host: KernelHost;
  readonly #vectorBytes: number;
  readonly #hasGraph: boolean;
  readonly #figures: Float64Array;
  readonly #rate: BuildRate;
  #addCount: number;
  #builtCount: number;
  #unsealedCount: number;
  #isClosed: boolean;

  constructor(parameters: VectorParameters, host: KernelHost) {
    const { type, dimensions } = parameters;
    this.parameters = parameters;
    this.#host = host;
    this.#vectorBytes = vectorBytes(type, dimensions);
    this.number = createdIn(host.engine, parameters);
    this.#hasGraph = parameters.algorithm === "HNSW";
    this.#figures = new Float64Array(kernelFigureCount);
    this.#rate = new BuildRate(host.clock);
    this.#addCount = 0;
    this.#builtCount = 0;
    this.#unsealedCount = 0;
    this.#isClosed = false;
    if (this.#hasGraph) this.links = this.#makeLinks();
  }

  add(id: number, vector: Buffer): boolean {
    return this.#add(vector, () => this.#host.engine.add(this.number, id, vector));
  }

  addStored(id: number, vector: StoredVector): boolean {
    return this.#add(vector, () => this.#host.engine.addStored(this.number, id, vector.slot));
  }

  remove(id: number): void {
    if (this.#isClosed) return;
    this.#host.stage.sendFor(this.number);
    try {
      if (this.#host.engine.remove(this.number, id)) this.#noteChange();
    } catch (failure) {
      // No search finds it any more; only its memory cannot be given back.
      if (!isOutOfMemory(failure)) throw failure;
    }
  }

  nearest(request: NearestRequest): Promise<Neighbors> {
    return new Promise((resolve, reject) => this.ask(request, { found: resolve, failed: reject }));
  }

  ask(request: NearestRequest, waiter: NeighborWaiter): void {
    const { k, efRuntime } = request;
    if (k === 0) {
      this.#answerEmpty(waiter);
      return;
    }
    const asked = efRuntime > 0 ? efRuntime : Math.max(this.parameters.efRuntime, EF_UNASKED_MIN);
    this.#stage(request, k, asked, Number.POSITIVE_INFINITY, waiter);
  }

  withinRange(request: RangeRequest): Promise<Neighbors> {
    const radius = Math.min(request.radius, Number.MAX_VALUE);
    return new Promise((resolve, reject) =>
      this.#stage(request, 0, 0, radius, { found: resolve, failed: reject }),
    );
  }

  progress(): VectorIndexProgress {
    const figures = this.#readFigures();
    const { count, graphCount, tailCount, tombstoneCount, memory, storedBytes } = figures;
    const { valueBytes, codeBytes, linkBytes, tombstoneBytes, tableBytes } = memory;
    return {
      count,
      graphCount,
      tailCount,
      tombstoneCount,
      buildRate: tailCount === 0 ? 0 : this.#rate.perSecond(),
      secondsLeft: tailCount === 0 ? 0 : this.#rate.secondsFor(tailCount),
      bytes: valueBytes + codeBytes + linkBytes + tombstoneBytes + tableBytes,
      storedBytes,
      memory,
    };
  }

  seal(): void {
    if (this.#isClosed || !this.#hasGraph) return;
    try {
      this.#host.engine.seal(this.number);
      this.#unsealedCount = 0;
    } catch (failure) {
      if (!isOutOfMemory(failure)) throw failure;
    }
  }

  get unsealedCount(): number {
    return this.#unsealedCount;
  }

  async flush(): Promise<void> {
    this.#assertOpen();
    await this.#question((ticket) => this.#host.engine.watch(this.number, ticket));
  }

  async graphChecksum(): Promise<GraphChecksum | null> {
    this.#assertOpen();
    if (!this.#hasGraph) return null;
    const words = await this.#question((ticket) => this.#host.engine.checksum(this.number, ticket));
    assert(words !== null, "checksums come as figures");
    return checksumOf(words);
  }

  close(): void {
    if (this.#isClosed || this.#host.isClosed) return;
    this.#isClosed = true;
    this.#host.drop(this);
  }

  tick(): boolean {
    const { tailCount, waitingCount, isOutOfMemory } = this.#readFigures();
    const builtCount = this.#addCount - tailCount;
    if (builtCount > this.#builtCount) this.#rate.note(builtCount - this.#builtCount);
    this.#builtCount = builtCount;
    return !isOutOfMemory && waitingCount > 0;
  }

  #add(vector: { readonly length: number }, addToKernel: () => void): boolean {
    assert(!this.#isClosed, "nothing is added to a closed index");
    assert(vector.length === this.#vectorBytes, "a vector was validated before");
    this.#host.stage.sendFor(this.number);
    try {
      addToKernel();
    } catch (failure) {
      if (isOutOfMemory(failure)) return false;
      throw failure;
    }
    this.#addCount += 1;
    this.#noteChange();
    return true;
  }

  #noteChange(): void {
    if (this.#hasGraph) this.#unsealedCount += 1;
    this.#host.noteChange(this);
  }

  #stage(
    request: NearestRequest | RangeRequest,
    k: number,
    ef: number,
    radius: number,
    waiter: NeighborWaiter,
  ): void {
    const { query, filter, timeoutMs } = request;
    assert(query.length === this.#vectorBytes, "a query was validated before");
    const failure = this.#closedFailure();
    if (failure !== undefined) {
      queueMicrotask(() => waiter.failed(failure));
      return;
    }
    if (filter !== null && filter.count === 0) {
      this.#answerEmpty(waiter);
      return;
    }
    const deadlineMs =
      timeoutMs > 0 ? this.#host.clock.monotonicMs() + timeoutMs : Number.POSITIVE_INFINITY;
    const index = this.number;
    const isProfiled = request.isProfiled === true;
    const found = (neighbors: Neighbors): void => waiter.found(neighbors);
    const waiting = {
      index,
      deadlineMs,
      resolve: isProfiled ? this.#explained(request, found) : found,
      reject: (failure: Error) => waiter.failed(failure),
    };
    this.#host.stage.add({
      index,
      ticket: this.#host.answers.wait(waiting),
      isProfiled,
      query,
      k,
      ef: Math.max(ef, k),
      radius,
      filter,
      timeoutMs,
    });
  }

  #explained(
    { filter }: NearestRequest | RangeRequest,
    resolve: (neighbors: Neighbors) => void,
  ): Waiting["resolve"] {
    const totalCount = this.#readFigures().count;
    const matchingCount = filter === null ? totalCount : filter.count;
    return (neighbors, figures) => {
      resolve({ ...neighbors, work: { totalCount, matchingCount, ...workOf(figures) } });
    };
  }

  #makeLinks(): GraphLinks {
    const isClosed = () => this.#isClosed || this.#host.isClosed;
    return new KernelLinks(this.#host.engine, {
      number: this.number,
      get isClosed() {
        return isClosed();
      },
      question: (ask) => {
        this.#assertOpen();
        return this.#question(ask);
      },
      setUnsealed: (isUnsealed) => {
        this.#unsealedCount = isUnsealed ? this.#unsealedCount + 1 : 0;
      },
    });
  }

  /** Without a deadline. */
  #question(ask: (ticket: number) => void): Promise<Uint32Array | null> {
    return new Promise((resolve, reject) => {
      const waiting = {
        index: this.number,
        deadlineMs: Number.POSITIVE_INFINITY,
        resolve: (_: Neighbors, figures: Uint32Array | null) => resolve(figures),
        reject,
      };
      ask(this.#host.answers.wait(waiting));
    });
  }

  #answerEmpty(waiter: NeighborWaiter): void {
    queueMicrotask(() => waiter.found(EMPTY));
  }

  #readFigures() {
    const figures = this.#figures;
    this.#host.engine.progress(this.number, figures);
    const count = figures[KernelFigure.count];
    const waitingCount = figures[KernelFigure.waitingCount];
    const tombstoneCount = figures[KernelFigure.tombstoneCount];
    const liveNodes = figures[KernelFigure.nodeCount] - tombstoneCount;
    // Adds and removes wait: their sum is known, and so is what they will change of the live nodes.
    const waitingAdds = Math.max(0, Math.floor((waitingCount + count - liveNodes) / 2));
    const isTailEmpty = waitingCount === 0 || !this.#hasGraph;
    const tailCount = isTailEmpty ? 0 : Math.min(count, waitingAdds);
    return {
      count,
      graphCount: count - tailCount,
      tailCount,
      tombstoneCount,
      waitingCount,
      storedBytes: figures[KernelFigure.storedBytes],
      memory: {
        valueBytes: figures[KernelFigure.valueBytes],
        codeBytes: figures[KernelFigure.codeBytes],
        linkBytes: figures[KernelFigure.linkBytes],
        tombstoneBytes: figures[KernelFigure.tombstoneBytes],
        tableBytes: figures[KernelFigure.tableBytes],
      },
      isOutOfMemory: figures[KernelFigure.isOutOfMemory] !== 0,
    };
  }

  #assertOpen(): void {
    const failure = this.#closedFailure();
    if (failure !== undefined) throw failure;
  }

  #closedFailure(): Error | undefined {
    if (this.#isClosed) return new Error("the index was closed");
    return this.#host.isClosed ? new Error("the vector engine is closed") : undefined;
  }
}

function createdIn(engine: KernelEngine, parameters: VectorParameters): number {
  const { algorithm, dimensions, m, efConstruction, neighborCodeBits } = parameters;
  const type = types.indexOf(parameters.type);
  const metric = metrics.indexOf(parameters.metric);
  if (algorithm === "FLAT") return engine.createFlatIndex(type, metric, dimensions);
  const linkCount = Math.max(LINKS_MIN, m);
  return engine.createIndex(type, metric, dimensions, linkCount, efConstruction, neighborCodeBits);
}

function workOf(figures: Uint32Array | null) {
  const [waited, searched, hopCount, codeDistanceCount, rerankedCount, tailCount, scannedCount] =
    figures ?? NO_WORK;
  return {
    hopCount,
    codeDistanceCount,
    rerankedCount,
    tailCount,
    scannedCount,
    waitedMs: waited / 1000,
    searchedMs: searched / 1000,
  };
}

function checksumOf(words: Uint32Array): GraphChecksum {
  const wide = (at: number) => BigInt(words[at]) | (BigInt(words[at + 1]) << 32n);
  const ranges: bigint[] = [];
  for (let at = CHECKSUM_HEAD_WORDS; at < words.length; at += 2) ranges.push(wide(at));
  const [nodeCount, tombstoneCount, slotsPerRange, ...counted] = words.subarray(
    4,
    CHECKSUM_HEAD_WORDS,
  );
  const [unreachable, brokenLinks, wrongInLinkCounts, strayNodes, wrongLevels] = counted;
  const faults = { unreachable, brokenLinks, wrongInLinkCounts, strayNodes, wrongLevels };
  const sequence = Number(wide(2));
  return { whole: wide(0), sequence, nodeCount, tombstoneCount, slotsPerRange, ranges, faults };
}
