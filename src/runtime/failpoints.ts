/**
 * Failpoints: named places where a test makes the world fail. A no-op unless a table is installed
 * at start (`LODESTONE_FAILPOINTS`, refused unless `--debug-commands yes`). `test/tidy` checks that
 * each name is used by a test. Actions: `exit` (SIGKILL to itself), `error` (throws EIO),
 * `delay:MS`, and where the code can wait for it `hold` (until the process gets SIGUSR2).
 */

export const failpointNames = [
  "executor.executed",
  "backfill.slice",
  "appender.sent",
  "appender.durable",
  "gate.before-reply",
  "segment.created",
  "segment.directory-synced",
  "snapshot.block",
  "snapshot.written",
  "snapshot.renamed",
  "snapshot.directory-synced",
  "trim.begun",
  "trim.between",
  "recover.applied",
  "recover.held",
  "keys.durable",
  "keys.used",
  "graph-file.block",
  "graph-file.restored",
  "planted.reply-before-durable",
  "planted.skip-folder-sync",
  "planted.ignore-failed-write",
  "planted.skip-chain-check",
  "planted.accept-torn-tail",
  "planted.split-unit",
  "planted.lose-effect",
  "planted.expire-without-effect",
  "planted.read-without-hazard",
  "planted.lose-search-change",
  "planted.trim-before-verify",
  "planted.snapshot-misses-record",
  "planted.key-before-ring",
] as const;

export type FailpointName = (typeof failpointNames)[number];

export interface FailpointRule {
  readonly name: FailpointName;
  readonly action: "exit" | "error" | "delay" | "hold" | "on";
  /** Milliseconds of a delay. */
  readonly delayMs: number;
  /** Fires at the n-th passage, from 1. */
  readonly atPassage: number;
}
