/**
 * What ends the process, and with which exit code. A crash is better than corrupt data: nothing
 * here retries, skips or serves on.
 */
import { KeyRingDamaged } from "../keys/key-ring.ts";
import { KeyRefused } from "../keys/master-key.ts";
import { LogDamaged, LogHeld, LogUnfit } from "../log/log-driver.ts";
import { DiskError } from "../runtime/disk.ts";
import type { Logger } from "../runtime/logger.ts";
import { ExitCode, type ProcessDoor } from "../runtime/process.ts";

const brokenDisk =
  "Nothing was acknowledged after this, and everything acknowledged before it is in the log. Look " +
  "at the disk (the kernel's log says more), mend or replace it, and start again: the start " +
  "verifies the whole log";
const noRoom =
  "The disk has no room, or a quota is used up: free some and start again. Nothing that was " +
  "acknowledged is lost";
const noRight = "Let the user that runs this process read and write the folder, and start again";
const noDescriptors = "Allow more open files (ulimit -n), and start again";
const adviceByCode: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", noRoom],
  ["EDQUOT", noRoom],
  ["EACCES", noRight],
  ["EPERM", noRight],
  ["EROFS", `The disk is mounted read-only, as after a failure. ${brokenDisk}`],
  ["EMFILE", noDescriptors],
  ["ENFILE", noDescriptors],
]);

/** What listening can meet: nothing was touched, and another address may do. */
const ADDRESS_CODES: readonly unknown[] = ["EADDRINUSE", "EADDRNOTAVAIL", "EACCES", "ENOTFOUND"];

export function exitCodeOf(failure: unknown): ExitCode {
  if (failure instanceof LogHeld || failure instanceof LogUnfit) return ExitCode.refused;
  if (failure instanceof KeyRefused) return ExitCode.refused;
  if (failure instanceof LogDamaged || failure instanceof KeyRingDamaged) return ExitCode.damaged;
  if (failure instanceof DiskError) return ExitCode.disk;
  if (failure instanceof Error && "code" in failure && ADDRESS_CODES.includes(failure.code)) {
    return ExitCode.refused;
  }
  return ExitCode.fault;
}

/** What to do about a failure of the disk; nothing for any other. */
export function adviceFor(failure: unknown): string {
  if (!(failure instanceof DiskError)) return "";
  return `. ${adviceByCode.get(failure.code) ?? brokenDisk}`;
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
  logger.fatal({ code, lastSequence, trace }, reason + adviceFor(failure));
  return door.exit(code);
}
