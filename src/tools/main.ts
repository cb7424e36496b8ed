/**
 * `npm run lodestone -- TOOL ...`: what is done with a folder, or with a file of one. Results go to
 * standard output, everything else to standard error; `--help` lists the exit codes.
 */
import { exitCodeOf } from "../node/fatal.ts";
import { systemWorld, type World } from "../node/world.ts";
import { RdbFileBad } from "../rdb/file-reader.ts";
import { DiskError } from "../runtime/disk.ts";
import { createLogger } from "../runtime/logger.ts";
import { ExitCode } from "../runtime/process.ts";
import { startup } from "../runtime/startup.ts";
import { boundYoungGeneration } from "../runtime/young-generation.ts";
import { ProcessOutput } from "./output.ts";
import { Refusal } from "./refusal.ts";
import { BadCall, parseToolCall, type ToolCall } from "./tool-call.ts";
import {
  runCheck,
  runExport,
  runImport,
  runInspect,
  runRepair,
  runRestore,
  type ToolRun,
} from "./tool-runs.ts";

const BAD_USAGE = 2;
/** What says that a path was wrong, and nothing of the disk. */
const PATH_CODES: readonly string[] = ["ENOENT", "ENOTDIR", "EISDIR", "EINVAL", "EACCES", "ENXIO"];

const runs: ReadonlyMap<string, ToolRun> = new Map([
  ["import", runImport],
  ["export", runExport],
  ["inspect", runInspect],
  ["check", runCheck],
  ["repair", runRepair],
  ["restore", runRestore],
]);

async function run(call: ToolCall, output: ProcessOutput): Promise<number> {
  boundYoungGeneration();
  const world: World = systemWorld(createLogger("warning"));
  const tool = runs.get(call.tool);
  if (tool === undefined) throw new Error(`nothing runs ${call.tool}`);
  return await tool({ world, call, output });
}

function codeOf(failure: unknown): number {
  if (failure instanceof BadCall) return BAD_USAGE;
  if (failure instanceof Refusal || failure instanceof RdbFileBad) return ExitCode.refused;
  if (failure instanceof DiskError && PATH_CODES.includes(failure.code)) return BAD_USAGE;
  return exitCodeOf(failure);
}

async function main(): Promise<number> {
  const parsed = parseToolCall(startup.flags());
  if ("help" in parsed) {
    startup.print(parsed.help);
    return ExitCode.stopped;
  }
  if ("problem" in parsed) {
    startup.printError(`lodestone: ${parsed.problem}\n`);
    return BAD_USAGE;
  }
  const output = new ProcessOutput(parsed.has("--progress"));
  try {
    return await run(parsed, output);
  } catch (failure) {
    const code = codeOf(failure);
    const isOurs = code === ExitCode.fault && failure instanceof Error;
    const words = failure instanceof Error ? failure.message : String(failure);
    output.say(`lodestone: ${(isOurs ? failure.stack : undefined) ?? words}`);
    return code;
  } finally {
    await output.flush();
  }
}

startup.exitLater(await main());
