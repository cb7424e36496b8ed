/**
 * `VectorIndex` over the kernel, for HNSW.
 *
 * The kernel copies a vector and has it in its tail at once; a search sees one place of its
 * sequence. Which way it goes is the kernel's to plan, since it measures what each costs.
 */
import { assert } from "../base/assert.ts";
import { BuildRate } from "./build-rate.ts";
import { KernelFigure, kernelFigureCount } from "./kernel-addon.ts";
import { type HostedIndex, type KernelHost, SEAL_AFTER_MS } from "./kernel-host.ts";
import { vectorBytes } from "./vector-codec.ts";
import type {
  DistanceMetric,
  NearestRequest,
  Neighbors,
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
 * What a query gets that does not say EF_RUNTIME: 10, the usual default of an index, is little for
 * 0.95 of the true neighbors among real passages. A query that says 10 gets 10.
 */
const EF_UNASKED_MIN = 24;
const EMPTY: Neighbors = {
  ids: new Uint32Array(0),
  distances: new Float32Array(0),
  method: "empty",
};

export class KernelIndex implements VectorIndex, HostedIndex {
  readonly parameters: VectorParameters;
  readonly number: number;
  readonly #host: KernelHost;
  readonly #vectorBytes: number;
  readonly #figures: Float64Array;
  readonly #rate: BuildRate;
  #addCount: number;
  #builtCount: number;
  #isChanged: boolean;
  #isSealed: boolean;
  #lastChangeMs: number;
  #isClosed: boolean;

  constructor(parameters: VectorParameters, host: KernelHost) {
    const { type, dimensions, metric, m, efConstruction } = parameters;
    this.parameters = parameters;
    this.#host = host;
    this.#vectorBytes = vectorBytes(type, dimensions);
    this.number = host.engine.createIndex(
      types.indexOf(type),
      metrics.indexOf(metric),
      dimensions,
      Math.max(LINKS_MIN, m),
      efConstruction,
    );
    this.#figures = new Float64Array(kernelFigureCount);
    this.#rate = new BuildRate(host.clock);
    this.#addCount = 0;
    this.#builtCount = 0;
    this.#isChanged = false;
    this.#isSealed = true;
    this.#lastChangeMs = 0;
    this.#isClosed = false;
  }

  add(id: number, vector: Buffer): void {
    assert(!this.#isClosed, "nothing is added to a closed index");
    assert(vector.length === this.#vectorBytes, "a vector was validated before");
    this.#host.stage.sendFor(this.number);
    this.#host.engine.add(this.number, id, vector);
    this.#addCount += 1;
    this.#noteChange();
  }

  remove(id: number): void {
    if (this.#isClosed) return;
    this.#host.stage.sendFor(this.number);
    if (this.#host.engine.remove(this.number, id)) this.#noteChange();
  }

  async nearest(request: NearestRequest): Promise<Neighbors> {
    const { k, efRuntime, filter } = request;
    this.#assertOpen();
    if (k === 0 || filter?.count === 0) return EMPTY;
    const asked = efRuntime > 0 ? efRuntime : Math.max(this.parameters.efRuntime, EF_UNASKED_MIN);
    return this.#ask(request, k, asked, Number.POSITIVE_INFINITY);
  }

  async withinRange(request: RangeRequest): Promise<Neighbors> {
    this.#assertOpen();
    if (request.filter?.count === 0) return EMPTY;
    return this.#ask(request, 0, 0, Math.min(request.radius, Number.MAX_VALUE));
  }

  progress(): VectorIndexProgress {
    const { count, graphCount, tailCount, tombstoneCount, bytes } = this.#readFigures();
    return {
      count,
      graphCount,
      tailCount,
      tombstoneCount,
      buildRate: tailCount === 0 ? 0 : this.#rate.perSecond(),
      secondsLeft: tailCount === 0 ? 0 : this.#rate.secondsFor(tailCount),
      bytes,
    };
  }

  async flush(): Promise<void> {
    this.#assertOpen();
    if (!this.#isSealed) this.#seal();
    await new Promise<Neighbors>((resolve, reject) => {
      const deadlineMs = Number.POSITIVE_INFINITY;
      const waiting = { index: this.number, deadlineMs, resolve, reject };
      this.#host.engine.watch(this.number, this.#host.answers.wait(waiting));
    });
  }

  close(): void {
    if (this.#isClosed || this.#host.isClosed) return;
    this.#isClosed = true;
    this.#host.drop(this);
  }

  tick(nowMs: number): boolean {
    if (this.#isChanged) {
      this.#isChanged = false;
      this.#lastChangeMs = nowMs;
    }
    if (!this.#isSealed && nowMs - this.#lastChangeMs >= SEAL_AFTER_MS) this.#seal();
    const { tailCount, waitingCount, isOutOfMemory } = this.#readFigures();
    const builtCount = this.#addCount - tailCount;
    if (builtCount > this.#builtCount) this.#rate.note(builtCount - this.#builtCount);
    this.#builtCount = builtCount;
    return !isOutOfMemory && (!this.#isSealed || waitingCount > 0);
  }

  #noteChange(): void {
    this.#isSealed = false;
    this.#isChanged = true;
    this.#host.noteChange(this);
  }

  #seal(): void {
    this.#isSealed = true;
    this.#host.engine.seal(this.number);
  }

  #ask(
    request: NearestRequest | RangeRequest,
    k: number,
    ef: number,
    radius: number,
  ): Promise<Neighbors> {
    const { query, filter, timeoutMs } = request;
    assert(query.length === this.#vectorBytes, "a query was validated before");
    return new Promise((resolve, reject) => {
      const deadlineMs =
        timeoutMs > 0 ? this.#host.clock.monotonicMs() + timeoutMs : Number.POSITIVE_INFINITY;
      const index = this.number;
      this.#host.stage.add({
        index,
        ticket: this.#host.answers.wait({ index, deadlineMs, resolve, reject }),
        query,
        k,
        ef: Math.max(ef, k),
        radius,
        filter: filter === null ? null : filter.words,
        timeoutMs,
      });
    });
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
    const tailCount = waitingCount === 0 ? 0 : Math.min(count, waitingAdds);
    return {
      count,
      graphCount: count - tailCount,
      tailCount,
      tombstoneCount,
      waitingCount,
      bytes: figures[KernelFigure.valueBytes] + figures[KernelFigure.graphBytes],
      isOutOfMemory: figures[KernelFigure.isOutOfMemory] !== 0,
    };
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new Error("the index was closed");
    if (this.#host.isClosed) throw new Error("the vector engine is closed");
  }
}
