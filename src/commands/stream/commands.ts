/**
 * The commands of this group, in the order in which COMMAND lists them.
 */
import type { Command } from "../command.ts";
import { xaddCommand } from "./xadd.ts";
import { xdelCommand } from "./xdel.ts";
import { xlenCommand } from "./xlen.ts";
import { xrangeCommand } from "./xrange.ts";
import { xrevrangeCommand } from "./xrevrange.ts";
import { xtrimCommand } from "./xtrim.ts";

export const streamCommands: readonly Command[] = [
  xaddCommand,
  xdelCommand,
  xlenCommand,
  xrangeCommand,
  xrevrangeCommand,
  xtrimCommand,
];
