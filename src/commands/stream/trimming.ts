/**
 * What XADD and XTRIM take away from the left of a stream: whole blocks as Redis takes its nodes,
 * then, unless the trim is approximate, entries of the next block.
 */
import type { StreamBlock } from "../../data/stream-block.ts";
import type { StreamId } from "../../data/stream-id.ts";
import { StreamReader } from "../../data/stream-reader.ts";
import { EffectId } from "../../keyspace/effect.ts";
import type { StreamValue } from "../../keyspace/stream-value.ts";
import type { CommandContext } from "../context.ts";
import type { TrimOptions } from "./trim-arguments.ts";

/** Blocks that an approximate trim looks at if nobody says LIMIT; and the bounds of that. */
const LIMIT_BLOCKS = 100;
const LIMIT_MAX = 1_000_000;
const LIMIT_OF_UNBOUNDED_BLOCKS = 10_000;

/** How many entries went. */
export function trim(
  context: CommandContext,
  key: string,
  stream: StreamValue,
  options: TrimOptions,
): number {
  const { target } = options;
  if (target === undefined) return 0;
  const { maxLength, minId, isApproximate } = target;
  const limit = limitOf(context, options);
  let { length } = stream.entries;
  let blockCount = 0;
  let entryCount = 0;
  for (const block of stream.entries.blocks) {
    if (maxLength !== undefined && length <= maxLength) break;
    const { liveCount } = block;
    if (limit > 0 && stream.entries.length - length + liveCount > limit) break;
    const isWhole =
      maxLength === undefined ? isAllBefore(block, minId) : length - liveCount >= maxLength;
    if (!isWhole) {
      if (isApproximate) break;
      entryCount = maxLength === undefined ? countBefore(block, minId) : length - maxLength;
      break;
    }
    blockCount += 1;
    length -= liveCount;
  }
  if (blockCount === 0 && entryCount === 0) return 0;
  const removed = stream.entries.length - length + entryCount;
  const { database } = context;
  context.apply({ id: EffectId.streamTrim, database, key, blockCount, entryCount });
  return removed;
}

/** 0 for none. */
function limitOf(context: CommandContext, { target, limit }: TrimOptions): number {
  if (limit !== undefined) return limit;
  if (target?.isApproximate !== true) return 0;
  const blockLimit = LIMIT_BLOCKS * context.keyspace.encodingLimits.streamNodeEntries;
  return blockLimit <= 0 ? LIMIT_OF_UNBOUNDED_BLOCKS : Math.min(blockLimit, LIMIT_MAX);
}

/** Deleted entries count: they keep a block, as in Redis. */
function isAllBefore(block: StreamBlock, id: StreamId): boolean {
  const reader = new StreamReader(block);
  reader.toLast();
  return reader.compare(id) < 0;
}

function countBefore(block: StreamBlock, id: StreamId): number {
  const reader = new StreamReader(block);
  let count = 0;
  reader.toFirst();
  do {
    if (reader.compare(id) >= 0) break;
    if (!reader.isDeleted) count += 1;
  } while (reader.toNext());
  return count;
}
