/**
 * Whether a name came twice. One of V8's sets ends at 2^24 members, so there may be several.
 */

const SET_SIZE_MAX = 2 ** 23;

export class DistinctCheck {
  readonly #sets: Set<string>[] = [new Set()];

  /** False if it was there. */
  add(name: string): boolean {
    const sets = this.#sets;
    let last = sets[sets.length - 1];
    for (let index = 0; index < sets.length; index += 1) if (sets[index].has(name)) return false;
    if (last.size >= SET_SIZE_MAX) {
      last = new Set();
      sets.push(last);
    }
    last.add(name);
    return true;
  }
}
