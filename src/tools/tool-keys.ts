/**
 * The keys of a folder that a tool works on: where the master key is stands in its call, as in a
 * server's flags.
 */
import { FolderKeys } from "../keys/folder-keys.ts";
import type { MasterKeySetting } from "../keys/master-key.ts";
import type { World } from "../node/world.ts";
import type { ToolCall } from "./tool-call.ts";

/** Undefined where none is named; then only what is plain can be read. */
export function masterKeyOf(call: ToolCall): MasterKeySetting | undefined {
  const file = call.text("--master-key-file") ?? "";
  const command = call.text("--master-key-command") ?? "";
  return file === "" && command === "" ? undefined : { file, command };
}

/** Not opened yet. */
export function keysOf(
  { disk, secrets, clock, logger }: World,
  folder: string,
  master: MasterKeySetting = { file: "", command: "" },
): FolderKeys {
  const nowMs = () => clock.nowMs();
  return new FolderKeys({ disk, folder, secrets, nowMs, logger, master });
}
