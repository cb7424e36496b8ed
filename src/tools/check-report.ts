/**
 * What `check` found, and how it is told: as sentences, or as one JSON object.
 */
import { timeText } from "../node/restore-target.ts";
import type { Output } from "./output.ts";

export interface Damage {
  readonly file: string;
  readonly offset?: number;
  readonly what: string;
  /** What its owner can do. */
  readonly advice: string;
}

export interface CheckReport {
  readonly folder: string;
  /** Of a server that runs meanwhile: what came since is not in here. */
  readonly heldBy?: string;
  readonly log: {
    readonly segmentCount: number;
    readonly firstSequence: number;
    readonly lastSequence: number;
    readonly epoch: number;
    readonly recordCount: number;
    readonly effectCount: number;
    readonly keyCount: number;
    readonly passCount: number;
  };
  /** Those that are sound; times of their records, 0 if these do not say. */
  readonly snapshots: readonly {
    readonly sequence: number;
    readonly timeMs: number;
    readonly keyCount: number;
    readonly sizeBytes: number;
  }[];
  /** Files of indexes beside them, sound or not. */
  readonly graphCount: number;
  /** Nothing is wrong with these: what they are, by name. */
  readonly notes: readonly string[];
  readonly damages: readonly Damage[];
}

export async function printReport(
  report: CheckReport,
  isJson: boolean,
  output: Output,
): Promise<void> {
  if (isJson) {
    await output.print(JSON.stringify({ isSound: report.damages.length === 0, ...report }));
    return;
  }
  const { folder, heldBy, log, notes, damages } = report;
  if (heldBy !== undefined) {
    await output.print(`${folder} is held by ${heldBy}: checked up to what is durable there now`);
  }
  const passes = log.passCount === 1 ? "" : `, in ${log.passCount} passes`;
  await output.print(
    log.segmentCount === 0
      ? "the log is empty"
      : `the log: ${log.segmentCount} segments, records ${log.firstSequence} to ` +
          `${log.lastSequence}, epoch ${log.epoch}, ${log.effectCount} effects applied${passes}, ` +
          `${log.keyCount} keys`,
  );
  for (const { sequence, timeMs, keyCount, sizeBytes } of report.snapshots) {
    const time = timeMs > 0 ? ` (${timeText(timeMs)})` : "";
    await output.print(
      `a snapshot: up to record ${sequence}${time}, ${keyCount} keys, ${sizeBytes} bytes, digest right`,
    );
  }
  if (report.graphCount > 0) await output.print(`${report.graphCount} files of indexes`);
  for (const note of notes) await output.print(`note: ${note}`);
  for (const { file, offset, what, advice } of damages) {
    const where = offset === undefined ? file : `${file}, byte ${offset}`;
    await output.print(`DAMAGED: ${where}: ${what}\n  what to do: ${advice}`);
  }
  await output.print(
    damages.length === 0
      ? `${folder} is sound`
      : `${folder} is damaged in ${damages.length} places`,
  );
}
