/**
 * `--restore-to` of a server: the folder that it will serve is made of another one first.
 */
import type { MasterKeySetting } from "../keys/master-key.ts";
import { restoreFolder } from "./restore-folder.ts";
import { parseRestoreTarget, timeText } from "./restore-target.ts";
import type { World } from "./world.ts";

export interface RestoreAtStart {
  /** `restore-to` and `restore-from`, as they were given; both empty for no restore. */
  readonly to: string;
  readonly from: string;
  /** `dir`. */
  readonly into: string;
  readonly log: string;
  readonly databaseCount: number;
  readonly masterKey: MasterKeySetting;
}

/** What is wrong with these parameters, in one sentence. */
export function restoreProblem({ to, from, log }: RestoreAtStart): string | undefined {
  if (to === "" && from === "") return undefined;
  if (to === "") return "restore-from needs restore-to: the moment to go back to";
  if (from === "") return "restore-to needs restore-from: the folder to restore from";
  if (log !== "file") return "restore-to needs --log file";
  const target = parseRestoreTarget(to);
  return typeof target === "string" ? `restore-to: ${target}` : undefined;
}

/** Before the node starts on the folder; nothing where no restore was asked for. */
export async function restoreAtStart(world: World, parameters: RestoreAtStart): Promise<void> {
  const { to, from, into, databaseCount, masterKey } = parameters;
  const target = parseRestoreTarget(to);
  if (to === "" || typeof target === "string") return;
  const { logger } = world;
  logger.info({ from, into, to }, "restoring");
  const tell = (line: string) => logger.info({}, line);
  const settings = { from, into, target, databaseCount, masterKey, say: tell, progress: tell };
  const { sequence, timeMs, snapshotSequence, byteCount } = await restoreFolder(world, settings);
  const fields = { sequence, time: timeText(timeMs), snapshotSequence, bytes: byteCount };
  logger.warn(fields, "restored; leave restore-to and restore-from out from the next start on");
}
