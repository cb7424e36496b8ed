/**
 * A long list as a sequence of nodes: listpacks of some kilobytes, and long values by themselves.
 *
 * - Nodes stand in groups that know their sums, so that an index is found in steps of thousands and
 *   a node comes or goes by moving a few hundred references. No node and no group is empty.
 * - The nodes at the ends have room, where values are put and taken in place. A node that is no
 *   longer at an end rests without any.
 * Rejected: linked nodes (no way to an index but one by one), a tree (slower at the ends, which is
 * where lists are used).
 */
import { assert } from "../base/assert.ts";
import { type Bytes, bytesEqual, canonicalBytes, toBuffer } from "../base/bytes.ts";
import {
  byteCountOf,
  bytesOf,
  countOf,
  endAt,
  entryBytes,
  FIRST_AT,
  type Listpack,
  packed,
  previousAt,
  seek,
  splice,
  valueAt,
} from "./listpack.ts";
import { addValues, endOfRun, indexesOf, without } from "./listpack-entries.ts";
import {
  emptyWithRoom,
  inserted,
  insertIn,
  removeIn,
  settled,
  withRoom,
} from "./listpack-in-place.ts";

export const NODE_BYTES_MAX = 8 * 1024;
export const NODE_ENTRIES_MAX = 512;
/** A longer value is a node by itself, as it came. */
export const PACKED_VALUE_BYTES_MAX = 2048;
const GROUP_NODES_MAX = 256;
/** Of a new node at an end; it doubles. In a list of many nodes it has all at once. */
const FIRST_ROOM_BYTES = 4096;
const MANY_NODES_BYTES = 8 * NODE_BYTES_MAX;
/** What an entry takes at most besides a value that is packed. */
const AROUND_BYTES_MAX = 10;
const FRAME_BYTES = 7;
/** Stands for the count of a node that is a long value. */
const LONG = 0;
const STRING_BYTES = 16;
const BUFFER_BYTES = 136;
/** A node's places in its group. */
const PLACE_BYTES = 16;

class Group {
  readonly nodes: Listpack[] = [];
  /** Values in each node, `LONG` for one that is a value itself. */
  readonly counts: number[] = [];
  length = 0;
  heldBytes = 0;
  packedBytes = 0;
}

export class NodeSequence {
  length: number;
  /** What it takes in memory, an estimate. */
  heldBytes: number;
  /** What the entries of a single listpack of all values would take. */
  packedBytes: number;
  #groups: Group[];
  /** What `#locate` found: a group, a node in it, an index in that. */
  #groupAt: number;
  #nodeAt: number;
  #offset: number;

  constructor() {
    this.length = 0;
    this.heldBytes = 0;
    this.packedBytes = 0;
    this.#groups = [];
    this.#groupAt = 0;
    this.#nodeAt = 0;
    this.#offset = 0;
  }

  static of(pack: Listpack): NodeSequence {
    const sequence = new NodeSequence();
    const count = countOf(pack);
    if (count > 0) sequence.#addNode(pack, count, false);
    return sequence;
  }

