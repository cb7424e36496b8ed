/**
 * A sorted set: members, each with a score, in order of score, then of bytes.
 *
 * Changed only by `apply-sorted-set.ts`, which keeps `costBytes` in step; an empty one leaves.
 */
import type { EncodingLimits } from "./encoding-limits.ts";
import { OBJECT_BYTES } from "./memory.ts";

export class SortedSetValue {
  /** What it costs, all of it (`memory.ts`). */
  costBytes: number;
  readonly scores: Map<string, number>;

  constructor() {
    this.costBytes = OBJECT_BYTES;
    this.scores = new Map();
  }

  get type(): "zset" {
    return "zset";
  }

  /** The encoding that Redis would report (OBJECT ENCODING). */
  encodingName(limits: EncodingLimits): string {
    return this.scores.size > limits.sortedSetListpackEntries ? "skiplist" : "listpack";
  }
}
