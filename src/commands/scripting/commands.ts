/**
 * The commands of this group, in the order in which COMMAND lists them.
 */
import type { Command } from "../command.ts";
import { functionCommand } from "./function.ts";

export const scriptingCommands: readonly Command[] = [functionCommand];
