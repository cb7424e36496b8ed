/**
 * `VectorIndex`: all that search knows of nearest-neighbour engines.
 *
 * - `add` and `remove` are synchronous and come in log order. A vector is in the *tail* at once, so
 *   the very next search sees it; the engine moves it into its graph later, on its own threads.
 * - A search sees exactly the adds and removes made before it was called (a snapshot), whatever the
 *   engine is doing: the graph's answers and the exactly scanned tail, merged.
 * - K of K: if at least `k` live documents pass the filter, `k` come back.
 * - Ids are dense u32 document ids, chosen by the caller, never reused while the old one is live.
 * - Nothing here runs longer than 1 ms on the event loop.
 */
import type { Bitmap } from "../base/bitmap.ts";
import type { FloatStore, StoredVector } from "./float-store.ts";

export type VectorType = "FLOAT32" | "FLOAT64" | "FLOAT16" | "BFLOAT16" | "INT8" | "UINT8";
/** Distances as the peers report them: L2 squared, IP as 1 - dot, COSINE as 1 - cosine. */
export type DistanceMetric = "L2" | "IP" | "COSINE";

export interface VectorParameters {
  readonly algorithm: "HNSW" | "FLAT";
  readonly type: VectorType;
  readonly dimensions: number;
  readonly metric: DistanceMetric;
  readonly initialCapacity: number;
  /** HNSW only; FLAT ignores them. */
  readonly m: number;
  readonly efConstruction: number;
  readonly efRuntime: number;
  readonly epsilon: number;
  /** Bits of a neighbor code, 0 to 512: memory for speed, and nothing else. */
  readonly neighborCodeBits: number;
  /** FLAT only. */
  readonly blockSize: number;
}

/** Nearest first; ties by id. `distances` are float32 values. */
export interface Neighbors {
  readonly ids: Uint32Array;
  readonly distances: Float32Array;
  /** How the answer was found, for FT.PROFILE and tests. */
  readonly method: "exact" | "graph" | "graph+tail" | "empty";
  /** Of a profiled search. */
  readonly work?: SearchWork;
}

/** What a search took: where it looked, and how long. */
export interface SearchWork {
  /** Vectors, and those of them that pass the filter. */
  readonly totalCount: number;
  readonly matchingCount: number;
  /** Nodes of the graph that were expanded, and distances of codes that this took. */
  readonly hopCount: number;
  readonly codeDistanceCount: number;
  /** Vectors that were measured: the best by their codes, those of the tail, those of a scan. */
  readonly rerankedCount: number;
  readonly tailCount: number;
  readonly scannedCount: number;
  /** For a thread, and on it. */
  readonly waitedMs: number;
  readonly searchedMs: number;
}

export interface NearestRequest {
  readonly query: Buffer;
  readonly k: number;
  /** 0: the index's default, or what the engine holds to be the least that is useful. */
  readonly efRuntime: number;
  /** The documents that match; null for all. The engine takes what it needs before it returns. */
  readonly filter: Bitmap | null;
  /** Gives up with a SearchTimeout after this; 0 for never. */
  readonly timeoutMs: number;
  readonly isProfiled?: boolean;
}

export interface RangeRequest {
  readonly query: Buffer;
  readonly radius: number;
  readonly filter: Bitmap | null;
  readonly timeoutMs: number;
  readonly isProfiled?: boolean;
}

/** What an index holds, in bytes. Tombstones: what was removed and is not freed yet. */
export interface VectorIndexMemory {
  readonly valueBytes: number;
  readonly codeBytes: number;
  readonly linkBytes: number;
  readonly tombstoneBytes: number;
  readonly tableBytes: number;
}

export interface VectorIndexProgress {
  /** Live vectors, those in the graph (FLAT: all), and those in the tail. */
  readonly count: number;
  readonly graphCount: number;
  readonly tailCount: number;
  readonly tombstoneCount: number;
  /** Vectors per second into the graph, lately; 0 when idle. */
  readonly buildRate: number;
  /** Estimate; 0 when the tail is empty, -1 when unknown. */
  readonly secondsLeft: number;
  /** All of `memory`. */
  readonly bytes: number;
  /** Of `bytes`, vectors in the engine's store: fields and other indexes may share them. */
  readonly storedBytes: number;
  readonly memory: VectorIndexMemory;
}

