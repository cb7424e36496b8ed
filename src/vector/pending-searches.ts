/**
 * Searches of one index that are under way: their parts as threads answer them, their deadlines,
 * and the bitmaps that they were lent. A search that timed out stays here until its threads have
 * let go of it, since until then rows and bitmaps that it reads must not change.
 */
import type { Snapshot, SnapshotPool } from "./shared-bitmaps.ts";
import { mergeNeighbors, type SortedNeighbors } from "./top-list.ts";
import { type Neighbors, SearchTimeout } from "./vector-index.ts";

export interface PendingSearch {
  readonly request: number;
  readonly k: number;
  readonly lent: readonly Snapshot[];
  readonly deadlineMs: number;
  readonly parts: SortedNeighbors[];
  missingParts: number;
  isSettled: boolean;
  readonly resolve: (neighbors: Neighbors) => void;
  readonly reject: (failure: Error) => void;
}

export class PendingSearches {
  /** By request, oldest first. */
  readonly #searches: Map<number, PendingSearch>;
  readonly #pool: SnapshotPool;

  constructor(pool: SnapshotPool) {
    this.#searches = new Map();
    this.#pool = pool;
  }

  /** Infinity when nothing is under way. */
  get oldestRequest(): number {
    for (const request of this.#searches.keys()) return request;
    return Number.POSITIVE_INFINITY;
  }

  add(search: PendingSearch): void {
    this.#searches.set(search.request, search);
  }

  /** Null: the thread gave up, because the deadline had passed. */
  takePart(request: number, part: SortedNeighbors | null): void {
    const search = this.#searches.get(request);
    if (search === undefined) return;
    search.missingParts -= 1;
    if (part === null) settleAsLate(search);
    else search.parts.push(part);
    if (search.missingParts > 0) return;
    this.#searches.delete(request);
    for (const snapshot of search.lent) this.#pool.release(snapshot);
    if (search.isSettled) return;
    search.isSettled = true;
    const { ids, distances } = mergeNeighbors(search.parts, search.k);
    search.resolve({ ids, distances, method: "exact" });
  }

  /** Whether any search still has a deadline ahead. */
  expire(nowMs: number): boolean {
    let hasDeadline = false;
    for (const search of this.#searches.values()) {
      if (search.isSettled || search.deadlineMs === Number.POSITIVE_INFINITY) continue;
      if (nowMs > search.deadlineMs) settleAsLate(search);
      else hasDeadline = true;
    }
    return hasDeadline;
  }

  rejectAll(failure: Error): void {
    for (const search of this.#searches.values()) {
      if (!search.isSettled) search.reject(failure);
    }
    this.#searches.clear();
  }
}

function settleAsLate(search: PendingSearch): void {
  if (search.isSettled) return;
  search.isSettled = true;
  search.reject(new SearchTimeout("the search did not end in time"));
}
