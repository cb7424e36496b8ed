/**
 * The commands of this group, in the order in which COMMAND lists them.
 */
import type { Command } from "../command.ts";
import { bitcountCommand } from "./bitcount.ts";
import { bitfieldCommand } from "./bitfield.ts";
import { bitfieldRoCommand } from "./bitfield-ro.ts";
import { bitopCommand } from "./bitop.ts";
import { bitposCommand } from "./bitpos.ts";
import { getbitCommand } from "./getbit.ts";
import { setbitCommand } from "./setbit.ts";

export const bitmapCommands: readonly Command[] = [
  bitcountCommand,
  bitfieldCommand,
  bitfieldRoCommand,
  bitopCommand,
  bitposCommand,
  getbitCommand,
  setbitCommand,
];
