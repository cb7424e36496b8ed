/**
 * The commands about transactions, in the order in which COMMAND lists them.
 */
import type { Command } from "../command.ts";
import { discardCommand } from "./discard.ts";
import { execCommand } from "./exec.ts";
import { multiCommand } from "./multi.ts";
import { unwatchCommand } from "./unwatch.ts";
import { watchCommand } from "./watch.ts";

export const transactionCommands: readonly Command[] = [
  discardCommand,
  execCommand,
  multiCommand,
  unwatchCommand,
  watchCommand,
];
