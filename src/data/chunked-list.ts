/**
 * A list of chunks: O(1) at both ends, O(length / chunk) in the middle.
 *
 * Chunks are arrays of at most CHUNK_MAX values and none is empty; shifting within one moves a
 * kilobyte at the most. Rejected: one array (shift is O(n)), a ring buffer (a middle insert is
 * O(n)), linked nodes (24 bytes of overhead for each value).
 */

const CHUNK_MAX = 128;

export class ChunkedList<Value> {
  length = 0;
  readonly #chunks: Value[][] = [];

  static from<Value>(values: Iterable<Value>): ChunkedList<Value> {
    const list = new ChunkedList<Value>();
    for (const value of values) list.pushRight(value);
    return list;
  }

  pushRight(value: Value): void {
    const last = this.#chunks.at(-1);
    if (last === undefined || last.length >= CHUNK_MAX) this.#chunks.push([value]);
    else last.push(value);
    this.length += 1;
  }

  pushLeft(value: Value): void {
    const first = this.#chunks.at(0);
    if (first === undefined || first.length >= CHUNK_MAX) this.#chunks.unshift([value]);
    else first.unshift(value);
    this.length += 1;
  }

  popLeft(): Value | undefined {
    const first = this.#chunks.at(0);
    if (first === undefined) return undefined;
    if (first.length === 1) this.#chunks.shift();
    this.length -= 1;
    return first.shift();
  }

  popRight(): Value | undefined {
    const last = this.#chunks.at(-1);
    if (last === undefined) return undefined;
    if (last.length === 1) this.#chunks.pop();
    this.length -= 1;
    return last.pop();
  }

  get(index: number): Value | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const [chunk, at] = this.#find(index);
    return this.#chunks[chunk][at];
  }

  set(index: number, value: Value): void {
    const [chunk, at] = this.#find(index);
    this.#chunks[chunk][at] = value;
  }

  /** The value stands at `index` afterwards; 0 to length. */
  insert(index: number, value: Value): void {
    if (index === this.length) {
      this.pushRight(value);
      return;
    }
    const [chunk, at] = this.#find(index);
    const values = this.#chunks[chunk];
    values.splice(at, 0, value);
    this.length += 1;
    if (values.length > CHUNK_MAX) {
      this.#chunks.splice(chunk + 1, 0, values.splice(CHUNK_MAX >>> 1));
    }
  }

  removeAt(index: number): void {
    const [chunk, at] = this.#find(index);
    this.#chunks[chunk].splice(at, 1);
    if (this.#chunks[chunk].length === 0) this.#chunks.splice(chunk, 1);
    this.length -= 1;
  }

  /** Values from `start` (from 0), at most `count`. */
  slice(start: number, count: number): Value[] {
    const values: Value[] = [];
    const end = Math.min(this.length, start + count);
    if (start >= end) return values;
    let [chunk, at] = this.#find(start);
    for (let left = end - start; left > 0; left -= 1) {
      if (at === this.#chunks[chunk].length) {
        chunk += 1;
        at = 0;
      }
      values.push(this.#chunks[chunk][at]);
      at += 1;
    }
    return values;
  }

  *[Symbol.iterator](): IterableIterator<Value> {
    for (const chunk of this.#chunks) yield* chunk;
  }

  /** From the right end to the left. */
  *reversed(): IterableIterator<Value> {
    for (let chunk = this.#chunks.length - 1; chunk >= 0; chunk -= 1) {
      const values = this.#chunks[chunk];
      for (let at = values.length - 1; at >= 0; at -= 1) yield values[at];
    }
  }

  #find(index: number): [chunk: number, at: number] {
    let at = index;
    if (index > this.length >>> 1) {
      // From the right: LINDEX -1 and friends are as common as LINDEX 0.
      let fromEnd = this.length - index;
      for (let chunk = this.#chunks.length - 1; chunk >= 0; chunk -= 1) {
        const size = this.#chunks[chunk].length;
        if (fromEnd <= size) return [chunk, size - fromEnd];
        fromEnd -= size;
      }
    }
    let chunk = 0;
    while (at >= this.#chunks[chunk].length) {
      at -= this.#chunks[chunk].length;
      chunk += 1;
    }
    return [chunk, at];
  }
}
