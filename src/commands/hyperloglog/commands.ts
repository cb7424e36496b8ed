/**
 * The commands of this group, in the order in which COMMAND lists them.
 */
import type { Command } from "../command.ts";
import { pfaddCommand } from "./pfadd.ts";
import { pfcountCommand } from "./pfcount.ts";
import { pfdebugCommand } from "./pfdebug.ts";
import { pfmergeCommand } from "./pfmerge.ts";
import { pfselftestCommand } from "./pfselftest.ts";

export const hyperloglogCommands: readonly Command[] = [
  pfaddCommand,
  pfcountCommand,
  pfdebugCommand,
  pfmergeCommand,
  pfselftestCommand,
];
