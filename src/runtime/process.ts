/**
 * The door to our own process: signals, faults, exit codes, and what the system knows of us.
 */
import { availableParallelism, platform, release } from "node:os";
import { loadRuntimeAddon } from "./native-addon.ts";

/** What an exit code tells a supervisor; documented in the README. */
export const ExitCode = {
  stopped: 0,
  /** Bad flags, address in use, folder held: nothing was touched. */
  refused: 1,
  /** An assertion, or an error that nobody handled: our own mistake. */
  fault: 70,
  /** A write or fsync of the log failed. */
  disk: 71,
  /** The log is damaged: gap, checksum, chain or epoch. */
  damaged: 72,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export interface ProcessDoor {
  readonly id: number;
  readonly startedAtMs: number;
  /** SIGTERM and SIGINT; called for each. */
  onTermination(handler: (signal: string) => void): void;
  /** Exceptions and rejections that nobody handled. */
  onFault(handler: (failure: unknown) => void): void;
  exit(code: ExitCode): never;
  readonly nodeVersion: string;
  readonly operatingSystem: string;
  readonly executable: string;
  /** Threads that can run at the same time. */
  readonly coreCount: number;
  residentBytes(): number;
  heapBytes(): number;
  processorSeconds(): { readonly system: number; readonly user: number };
}

/** Loaded before it is needed: what fails then is the disk. */
const addon = loadRuntimeAddon();

export const systemProcess: ProcessDoor = {
  id: process.pid,
  startedAtMs: Math.floor(performance.timeOrigin),
  onTermination(handler) {
    process.on("SIGTERM", handler);
    process.on("SIGINT", handler);
  },
  onFault(handler) {
    process.on("uncaughtException", handler);
    process.on("unhandledRejection", handler);
  },
  exit(code) {
    // A disk that fails may hang as well, and node waits for what its threads have under way.
    if (code === ExitCode.disk) addon?.exitAtOnce(code);
    process.exit(code);
  },
  nodeVersion: process.version,
  operatingSystem: `${platform()} ${release()} ${process.arch}`,
  executable: process.execPath,
  coreCount: availableParallelism(),
  residentBytes: () => process.memoryUsage.rss(),
  heapBytes: () => process.memoryUsage().heapUsed,
  processorSeconds() {
    const { user, system } = process.cpuUsage();
    return { system: system / 1e6, user: user / 1e6 };
  },
};
