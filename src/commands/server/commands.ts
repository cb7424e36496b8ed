/**
 * The commands about the server, in the order in which COMMAND lists them.
 */
import type { Command } from "../command.ts";
import { bgsaveCommand } from "./bgsave.ts";
import { commandCommand } from "./command.ts";
import { configCommand } from "./config.ts";
import { dbsizeCommand } from "./dbsize.ts";
import { debugCommand } from "./debug.ts";
import { flushallCommand } from "./flushall.ts";
import { flushdbCommand } from "./flushdb.ts";
import { infoCommand } from "./info.ts";
import { lastsaveCommand } from "./lastsave.ts";
import { latencyCommand } from "./latency.ts";
import { lolwutCommand } from "./lolwut.ts";
import { memoryCommand } from "./memory.ts";
import { moduleCommand } from "./module.ts";
import { roleCommand } from "./role.ts";
import { saveCommand } from "./save.ts";
import { shutdownCommand } from "./shutdown.ts";
import { slowlogCommand } from "./slowlog.ts";
import { swapdbCommand } from "./swapdb.ts";
import { timeCommand } from "./time.ts";

export const serverCommands: readonly Command[] = [
  bgsaveCommand,
  commandCommand,
  configCommand,
  dbsizeCommand,
  debugCommand,
  flushallCommand,
  flushdbCommand,
  infoCommand,
  lastsaveCommand,
  latencyCommand,
  lolwutCommand,
  memoryCommand,
  moduleCommand,
  roleCommand,
  saveCommand,
  shutdownCommand,
  slowlogCommand,
  swapdbCommand,
  timeCommand,
];
