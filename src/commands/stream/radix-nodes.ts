/**
 * How many nodes Redis's radix tree would have for the ids of a stream's blocks, for XINFO: a run
 * of bytes that several ids share is one node, so is a place where they part, so is each end.
 */
import type { StreamDirectory } from "../../data/stream-directory.ts";
import { ID_BYTES, type StreamId } from "../../data/stream-id.ts";

/** Beyond so many blocks the rest are taken to be like these. */
const COUNTED_BLOCKS_MAX = 1024;

export function radixNodeCount(blocks: StreamDirectory): number {
  const ids: StreamId[] = [];
  for (const { id } of blocks) {
    if (ids.length === COUNTED_BLOCKS_MAX) break;
    ids.push(id);
  }
  if (ids.length === 0) return 1;
  const counted = nodesUnder(ids, 0, ids.length, 0);
  return Math.round((counted * blocks.count) / ids.length);
}

/** Of the ids from `start` to `end`, which share what is before `depth`. */
function nodesUnder(ids: readonly StreamId[], start: number, end: number, depth: number): number {
  if (depth === ID_BYTES) return 1;
  const shared = sharedFrom(ids[start], ids[end - 1], depth);
  if (shared > depth) return 1 + nodesUnder(ids, start, end, shared);
  let count = 1;
  for (let at = start; at < end; ) {
    const byte = ids[at].charCodeAt(depth);
    let next = at + 1;
    while (next < end && ids[next].charCodeAt(depth) === byte) next += 1;
    count += nodesUnder(ids, at, next, depth + 1);
    at = next;
  }
  return count;
}

/** Up to where two ids are the same: so are all between them. */
function sharedFrom(left: StreamId, right: StreamId, depth: number): number {
  let at = depth;
  while (at < ID_BYTES && left.charCodeAt(at) === right.charCodeAt(at)) at += 1;
  return at;
}
