/**
 * From a call's words to a tool and its exit code, tool by tool.
 */
import { limits } from "../base/limits.ts";
import type { FolderKeys } from "../keys/folder-keys.ts";
import { restoreFolder } from "../node/restore-folder.ts";
import { parseRestoreTarget, timeText } from "../node/restore-target.ts";
import type { World } from "../node/world.ts";
import { ExitCode } from "../runtime/process.ts";
import { BlockFileKind } from "../snapshot/block-file-format.ts";
import { checkFolder } from "./check-folder.ts";
import { printReport } from "./check-report.ts";
import { exportFile } from "./export-file.ts";
import { importFile } from "./import-file.ts";
import { inspectIndex } from "./inspect-index.ts";
import { inspectLog } from "./inspect-log.ts";
import { inspectSnapshot } from "./inspect-snapshot.ts";
import type { Output } from "./output.ts";
import { repairTail } from "./repair-tail.ts";
import { printRepair } from "./repair-words.ts";
import { BadCall, numberOf, type ToolCall } from "./tool-call.ts";
import { keysOf, masterKeyOf } from "./tool-keys.ts";

export interface ToolWork {
  readonly world: World;
  readonly call: ToolCall;
  readonly output: Output;
}

export type ToolRun = (work: ToolWork) => Promise<number>;

const DATABASES_MAX = 16_384;
const MIB = 1024 * 1024;
const MEMORY_MB = { least: 16, usual: 1024, most: 1024 * 1024 };

function folderSettings({ call, output }: ToolWork) {
  return {
    folder: call.folder,
    masterKey: masterKeyOf(call),
    databaseCount: numberOf(call, "--databases", 1, DATABASES_MAX) ?? limits.databaseCount,
    say: (line: string) => output.say(line),
    progress: (line: string) => output.progress(line),
  };
}

export const runImport: ToolRun = async (work) => {
  const { world, call, output } = work;
  const [file] = call.operands;
  const settings = { ...folderSettings(work), file, isReplacing: call.has("--replace") };
  const { importedCount, replacedCount, expiredCount } = await importFile(world, settings);
  if (expiredCount > 0) output.say(`left out: ${expiredCount} keys whose time had passed`);
  if (replacedCount > 0) output.say(`${replacedCount} keys were replaced`);
  output.say(`imported ${importedCount} keys into ${call.folder}; all of them are durable`);
  return ExitCode.stopped;
};

export const runExport: ToolRun = async (work) => {
  const { world, call, output } = work;
  const [file] = call.operands;
  const { keyCount, byteCount, version } = await exportFile(world, {
    ...folderSettings(work),
    file,
  });
  const release = version === 10 ? "7.0" : version === 11 ? "7.2" : "7.4";
  output.say(
    `exported ${keyCount} keys to ${file}: ${byteCount} bytes, version ${version}, ` +
      `for Redis ${release} and later`,
  );
  return ExitCode.stopped;
};

const inspections: ReadonlyMap<string, (work: Inspection) => Promise<boolean>> = new Map([
  ["log", inspectSegment],
  [
    "snapshot",
    ({ world, call, output, ...rest }: Inspection) =>
      inspectSnapshot(
        world.disk,
        { ...rest, kind: BlockFileKind.keyspace, showsEffects: call.has("--effects") },
        output,
      ),
  ],
  [
    "index",
    ({ world, output, ...rest }: Inspection) =>
      inspectIndex(world, { ...rest, kind: BlockFileKind.graph }, output),
  ],
]);

interface Inspection extends ToolWork {
  readonly file: string;
  readonly isJson: boolean;
  readonly key: string | undefined;
  readonly keys: FolderKeys | undefined;
}

export const runInspect: ToolRun = async (work) => {
  const { world, call } = work;
  const [kind, file] = call.operands;
  const inspect = inspections.get(kind);
  if (inspect === undefined) throw new BadCall(`inspect knows no ${kind}: log, snapshot or index`);
  const end = file.lastIndexOf("/");
  const folder = end < 0 ? "." : file.slice(0, end + 1);
  const master = masterKeyOf(call);
  const keys = master === undefined ? undefined : keysOf(world, folder, master);
  await keys?.open();
  const isJson = call.has("--json");
  const isSound = await inspect({ ...work, file, isJson, key: call.text("--key"), keys });
  return isSound ? ExitCode.stopped : ExitCode.refused;
};

async function inspectSegment(work: Inspection): Promise<boolean> {
  const { world, call, output, file } = work;
  const end = file.lastIndexOf("/");
  // A lock that cannot be read is nothing to whoever looks at one file.
  const folder = end < 0 ? "." : file.slice(0, end + 1);
  const heldBy = await world.disk.holderOf(folder).catch(() => undefined);
  if (heldBy !== undefined) {
    output.say(`the folder is held by ${heldBy}: the last record may be on its way`);
  }
  const settings = {
    ...work,
    showsEffects: call.has("--effects"),
    from: numberOf(call, "--from", 0, Number.MAX_SAFE_INTEGER) ?? 0,
    to: numberOf(call, "--to", 0, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY,
  };
  return await inspectLog(world.disk, settings, output);
}

export const runCheck: ToolRun = async (work) => {
  const { world, call, output } = work;
  const megabytes = numberOf(call, "--memory", MEMORY_MB.least, MEMORY_MB.most);
  const report = await checkFolder(world, {
    ...folderSettings(work),
    memoryBytes: (megabytes ?? MEMORY_MB.usual) * MIB,
  });
  await printReport(report, call.has("--json"), output);
  return report.damages.length === 0 ? ExitCode.stopped : ExitCode.refused;
};

export const runRestore: ToolRun = async (work) => {
  const { world, call, output } = work;
  const settings = folderSettings(work);
  const target = parseRestoreTarget(call.text("--restore-to") ?? "");
  if (typeof target === "string") throw new BadCall(`--restore-to: ${target}`);
  const into = call.text("--into") ?? "";
  const restored = await restoreFolder(world, { ...settings, from: call.folder, into, target });
  const { sequence, timeMs, snapshotSequence } = restored;
  const time = timeMs > 0 ? `, of ${timeText(timeMs)}` : "";
  const snapshot = snapshotSequence > 0 ? `, from the snapshot of ${snapshotSequence} on` : "";
  output.say(`${into}: everything up to record ${sequence}${time}${snapshot}; checking it`);
  const memoryBytes = MEMORY_MB.usual * MIB;
  const report = await checkFolder(world, { ...settings, folder: into, memoryBytes });
  await printReport(report, false, output);
  return report.damages.length === 0 ? ExitCode.stopped : ExitCode.damaged;
};

export const runRepair: ToolRun = async (work) => {
  const { world, call, output } = work;
  const isAgreed = call.has("--yes");
  const repaired = await repairTail(world, { ...folderSettings(work), isAgreed });
  await printRepair(repaired, call.folder, isAgreed, call.has("--json"), output);
  return repaired.plan === undefined || isAgreed ? ExitCode.stopped : ExitCode.refused;
};
