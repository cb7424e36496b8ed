/**
 * The commands of this group, in the order in which COMMAND lists them.
 */
import type { Command } from "../command.ts";
import { xackCommand } from "./xack.ts";
import { xaddCommand } from "./xadd.ts";
import { xautoclaimCommand } from "./xautoclaim.ts";
import { xclaimCommand } from "./xclaim.ts";
import { xdelCommand } from "./xdel.ts";
import { xgroupCommand } from "./xgroup.ts";
import { xinfoCommand } from "./xinfo.ts";
import { xlenCommand } from "./xlen.ts";
import { xpendingCommand } from "./xpending.ts";
import { xrangeCommand } from "./xrange.ts";
import { xreadCommand } from "./xread.ts";
import { xreadgroupCommand } from "./xreadgroup.ts";
import { xrevrangeCommand } from "./xrevrange.ts";
import { xsetidCommand } from "./xsetid.ts";
import { xtrimCommand } from "./xtrim.ts";

export const streamCommands: readonly Command[] = [
  xackCommand,
  xaddCommand,
  xautoclaimCommand,
  xclaimCommand,
  xdelCommand,
  xgroupCommand,
  xinfoCommand,
  xlenCommand,
  xpendingCommand,
  xrangeCommand,
  xreadCommand,
  xreadgroupCommand,
  xrevrangeCommand,
  xsetidCommand,
  xtrimCommand,
];
