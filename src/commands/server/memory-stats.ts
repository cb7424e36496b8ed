/**
 * MEMORY STATS: where the bytes are, as Redis names them as far as they exist here.
 */
import { DoubleReply, MapReply } from "../../resp/frame.ts";
import type { Command } from "../command.ts";

export const memoryStatsCommand: Command = {
  name: "memory|stats",
  group: "server",
  summary: "Describes the use of memory.",
  since: "4.0.0",
  complexity: "O(1)",
  arity: 2,
  flags: [],
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  run: (context) => {
    const figures = context.server.memory();
    const overheadBytes = 0;
    const perKey = figures.keyCount === 0 ? 0 : figures.datasetBytes / figures.keyCount;
    const peakShare = figures.peakBytes === 0 ? 100 : (figures.usedBytes * 100) / figures.peakBytes;
    const fragmentation = figures.usedBytes === 0 ? 1 : figures.residentBytes / figures.usedBytes;
    return new MapReply([
      "peak.allocated",
      figures.peakBytes,
      "total.allocated",
      figures.usedBytes,
      "startup.allocated",
      0,
      "overhead.total",
      overheadBytes,
      "keys.count",
      figures.keyCount,
      "keys.bytes-per-key",
      Math.round(perKey),
      "dataset.bytes",
      figures.datasetBytes,
      "dataset.percentage",
      new DoubleReply(100),
      "peak.percentage",
      new DoubleReply(peakShare),
      "search.bytes",
      figures.searchBytes,
      "allocator.allocated",
      figures.heapBytes,
      "allocator.resident",
      figures.residentBytes,
      "fragmentation",
      new DoubleReply(fragmentation),
      "fragmentation.bytes",
      figures.residentBytes - figures.usedBytes,
    ]);
  },
};