/**
 * Of a graph between two batches. Nodes that read the same log have the same at the same sequence;
 * where they differ, ranges of slots tell where.
 */
/** What a graph must not have; `kernel/graph-check.h` says what each is. All 0 in a sound one. */
export interface GraphFaults {
  /** Live nodes that no walk reaches; some may be there until the graph is swept. */
  readonly unreachable: number;
  readonly brokenLinks: number;
  readonly wrongInLinkCounts: number;
  readonly strayNodes: number;
  readonly wrongLevels: number;
}

export interface GraphChecksum {
  readonly whole: bigint;
  /** Adds, removes and seals that are in the graph. */
  readonly sequence: number;
  /** Tombstones included. */
  readonly nodeCount: number;
  readonly tombstoneCount: number;
  readonly slotsPerRange: number;
  readonly ranges: readonly bigint[];
  readonly faults: GraphFaults;
}

/** Told once, later: never before `ask` has returned, and never while a command runs. */
export interface NeighborWaiter {
  found(neighbors: Neighbors): void;
  failed(reason: Error): void;
}

/** Pieces of a graph, in their order, until there are none left. */
export interface GraphDump {
  /** Rejects where there was no memory for it, or the index was closed. */
  next(): Promise<Uint32Array | undefined>;
  /** Always, also after the last piece: nothing is kept for it any more. */
  end(): void;
}

/** A graph to and from a file, so that it need not be built again. */
export interface GraphLinks {
  /**
   * Right after `seal`, in the same turn: the graph of everything so far. The one before it, if it
   * has not ended, fails.
   */
  dump(): GraphDump;
  /** Of a fresh index: no graph is built before links come (`load`), or are given up. */
  hold(): void;
  /** A piece of a dump, copied; in their order. */
  take(piece: Uint32Array): void;
  /**
   * The pieces are all of the links of what was added so far, and of nothing else; what comes next
   * comes behind. Resolves once they were checked: why the graph is built instead, or undefined.
   */
  load(): Promise<string | undefined>;
  giveUp(): void;
}

export class SearchTimeout extends Error {
  override readonly name = "SearchTimeout";
}

export interface VectorIndex {
  readonly parameters: VectorParameters;
  /**
   * `vector` has exactly the index's bytes and was validated (`vector-codec.ts`). Copied. False,
   * and nothing done, where there is no memory for it.
   */
  add(id: number, vector: Buffer): boolean;
  /** The same for a vector in the engine's store, which is shared. Absent: this index copies. */
  addStored?(id: number, vector: StoredVector): boolean;
  remove(id: number): void;
  nearest(request: NearestRequest): Promise<Neighbors>;
  /** The same without a promise, which costs as much as all else that a search is here. */
  ask(request: NearestRequest, waiter: NeighborWaiter): void;
  /** Every live document within the radius (inclusive), exactly. */
  withinRange(request: RangeRequest): Promise<Neighbors>;
  progress(): VectorIndexProgress;
  /**
   * Cuts the sequence, so that all of it so far can come into the graph; without it the last,
   * incomplete batch stays in the tail. The graph depends on where it is cut, so only what all
   * nodes see may call this: an effect of the log.
   */
  seal(): void;
  /**
   * Changes since the last seal, counting up. How far the graph is does not matter, since that is
   * no function of the log: a process that restarts would seal where the one before it did not.
   */
  readonly unsealedCount: number;
  /**
   * Resolves once everything before the call is in the graph, for which it must be sealed. FLAT:
   * once it has been taken in, as far as there is anything to do.
   */
  flush(): Promise<void>;
  /** Absent where there is no graph. */
  readonly links?: GraphLinks;
  /** null where there is no graph. It reads all links, on a thread of the engine's. */
  graphChecksum(): Promise<GraphChecksum | null>;
  /** Frees threads' memory; pending searches reject. */
  close(): void;
}

/** Makes indexes; owns the threads. One for a process. */
export interface VectorEngine {
  create(parameters: VectorParameters): VectorIndex;
  /** Where vectors lie that its indexes share with fields; absent if none does. */
  readonly store?: FloatStore;
  close(): Promise<void>;
}
