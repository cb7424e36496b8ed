/**
 * The commands of this group, in the order in which COMMAND lists them.
 */
import type { Command } from "../command.ts";
import { copyCommand } from "./copy.ts";
import { delCommand } from "./del.ts";
import { dumpCommand } from "./dump.ts";
import { existsCommand } from "./exists.ts";
import { expireCommand } from "./expire.ts";
import { expireatCommand } from "./expireat.ts";
import { expiretimeCommand } from "./expiretime.ts";
import { keysCommand } from "./keys.ts";
import { moveCommand } from "./move.ts";
import { objectCommand } from "./object.ts";
import { persistCommand } from "./persist.ts";
import { pexpireCommand } from "./pexpire.ts";
import { pexpireatCommand } from "./pexpireat.ts";
import { pexpiretimeCommand } from "./pexpiretime.ts";
import { pttlCommand } from "./pttl.ts";
import { randomkeyCommand } from "./randomkey.ts";
import { renameCommand } from "./rename.ts";
import { renamenxCommand } from "./renamenx.ts";
import { restoreCommand } from "./restore.ts";
import { scanCommand } from "./scan.ts";
import { sortCommand } from "./sort.ts";
import { sortRoCommand } from "./sort-ro.ts";
import { touchCommand } from "./touch.ts";
import { ttlCommand } from "./ttl.ts";
import { typeCommand } from "./type.ts";
import { unlinkCommand } from "./unlink.ts";
import { waitCommand } from "./wait.ts";
import { waitaofCommand } from "./waitaof.ts";

export const genericCommands: readonly Command[] = [
  copyCommand,
  delCommand,
  dumpCommand,
  existsCommand,
  expireCommand,
  expireatCommand,
  expiretimeCommand,
  keysCommand,
  moveCommand,
  objectCommand,
  persistCommand,
  pexpireCommand,
  pexpireatCommand,
  pexpiretimeCommand,
  pttlCommand,
  randomkeyCommand,
  renameCommand,
  renamenxCommand,
  restoreCommand,
  scanCommand,
  sortCommand,
  sortRoCommand,
  touchCommand,
  ttlCommand,
  typeCommand,
  unlinkCommand,
  waitCommand,
  waitaofCommand,
];
