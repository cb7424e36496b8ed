/**
 * The commands of this group, in the order in which COMMAND lists them.
 */
import type { Command } from "../command.ts";
import { blmoveCommand } from "./blmove.ts";
import { blmpopCommand } from "./blmpop.ts";
import { blpopCommand } from "./blpop.ts";
import { brpopCommand } from "./brpop.ts";
import { brpoplpushCommand } from "./brpoplpush.ts";
import { lindexCommand } from "./lindex.ts";
import { linsertCommand } from "./linsert.ts";
import { llenCommand } from "./llen.ts";
import { lmoveCommand } from "./lmove.ts";
import { lmpopCommand } from "./lmpop.ts";
import { lpopCommand } from "./lpop.ts";
import { lposCommand } from "./lpos.ts";
import { lpushCommand } from "./lpush.ts";
import { lpushxCommand } from "./lpushx.ts";
import { lrangeCommand } from "./lrange.ts";
import { lremCommand } from "./lrem.ts";
import { lsetCommand } from "./lset.ts";
import { ltrimCommand } from "./ltrim.ts";
import { rpopCommand } from "./rpop.ts";
import { rpoplpushCommand } from "./rpoplpush.ts";
import { rpushCommand } from "./rpush.ts";
import { rpushxCommand } from "./rpushx.ts";

export const listCommands: readonly Command[] = [
  blmoveCommand,
  blmpopCommand,
  blpopCommand,
  brpopCommand,
  brpoplpushCommand,
  lindexCommand,
  linsertCommand,
  llenCommand,
  lmoveCommand,
  lmpopCommand,
  lpopCommand,
  lposCommand,
  lpushCommand,
  lpushxCommand,
  lrangeCommand,
  lremCommand,
  lsetCommand,
  ltrimCommand,
  rpopCommand,
  rpoplpushCommand,
  rpushCommand,
  rpushxCommand,
];
