/**
 * MEMORY MALLOC-STATS: the heap's figures; there is no separate allocator.
 */
import { VerbatimReply } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

export const memoryMallocStatsCommand: Command = {
  name: "memory|malloc-stats",
  group: "server",
  summary: "Tells the figures of the allocator.",
  since: "4.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: [],
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  run: (context) => {
    const figures = context.server.memory();
    return new VerbatimReply(
      "txt",
      `heap_used_bytes:${figures.heapBytes}\nresident_bytes:${figures.residentBytes}\n`,
    );
  },
};
