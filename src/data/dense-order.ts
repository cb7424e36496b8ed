/**
 * A set of strings with a dense order: O(1) add, remove, random member, and scans without state.
 *
 * Removing moves the last member into the hole. A scan walks from the end to the start, and its
 * cursor is the number of places that are left to visit: what is moved comes from behind the cursor
 * (then it may be met twice) or from a place still to be visited (then it still is). So whatever is
 * there during the whole scan is met at least once, whatever comes and goes meanwhile. Rejected: an
 * iterator kept for each cursor (state that must be bounded, and is lost with a restart).
 */
export class DenseOrder {
  readonly #members: string[];
  readonly #positions: Map<string, number>;

  constructor(members: Iterable<string>) {
    this.#members = [...members];
    this.#positions = new Map();
    for (let at = 0; at < this.#members.length; at += 1) this.#positions.set(this.#members[at], at);
  }

  get size(): number {
    return this.#members.length;
  }

  at(position: number): string {
    return this.#members[position];
  }

  clear(): void {
    this.#members.length = 0;
    this.#positions.clear();
  }

  add(member: string): void {
    if (this.#positions.has(member)) return;
    this.#positions.set(member, this.#members.length);
    this.#members.push(member);
  }

  remove(member: string): void {
    const position = this.#positions.get(member);
    if (position === undefined) return;
    this.#positions.delete(member);
    const last = this.#members.pop();
    if (last === undefined || last === member) return;
    this.#members[position] = last;
    this.#positions.set(last, position);
  }

  /** Visits at most `count` members; the next cursor, 0 when the scan is done. 0 begins one. */
  scan(cursor: number, count: number, visit: (member: string) => void): number {
    const size = this.#members.length;
    let left = cursor === 0 ? size : Math.min(cursor, size);
    for (let visited = 0; left > 0 && visited < count; visited += 1) {
      left -= 1;
      visit(this.#members[left]);
    }
    return left;
  }
}
