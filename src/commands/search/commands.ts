/**
 * The commands of this group, in the order in which COMMAND lists them.
 */
import type { Command } from "../command.ts";
import { ftConfigCommand } from "./ft-config.ts";
import { ftCreateCommand } from "./ft-create.ts";
import { ftDebugCommand } from "./ft-debug.ts";
import { ftDropIndexCommand } from "./ft-dropindex.ts";
import { ftInfoCommand } from "./ft-info.ts";
import { ftListCommand } from "./ft-list.ts";
import { ftProfileCommand } from "./ft-profile.ts";
import { ftSearchCommand } from "./ft-search.ts";

export const searchCommands: readonly Command[] = [
  ftCreateCommand,
  ftConfigCommand,
  ftDebugCommand,
  ftDropIndexCommand,
  ftInfoCommand,
  ftListCommand,
  ftProfileCommand,
  ftSearchCommand,
];
