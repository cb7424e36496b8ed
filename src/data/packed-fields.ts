/**
 * Names and short values in one string, for the many small maps that there are: a Map of one entry
 * takes 184 bytes before its strings, and each string 16 and more (Redis's listpack is the model).
 *
 * Entries in order, each a byte with the name's length, the name, and the same for the value. A
 * value that is long, or no string, is elsewhere: then its length says so and nothing follows.
 * Whoever keeps the string keeps what is elsewhere too, in the order of its entries.
 */

/** Beyond it looking through costs more than it saves. */
export const PACKED_BYTES_MAX = 1024;
/** Of a name or a value. */
export const PACKED_PART_BYTES_MAX = 254;
const ELSEWHERE = 255;
/** Below it V8 copies. */
const SLICE_CHARACTERS_MIN = 13;

const scratch = Buffer.allocUnsafeSlow(PACKED_BYTES_MAX);

/** Where the entry's value begins, with its length; -1 if there is none of that name. */
export function findPacked(packed: string, name: string): number {
  const nameBytes = name.length;
  for (let at = 0; at < packed.length; ) {
    const byteCount = packed.charCodeAt(at);
    const valueAt = at + 1 + byteCount;
    if (byteCount === nameBytes && isAt(packed, at + 1, name)) return valueAt;
    at = endOf(packed, valueAt);
  }
  return -1;
}

export function packedCount(packed: string): number {
  let count = 0;
  for (let at = 0; at < packed.length; count += 1) at = nextEntry(packed, at);
  return count;
}

export function isElsewhere(packed: string, valueAt: number): boolean {
  return packed.charCodeAt(valueAt) === ELSEWHERE;
}

/** How many values of entries before this one are elsewhere. */
export function elsewhereBefore(packed: string, valueAt: number): number {
  let count = 0;
  for (let at = 0; at < valueAt; ) {
    const value = at + 1 + packed.charCodeAt(at);
    if (value < valueAt && isElsewhere(packed, value)) count += 1;
    at = endOf(packed, value);
  }
  return count;
}

export function valueFrom(packed: string, valueAt: number): string {
  return packed.slice(valueAt + 1, endOf(packed, valueAt));
}

/** Every entry in order; undefined stands for a value that is elsewhere. */
export function visitPacked(
  packed: string,
  visit: (name: string, value: string | undefined) => void,
): void {
  for (let at = 0; at < packed.length; ) {
    const valueAt = at + 1 + packed.charCodeAt(at);
    const value = isElsewhere(packed, valueAt) ? undefined : valueFrom(packed, valueAt);
    visit(packed.slice(at + 1, valueAt), value);
    at = endOf(packed, valueAt);
  }
}

/** One entry; undefined puts the value elsewhere. It is no string to keep: `flattened` is. */
export function packedEntry(name: string, value: string | undefined): string {
  return String.fromCharCode(name.length) + name + packedPart(value);
}

export function withValue(packed: string, valueAt: number, value: string | undefined): string {
  const after = packed.slice(endOf(packed, valueAt));
  return packed.slice(0, valueAt) + packedPart(value) + after;
}

export function withoutEntry(packed: string, name: string, valueAt: number): string {
  return packed.slice(0, valueAt - name.length - 1) + packed.slice(endOf(packed, valueAt));
}

/** The same in one piece: V8 joins strings by reference and keeps the parts. */
export function flattened(packed: string): string {
  scratch.latin1Write(packed, 0, packed.length);
  return scratch.latin1Slice(0, packed.length);
}

/** A name or a value that keeps nothing else alive: V8 cuts longer ones out by reference. */
export function unsliced(part: string): string {
  return part.length < SLICE_CHARACTERS_MIN ? part : flattened(part);
}

function packedPart(value: string | undefined): string {
  if (value === undefined) return String.fromCharCode(ELSEWHERE);
  return String.fromCharCode(value.length) + value;
}

function nextEntry(packed: string, at: number): number {
  return endOf(packed, at + 1 + packed.charCodeAt(at));
}

function endOf(packed: string, valueAt: number): number {
  const byteCount = packed.charCodeAt(valueAt);
  return valueAt + 1 + (byteCount === ELSEWHERE ? 0 : byteCount);
}

function isAt(packed: string, start: number, name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    if (packed.charCodeAt(start + index) !== name.charCodeAt(index)) return false;
  }
  return true;
}
