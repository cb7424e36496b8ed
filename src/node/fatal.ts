/**
 * What ends the process, and with which exit code. A crash is better than corrupt data: nothing
 * here retries, skips or serves on.
 */
import { LogDamaged, LogHeld, LogUnfit } from "../log/log-driver.ts";
import { DiskError } from "../runtime/disk.ts";
import type { Logger } from "../runtime/logger.ts";
import { ExitCode, type ProcessDoor } from "../runtime/process.ts";

/** What listening can meet: nothing was touched, and another address may do. */
const ADDRESS_CODES: readonly unknown[] = ["EADDRINUSE", "EADDRNOTAVAIL", "EACCES", "ENOTFOUND"];

export function exitCodeOf(failure: unknown): ExitCode {
  if (failure instanceof LogHeld || failure instanceof LogUnfit) return ExitCode.refused;
  if (failure instanceof LogDamaged) return ExitCode.damaged;
  if (failure instanceof DiskError) return ExitCode.disk;
  if (failure instanceof Error && "code" in failure && ADDRESS_CODES.includes(failure.code)) {
    return ExitCode.refused;
  }
  return ExitCode.fault;
}

/** One line in the log, with the trace only where the mistake is ours; then the end. */
export function endProcess(
  failure: unknown,
  door: Pick<ProcessDoor, "exit">,
  logger: Logger,
  lastSequence: number,
): never {
  const code = exitCodeOf(failure);
  const reason = failure instanceof Error ? failure.message : String(failure);
  const trace = code === ExitCode.fault && failure instanceof Error ? failure.stack : undefined;
  logger.fatal({ code, lastSequence, trace }, reason);
  return door.exit(code);
}
