/**
 * A set: members without order, each once.
 *
 * Changed only by `apply-set.ts`, which keeps `costBytes` in step; empty, it leaves.
 */
import type { EncodingLimits } from "./encoding-limits.ts";
import { OBJECT_BYTES } from "./memory.ts";

export class SetValue {
  /** What it costs, all of it (`memory.ts`). */
  costBytes: number;
  readonly members: Set<string>;

  constructor() {
    this.costBytes = OBJECT_BYTES;
    this.members = new Set();
  }

  get type(): "set" {
    return "set";
  }

  /** The encoding that Redis would report (OBJECT ENCODING). */
  encodingName(limits: EncodingLimits): string {
    return this.members.size > limits.setListpackEntries ? "hashtable" : "listpack";
  }
}