  /** The one listpack that it has become; undefined if it is more, or a long value. */
  get onlyListpack(): Listpack | undefined {
    if (this.#groups.length !== 1) return undefined;
    const { nodes, counts } = this.#groups[0];
    return nodes.length === 1 && counts[0] !== LONG ? nodes[0] : undefined;
  }

  push(value: Bytes, isLeft: boolean): void {
    if (isLong(value)) {
      this.#addNode(toBuffer(value), LONG, isLeft);
      return;
    }
    if (this.#insertAtEnd(value, isLeft)) return;
    const node = emptyWithRoom(this.#isVeryLong() ? NODE_BYTES_MAX : FIRST_ROOM_BYTES);
    insertIn(node, FIRST_AT, value);
    this.#addNode(node, 1, isLeft);
  }

  /** Removes `count` values from one end. */
  drop(count: number, isLeft: boolean): void {
    assert(count <= this.length, "what is dropped is there");
    let left = count;
    while (left > 0) {
      const at = isLeft ? 0 : this.#groups.length - 1;
      const group = this.#groups[at];
      if (group.length <= left) {
        left -= group.length;
        this.#removeGroup(at);
      } else {
        this.#dropFrom(group, left, isLeft);
        left = 0;
      }
    }
  }

  get(index: number): Bytes {
    this.#locate(index);
    const group = this.#groups[this.#groupAt];
    const node = group.nodes[this.#nodeAt];
    if (group.counts[this.#nodeAt] === LONG) return node;
    const at = seek(node, this.#offset);
    return canonicalBytes(valueAt(bytesOf(node), at));
  }

  set(index: number, value: Bytes): void {
    this.#locate(index);
    const group = this.#groups[this.#groupAt];
    const nodeAt = this.#nodeAt;
    const isLongNode = group.counts[nodeAt] === LONG;
    if (isLong(value) !== isLongNode) {
      this.removeAll([index]);
      this.insert(index, value);
    } else if (isLongNode) {
      this.#replace(group, nodeAt, toBuffer(value), LONG);
    } else {
      const node = group.nodes[nodeAt];
      const before = byteCountOf(node);
      const pack = splice(this.#detached(group, nodeAt), seek(node, this.#offset), 1, [value]);
      this.#attach(group, nodeAt, pack, group.counts[nodeAt], before);
      this.#splitIfFull();
    }
  }

  /** The value stands at `index` afterwards. */
  insert(index: number, value: Bytes): void {
    if (index === 0 || index === this.length) {
      this.push(value, index === 0);
      return;
    }
    this.#locate(index);
    if (isLong(value)) {
      if (this.#offset > 0) this.#split(this.#offset);
      this.#insertNode(toBuffer(value), LONG);
    } else if (this.#groups[this.#groupAt].counts[this.#nodeAt] === LONG) {
      this.#insertNode(packed([value]), 1);
    } else {
      const group = this.#groups[this.#groupAt];
      const node = group.nodes[this.#nodeAt];
      const before = byteCountOf(node);
      const count = group.counts[this.#nodeAt];
      const at = seek(node, this.#offset);
      const pack = inserted(this.#detached(group, this.#nodeAt), at, value);
      this.#attach(group, this.#nodeAt, pack, count + 1, before);
    }
    this.#splitIfFull();
  }

  /** Removes the values at these indexes, which ascend. */
  removeAll(indexes: readonly number[]): void {
    let last = indexes.length - 1;
    let end = this.length;
    for (let groupAt = this.#groups.length - 1; groupAt >= 0 && last >= 0; groupAt -= 1) {
      const group = this.#groups[groupAt];
      if (indexes[last] < end - group.length) {
        end -= group.length;
        continue;
      }
      let nodeAt = group.nodes.length - 1;
      for (; nodeAt >= 0 && last >= 0; nodeAt -= 1) {
        const start = end - weightOf(group.counts[nodeAt]);
        let first = last;
        while (first >= 0 && indexes[first] >= start) first -= 1;
        if (first < last) {
          const inside = indexes.slice(first + 1, last + 1).map((index) => index - start);
          this.#removeFrom(group, nodeAt, inside);
        }
        last = first;
        end = start;
      }
      // Only now: a node that is joined before it was looked at has other indexes.
      this.#joinFrom(group, nodeAt);
      if (group.nodes.length === 0) this.#removeGroup(groupAt);
    }
    assert(last < 0, "what is removed is there");
  }

  /** Adds `count` values from index `start` on to `into`. */
  addTo(into: Bytes[], start: number, count: number): void {
    if (count === 0) return;
    this.#locate(start);
    let left = count;
    let offset = this.#offset;
    let nodeAt = this.#nodeAt;
    for (let groupAt = this.#groupAt; left > 0; groupAt += 1) {
      const { nodes, counts } = this.#groups[groupAt];
      for (; nodeAt < nodes.length && left > 0; nodeAt += 1) {
        if (counts[nodeAt] === LONG) {
          into.push(nodes[nodeAt]);
          left -= 1;
        } else {
          const taken = Math.min(left, counts[nodeAt] - offset);
          addValues(nodes[nodeAt], offset, taken, into);
          left -= taken;
        }
        offset = 0;
      }
      nodeAt = 0;
    }
  }

  /** The indexes of equal values, ascending, for each node that reaches into `first` to `end`. */
  *matches(
    value: Bytes,
    isFromRight: boolean,
    first: number,
    end: number,
  ): IterableIterator<readonly number[]> {
    const groups = this.#groups;
    let start = isFromRight ? this.length : 0;
    for (let group = 0; group < groups.length; group += 1) {
      const { nodes, counts } = groups[isFromRight ? groups.length - 1 - group : group];
      for (let node = 0; node < nodes.length; node += 1) {
        if (isFromRight ? start <= first : start >= end) return;
        const at = isFromRight ? nodes.length - 1 - node : node;
        const weight = weightOf(counts[at]);
        if (isFromRight) start -= weight;
        const found = matchesIn(nodes[at], counts[at], value);
        const base = start;
        if (!isFromRight) start += weight;
        if (found.length > 0) yield found.map((index) => index + base);
      }
    }
  }

  #isVeryLong(): boolean {
    return this.packedBytes > MANY_NODES_BYTES;
  }

  #insertAtEnd(value: Bytes, isLeft: boolean): boolean {
    const group = this.#groups[isLeft ? 0 : this.#groups.length - 1];
    if (group === undefined) return false;
    const nodeAt = isLeft ? 0 : group.nodes.length - 1;
    const count = group.counts[nodeAt];
    if (count === LONG || count >= NODE_ENTRIES_MAX) return false;
    let node = group.nodes[nodeAt];
    const byteCount = byteCountOf(node);
    const needed = byteCount + value.length + AROUND_BYTES_MAX;
    if (needed > NODE_BYTES_MAX) return false;
    const at = isLeft ? FIRST_AT : byteCount - 1;
    let size = typeof node === "string" ? 0 : insertIn(node, at, value);
    if (size === 0) {
      const before = heldOf(node);
      node = withRoom(node, Math.min(NODE_BYTES_MAX, Math.max(FIRST_ROOM_BYTES, needed * 2)));
      size = insertIn(node, at, value);
      assert(size > 0, "there is room for a value where room was made");
      group.nodes[nodeAt] = node;
      this.#count(group, 0, heldOf(node) - before, 0);
    }
    group.counts[nodeAt] = count + 1;
    this.#count(group, 1, 0, size);
    return true;
  }

  #addNode(node: Listpack, count: number, isLeft: boolean): void {
    const groups = this.#groups;
    let group = isLeft ? groups[0] : groups[groups.length - 1];
    if (group !== undefined) this.#settle(group, isLeft ? 0 : group.nodes.length - 1);
    if (group === undefined || group.nodes.length >= GROUP_NODES_MAX) {
      group = new Group();
      if (isLeft) groups.unshift(group);
      else groups.push(group);
    }
    if (isLeft) {
      group.nodes.unshift(node);
      group.counts.unshift(count);
    } else {
      group.nodes.push(node);
      group.counts.push(count);
    }
    this.#count(group, weightOf(count), heldOf(node), packedOf(node, count));
  }

  /** Values from an end of a group that holds more. */
  #dropFrom(group: Group, count: number, isLeft: boolean): void {
    let left = count;
    for (;;) {
      const nodeAt = isLeft ? 0 : group.nodes.length - 1;
      const weight = weightOf(group.counts[nodeAt]);
      if (left < weight) {
        if (left > 0) this.#dropIn(group, nodeAt, left, isLeft);
        return;
      }
      this.#removeNode(group, nodeAt);
      left -= weight;
    }
  }

  #dropIn(group: Group, nodeAt: number, count: number, isLeft: boolean): void {
    const node = group.nodes[nodeAt];
    const byteCount = byteCountOf(node);
    const kept = group.counts[nodeAt] - count;
    if (typeof node === "string" || byteCount * 4 < node.length) {
      const at = isLeft ? FIRST_AT : seek(node, kept);
      const pack = splice(this.#detached(group, nodeAt), at, count, []);
      this.#attach(group, nodeAt, pack, kept, byteCount);
      return;
    }
    let at = FIRST_AT;
    let end = endAt(node);
    if (isLeft) end = endOfRun(node, at, count);
    else {
      at = end;
      for (let left = count; left > 0; left -= 1) at = previousAt(node, at);
    }
    removeIn(node, at, end, count);
    group.counts[nodeAt] = kept;
    this.#count(group, -count, 0, at - end);
  }

  #removeFrom(group: Group, nodeAt: number, indexes: readonly number[]): void {
    const count = group.counts[nodeAt];
    if (weightOf(count) === indexes.length) {
      this.#removeNode(group, nodeAt);
      return;
    }
    const before = byteCountOf(group.nodes[nodeAt]);
    const pack = without(this.#detached(group, nodeAt), indexes);
    this.#attach(group, nodeAt, pack, count - indexes.length, before);
  }

  /** Small neighbors among the nodes from this one on become one. */
  #joinFrom(group: Group, first: number): void {
    for (let nodeAt = group.nodes.length - 2; nodeAt >= Math.max(first, 0); nodeAt -= 1) {
      this.#joinNext(group, nodeAt);
    }
  }

  /** Two small neighbors become one node. */
  #joinNext(group: Group, nodeAt: number): boolean {
    if (nodeAt + 1 >= group.nodes.length) return false;
    const count = group.counts[nodeAt];
    const nextCount = group.counts[nodeAt + 1];
    if (count === LONG || nextCount === LONG || count + nextCount > NODE_ENTRIES_MAX / 2) {
      return false;
    }
    const next = group.nodes[nodeAt + 1];
    const before = byteCountOf(group.nodes[nodeAt]);
    if (before + byteCountOf(next) > NODE_BYTES_MAX / 2) return false;
    const values: Bytes[] = [];
    addValues(next, 0, nextCount, values);
    this.#removeNode(group, nodeAt + 1);
    const pack = splice(this.#detached(group, nodeAt), before - 1, 0, values);
    this.#attach(group, nodeAt, pack, count + nextCount, before);
    return true;
  }

  /** The located node in two, the second beginning at the index `at`; that is located then. */
  #split(at: number): void {
    const group = this.#groups[this.#groupAt];
    const nodeAt = this.#nodeAt;
    const node = group.nodes[nodeAt];
    const count = group.counts[nodeAt];
    const values: Bytes[] = [];
    addValues(node, at, count - at, values);
    const before = byteCountOf(node);
    const pack = splice(this.#detached(group, nodeAt), seek(node, at), count - at, []);
    this.#attach(group, nodeAt, settled(pack), at, before);
    this.#nodeAt += 1;
    this.#insertNode(packed(values), values.length);
  }

  /** In front of the located node. */
  #insertNode(node: Listpack, count: number): void {
    const group = this.#groups[this.#groupAt];
    group.nodes.splice(this.#nodeAt, 0, node);
    group.counts.splice(this.#nodeAt, 0, count);
    this.#count(group, weightOf(count), heldOf(node), packedOf(node, count));
  }

  /** After an insertion into the located node or group. */
  #splitIfFull(): void {
    const group = this.#groups[this.#groupAt];
    const count = group.counts[this.#nodeAt];
    const node = group.nodes[this.#nodeAt];
    if (count > 1 && (count > NODE_ENTRIES_MAX || byteCountOf(node) > NODE_BYTES_MAX)) {
      this.#split(count >>> 1);
    }
    if (group.nodes.length <= GROUP_NODES_MAX) return;
    const other = new Group();
    const half = group.nodes.length >>> 1;
    other.nodes.push(...group.nodes.splice(half));
    other.counts.push(...group.counts.splice(half));
    for (let at = 0; at < other.nodes.length; at += 1) {
      const node = other.nodes[at];
      other.length += weightOf(other.counts[at]);
      other.heldBytes += heldOf(node);
      other.packedBytes += packedOf(node, other.counts[at]);
    }
    group.length -= other.length;
    group.heldBytes -= other.heldBytes;
    group.packedBytes -= other.packedBytes;
    this.#groups.splice(this.#groupAt + 1, 0, other);
  }

  #locate(index: number): void {
    assert(index >= 0 && index < this.length, "the index is inside the list");
    const groups = this.#groups;
    let groupAt = 0;
    let offset = index;
    if (index * 2 < this.length) {
      while (offset >= groups[groupAt].length) {
        offset -= groups[groupAt].length;
        groupAt += 1;
      }
    } else {
      groupAt = groups.length - 1;
      let start = this.length - groups[groupAt].length;
      while (start > index) {
        groupAt -= 1;
        start -= groups[groupAt].length;
      }
      offset = index - start;
    }
    const { counts, length } = groups[groupAt];
    let nodeAt = 0;
    if (offset * 2 < length) {
      while (offset >= weightOf(counts[nodeAt])) {
        offset -= weightOf(counts[nodeAt]);
        nodeAt += 1;
      }
    } else {
      nodeAt = counts.length - 1;
      let start = length - weightOf(counts[nodeAt]);
      while (start > offset) {
        nodeAt -= 1;
        start -= weightOf(counts[nodeAt]);
      }
      offset -= start;
    }
    this.#groupAt = groupAt;
    this.#nodeAt = nodeAt;
    this.#offset = offset;
  }

  #removeNode(group: Group, nodeAt: number): void {
    const node = group.nodes[nodeAt];
    const count = group.counts[nodeAt];
    this.#count(group, -weightOf(count), -heldOf(node), -packedOf(node, count));
    if (nodeAt === 0) {
      group.nodes.shift();
      group.counts.shift();
    } else {
      group.nodes.splice(nodeAt, 1);
      group.counts.splice(nodeAt, 1);
    }
  }

  #removeGroup(groupAt: number): void {
    const { length, heldBytes, packedBytes } = this.#groups[groupAt];
    this.length -= length;
    this.heldBytes -= heldBytes;
    this.packedBytes -= packedBytes;
    this.#groups.splice(groupAt, 1);
  }

  #replace(group: Group, nodeAt: number, node: Listpack, count: number): void {
    const before = group.nodes[nodeAt];
    const beforeCount = group.counts[nodeAt];
    group.nodes[nodeAt] = node;
    group.counts[nodeAt] = count;
    this.#count(
      group,
      weightOf(count) - weightOf(beforeCount),
      heldOf(node) - heldOf(before),
      packedOf(node, count) - packedOf(before, beforeCount),
    );
  }

  /** A listpack that is about to change, perhaps in place; `#attach` follows. */
  #detached(group: Group, nodeAt: number): Listpack {
    const node = group.nodes[nodeAt];
    this.#count(group, 0, -heldOf(node), 0);
    return node;
  }

  #attach(group: Group, nodeAt: number, pack: Listpack, count: number, bytesBefore: number): void {
    const countBefore = group.counts[nodeAt];
    group.nodes[nodeAt] = pack;
    group.counts[nodeAt] = count;
    this.#count(group, count - countBefore, heldOf(pack), byteCountOf(pack) - bytesBefore);
  }

  #settle(group: Group, nodeAt: number): void {
    const node = group.nodes[nodeAt];
    if (group.counts[nodeAt] === LONG) return;
    const resting = settled(node);
    group.nodes[nodeAt] = resting;
    this.#count(group, 0, heldOf(resting) - heldOf(node), 0);
  }

  #count(group: Group, count: number, heldBytes: number, packedBytes: number): void {
    group.length += count;
    group.heldBytes += heldBytes;
    group.packedBytes += packedBytes;
    this.length += count;
    this.heldBytes += heldBytes;
    this.packedBytes += packedBytes;
  }
}

/** Whether a value is a node by itself. */
export function isLong(value: Bytes): boolean {
  return value.length > PACKED_VALUE_BYTES_MAX;
}

function weightOf(count: number): number {
  return count === LONG ? 1 : count;
}

function heldOf(node: Listpack): number {
  return PLACE_BYTES + (typeof node === "string" ? STRING_BYTES : BUFFER_BYTES) + node.length;
}

function packedOf(node: Listpack, count: number): number {
  return count === LONG ? entryBytes(node) : byteCountOf(node) - FRAME_BYTES;
}

const FIRST: readonly number[] = [0];
const NONE: readonly number[] = [];

function matchesIn(node: Listpack, count: number, value: Bytes): readonly number[] {
  if (count !== LONG) return isLong(value) ? NONE : indexesOf(node, value);
  return bytesEqual(node, value) ? FIRST : NONE;
}
