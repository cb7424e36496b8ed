/**
 * A stream: entries by ascending id, and the groups that read them.
 *
 * Changed only by `apply-stream.ts`, which keeps `costBytes` in step; it stays when it is empty.
 */
import type { Bytes } from "../base/bytes.ts";
import type { EncodingLimits } from "./encoding-limits.ts";
import { OBJECT_BYTES } from "./memory.ts";

export class StreamValue {
  /** What it costs, all of it (`memory.ts`). */
  costBytes: number;
  readonly entries: Map<string, readonly Bytes[]>;

  constructor() {
    this.costBytes = OBJECT_BYTES;
    this.entries = new Map();
  }

  get type(): "stream" {
    return "stream";
  }

  /** The encoding that Redis would report (OBJECT ENCODING). */
  encodingName(_limits: EncodingLimits): string {
    return "stream";
  }
}
