/**
 * The parameters that the engine looks at on its hot path, read once and again after CONFIG SET.
 */
import type { ConfigurationAccess } from "../commands/server-control.ts";

export class EngineSettings {
  /** 0: no limit. */
  maxmemoryBytes: number;
  slowLogThresholdMicroseconds: number;
  slowLogEntriesMax: number;
  isLatencyTracked: boolean;
  isWriteTraced: boolean;
  isDebugEnabled: boolean;
  password: string;

  constructor(configuration: ConfigurationAccess) {
    this.maxmemoryBytes = 0;
    this.slowLogThresholdMicroseconds = 0;
    this.slowLogEntriesMax = 0;
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
    this.isLatencyTracked = configuration.text("latency-tracking") === "yes";
    this.isWriteTraced = configuration.text("trace-writes") === "yes";
    this.isDebugEnabled = configuration.text("debug-commands") === "yes";
    this.password = configuration.text("requirepass");
  }
}
