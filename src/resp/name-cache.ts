/**
 * Command names as strings without making a string each time: a small direct-mapped cache.
 *
 * A client repeats few names; what collides replaces what was there, so the cache stays as small as
 * it is whatever is sent. A cached string also keeps its hash, which the command table asks for.
 */

/** Longer first arguments are not looked for. */
export const COMMAND_NAME_BYTES_MAX = 16;
const SLOT_COUNT = 256;

export class NameCache {
  readonly #slots: string[];

  constructor() {
    this.#slots = new Array<string>(SLOT_COUNT).fill("");
  }

  /** The bytes from `start` to `end` as a binary string. */
  textOf(chunk: Buffer, start: number, end: number): string {
    let hash = end - start;
    for (let at = start; at < end; at += 1) hash = (Math.imul(hash, 31) + chunk[at]) | 0;
    const slot = hash & (SLOT_COUNT - 1);
    const known = this.#slots[slot];
    if (isSame(known, chunk, start, end)) return known;
    const text = chunk.latin1Slice(start, end);
    this.#slots[slot] = text;
    return text;
  }
}

function isSame(text: string, chunk: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) !== chunk[start + index]) return false;
  }
  return true;
}
