/**
 * INFO's lines about the log, which clients and people watch: how far it is, and where it lives.
 */
import type { Appender } from "../log/appender.ts";
import { FileDriver } from "../log/driver-file.ts";
import type { MemoryDriver } from "../log/driver-memory.ts";

export function logLines(driver: FileDriver | MemoryDriver, appender: Appender): string[] {
  const lines = [
    `log_driver:${driver.name}`,
    `log_epoch:${appender.epoch}`,
    `log_applied_sequence:${appender.appliedSequence}`,
    `log_durable_sequence:${appender.durableSequence}`,
    `log_pending_bytes:${appender.pendingBytes}`,
    `log_records_appended:${appender.recordCount}`,
    `log_records_appended_on_loop:${appender.recordsOnLoop}`,
    `log_bytes_appended:${appender.appendedBytes}`,
  ];
  if (!(driver instanceof FileDriver)) return lines;
  const { segmentCount, segmentName, sizeBytes } = driver.describe();
  return [
    ...lines,
    `log_segments:${segmentCount}`,
    `log_segment:${segmentName}`,
    `log_size_bytes:${sizeBytes}`,
    `log_shortage:${driver.shortage ?? ""}`,
  ];
}
