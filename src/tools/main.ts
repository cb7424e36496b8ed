/**
 * `npm run lodestone -- import FILE --dir DIR`, and `export`: what is done with a folder that no
 * server holds. What it does goes to standard error, line by line; exit codes are the server's.
 */
import { limits } from "../base/limits.ts";
import { exitCodeOf } from "../node/fatal.ts";
import { systemWorld } from "../node/world.ts";
import { RdbFileBad } from "../rdb/file-reader.ts";
import { createLogger } from "../runtime/logger.ts";
import { ExitCode } from "../runtime/process.ts";
import { startup } from "../runtime/startup.ts";
import { boundYoungGeneration } from "../runtime/young-generation.ts";
import { exportFile } from "./export-file.ts";
import { importFile } from "./import-file.ts";
import { Refusal } from "./refusal.ts";
import { parseToolCall, type ToolCall, toolUsage } from "./tool-call.ts";

const BAD_USAGE = 2;

function say(line: string): void {
  startup.printError(`${line}\n`);
}

async function run(call: ToolCall): Promise<void> {
  boundYoungGeneration();
  const world = systemWorld(createLogger("warning"));
  const settings = { ...call, databaseCount: call.databaseCount ?? limits.databaseCount, say };
  if (call.tool === "import") {
    const { importedCount, replacedCount, expiredCount } = await importFile(world, settings);
    if (expiredCount > 0) say(`left out: ${expiredCount} keys whose time had passed`);
    if (replacedCount > 0) say(`${replacedCount} keys were replaced`);
    say(`imported ${importedCount} keys into ${call.folder}; all of them are durable`);
    return;
  }
  const { keyCount, byteCount, version } = await exportFile(world, settings);
  const release = version === 10 ? "7.0" : version === 11 ? "7.2" : "7.4";
  say(
    `exported ${keyCount} keys to ${call.file}: ${byteCount} bytes, version ${version}, ` +
      `for Redis ${release} and later`,
  );
}

async function main(): Promise<number> {
  const call = parseToolCall(startup.flags());
  if (call === "help") {
    startup.print(toolUsage);
    return ExitCode.stopped;
  }
  if (typeof call === "string") {
    say(`lodestone: ${call}`);
    return BAD_USAGE;
  }
  try {
    await run(call);
    return ExitCode.stopped;
  } catch (failure) {
    say(`lodestone: ${failure instanceof Error ? failure.message : String(failure)}`);
    if (failure instanceof Refusal || failure instanceof RdbFileBad) return ExitCode.refused;
    return exitCodeOf(failure);
  }
}

startup.exitLater(await main());
