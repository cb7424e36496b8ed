/**
 * The nearest so far: a bounded heap with the farthest on top; order is by distance, then by id.
 * With `k` infinite it is a growing heap, which a range search empties in order.
 */
const INITIAL_CAPACITY = 64;

export interface SortedNeighbors {
  readonly ids: Uint32Array<ArrayBuffer>;
  readonly distances: Float32Array<ArrayBuffer>;
}

export class TopList {
  count: number;
  /** What a candidate must not exceed to be taken. */
  farthest: number;
  readonly #k: number;
  readonly #radius: number;
  #distances: Float32Array<ArrayBuffer>;
  #ids: Uint32Array<ArrayBuffer>;

  constructor(k: number, radius = Number.POSITIVE_INFINITY) {
    const capacity = Math.min(k, INITIAL_CAPACITY);
    this.count = 0;
    this.farthest = radius;
    this.#k = k;
    this.#radius = radius;
    this.#distances = new Float32Array(capacity);
    this.#ids = new Uint32Array(capacity);
  }

  /** `distance` is a float32 value already. */
  offer(distance: number, id: number): void {
    if (distance > this.farthest) return;
    if (this.count < this.#k) {
      if (this.count === this.#ids.length) this.#grow();
      this.count += 1;
      this.#rise(this.count - 1, distance, id);
    } else {
      if (distance === this.farthest && id > this.#ids[0]) return;
      this.#sink(distance, id);
    }
    this.farthest = this.count < this.#k ? this.#radius : this.#distances[0];
  }

  /** Nearest first; empties the list. */
  take(): SortedNeighbors {
    const ids = new Uint32Array(this.count);
    const distances = new Float32Array(this.count);
    while (this.count > 0) {
      this.count -= 1;
      const last = this.count;
      ids[last] = this.#ids[0];
      distances[last] = this.#distances[0];
      this.#sink(this.#distances[last], this.#ids[last]);
    }
    return { ids, distances };
  }

  #rise(place: number, distance: number, id: number): void {
    const distances = this.#distances;
    const ids = this.#ids;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      const isBelow =
        distances[parent] > distance || (distances[parent] === distance && ids[parent] > id);
      if (isBelow) break;
      distances[place] = distances[parent];
      ids[place] = ids[parent];
      place = parent;
    }
    distances[place] = distance;
    ids[place] = id;
  }

  /** Replaces the top. */
  #sink(distance: number, id: number): void {
    const distances = this.#distances;
    const ids = this.#ids;
    let place = 0;
    for (let child = 1; child < this.count; child = place * 2 + 1) {
      const right = child + 1;
      if (
        right < this.count &&
        (distances[right] > distances[child] ||
          (distances[right] === distances[child] && ids[right] > ids[child]))
      ) {
        child = right;
      }
      const isAbove =
        distance > distances[child] || (distance === distances[child] && id > ids[child]);
      if (isAbove) break;
      distances[place] = distances[child];
      ids[place] = ids[child];
      place = child;
    }
    distances[place] = distance;
    ids[place] = id;
  }

  #grow(): void {
    const capacity = Math.min(this.#k, this.#ids.length * 2);
    const distances = new Float32Array(capacity);
    distances.set(this.#distances);
    this.#distances = distances;
    const ids = new Uint32Array(capacity);
    ids.set(this.#ids);
    this.#ids = ids;
  }
}

/** One list of the nearest `k` from several; an id that is in two of them counts once. */
export function mergeNeighbors(parts: readonly SortedNeighbors[], k: number): SortedNeighbors {
  if (parts.length === 1 && parts[0].ids.length <= k) return parts[0];
  const cursors = new Uint32Array(parts.length);
  const total = parts.reduce((sum, part) => sum + part.ids.length, 0);
  const ids = new Uint32Array(Math.min(k, total));
  const distances = new Float32Array(ids.length);
  const seen = new Set<number>();
  while (seen.size < ids.length) {
    const next = nearestPart(parts, cursors);
    if (next < 0) break;
    const id = parts[next].ids[cursors[next]];
    if (!seen.has(id)) {
      ids[seen.size] = id;
      distances[seen.size] = parts[next].distances[cursors[next]];
      seen.add(id);
    }
    cursors[next] += 1;
  }
  return { ids: ids.slice(0, seen.size), distances: distances.slice(0, seen.size) };
}

function nearestPart(parts: readonly SortedNeighbors[], cursors: Uint32Array): number {
  let best = -1;
  let bestDistance = 0;
  let bestId = 0;
  for (let part = 0; part < parts.length; part += 1) {
    const at = cursors[part];
    if (at >= parts[part].ids.length) continue;
    const distance = parts[part].distances[at];
    const id = parts[part].ids[at];
    if (best < 0 || distance < bestDistance || (distance === bestDistance && id < bestId)) {
      best = part;
      bestDistance = distance;
      bestId = id;
    }
  }
  return best;
}
