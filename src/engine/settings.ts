/**
 * The parameters that the engine looks at on its hot path, read once and again after CONFIG SET.
 */
import type { ConfigurationAccess } from "../commands/server-control.ts";
import type { EncodingLimits } from "../keyspace/encoding-limits.ts";

export class EngineSettings {
  /** 0: no limit. */
  maxmemoryBytes: number;
  slowLogThresholdMicroseconds: number;
  slowLogEntriesMax: number;
  /** 0: off. */
  latencyThresholdMs: number;
  isLatencyTracked: boolean;
  isWriteTraced: boolean;
  isDebugEnabled: boolean;
  password: string;

  constructor(configuration: ConfigurationAccess) {
    this.maxmemoryBytes = 0;
    this.slowLogThresholdMicroseconds = 0;
    this.slowLogEntriesMax = 0;
    this.latencyThresholdMs = 0;
    this.isLatencyTracked = true;
    this.isWriteTraced = false;
    this.isDebugEnabled = false;
    this.password = "";
    this.refresh(configuration);
  }

  refresh(configuration: ConfigurationAccess): void {
    this.maxmemoryBytes = configuration.number("maxmemory");
    this.slowLogThresholdMicroseconds = configuration.number("slowlog-log-slower-than");
    this.slowLogEntriesMax = configuration.number("slowlog-max-len");
    this.latencyThresholdMs = configuration.number("latency-monitor-threshold");
    this.isLatencyTracked = configuration.text("latency-tracking") === "yes";
    this.isWriteTraced = configuration.text("trace-writes") === "yes";
    this.isDebugEnabled = configuration.text("debug-commands") === "yes";
    this.password = configuration.text("requirepass");
  }
}

export function readEncodingLimits(configuration: ConfigurationAccess, into: EncodingLimits): void {
  into.hashListpackEntries = configuration.number("hash-max-listpack-entries");
  into.hashListpackValueBytes = configuration.number("hash-max-listpack-value");
  into.listListpackSize = configuration.number("list-max-listpack-size");
  into.setIntsetEntries = configuration.number("set-max-intset-entries");
  into.setListpackEntries = configuration.number("set-max-listpack-entries");
  into.setListpackValueBytes = configuration.number("set-max-listpack-value");
  into.sortedSetListpackEntries = configuration.number("zset-max-listpack-entries");
  into.sortedSetListpackValueBytes = configuration.number("zset-max-listpack-value");
  into.streamNodeEntries = configuration.number("stream-node-max-entries");
  into.streamNodeBytes = configuration.number("stream-node-max-bytes");
  into.hyperLogLogSparseBytes = configuration.number("hll-sparse-max-bytes");
}
