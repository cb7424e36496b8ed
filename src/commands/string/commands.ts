/**
 * The commands of this group, in the order in which COMMAND lists them.
 */
import type { Command } from "../command.ts";
import { appendCommand } from "./append.ts";
import { decrCommand } from "./decr.ts";
import { decrbyCommand } from "./decrby.ts";
import { getCommand } from "./get.ts";
import { getdelCommand } from "./getdel.ts";
import { getexCommand } from "./getex.ts";
import { getsetCommand } from "./getset.ts";
import { incrCommand } from "./incr.ts";
import { incrbyCommand } from "./incrby.ts";
import { incrbyfloatCommand } from "./incrbyfloat.ts";
import { lcsCommand } from "./lcs.ts";
import { mgetCommand } from "./mget.ts";
import { msetCommand, msetnxCommand } from "./mset.ts";
import { getrangeCommand, substrCommand } from "./range.ts";
import { setCommand } from "./set.ts";
import { psetexCommand, setexCommand, setnxCommand } from "./setex.ts";
import { setrangeCommand } from "./setrange.ts";
import { strlenCommand } from "./strlen.ts";

export const stringCommands: readonly Command[] = [
  appendCommand,
  decrCommand,
  decrbyCommand,
  getCommand,
  getdelCommand,
  getexCommand,
  getrangeCommand,
  getsetCommand,
  incrCommand,
  incrbyCommand,
  incrbyfloatCommand,
  lcsCommand,
  mgetCommand,
  msetCommand,
  msetnxCommand,
  psetexCommand,
  setCommand,
  setexCommand,
  setnxCommand,
  setrangeCommand,
  strlenCommand,
  substrCommand,
];
