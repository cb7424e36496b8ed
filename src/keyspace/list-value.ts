/**
 * A list: values in order, the first at index 0.
 *
 * Changed only by `apply-list.ts`, which keeps `costBytes` in step; empty, it leaves.
 */
import type { Bytes } from "../base/bytes.ts";
import { ChunkedList } from "../data/chunked-list.ts";
import { isLargeList } from "./encoding-bounds.ts";
import type { EncodingLimits } from "./encoding-limits.ts";
import { elementCost, OBJECT_BYTES } from "./memory.ts";

export class ListValue {
  /** What it costs, all of it (`memory.ts`). */
  costBytes: number;
  readonly values: ChunkedList<Bytes>;

  constructor(values: Iterable<Bytes> = []) {
    this.values = ChunkedList.from(values);
    this.costBytes = OBJECT_BYTES;
    for (const value of this.values) this.costBytes += elementCost(value);
  }

  get type(): "list" {
    return "list";
  }

  /** The encoding that Redis would report (OBJECT ENCODING). */
  encodingName(_limits: EncodingLimits): string {
    return isLargeList(this) ? "quicklist" : "listpack";
  }
}
