/**
 * The commands of this group, in the order in which COMMAND lists them.
 */
import type { Command } from "../command.ts";
import { saddCommand } from "./sadd.ts";
import { scardCommand } from "./scard.ts";
import { sdiffCommand } from "./sdiff.ts";
import { sdiffstoreCommand } from "./sdiffstore.ts";
import { sinterCommand } from "./sinter.ts";
import { sintercardCommand } from "./sintercard.ts";
import { sinterstoreCommand } from "./sinterstore.ts";
import { sismemberCommand } from "./sismember.ts";
import { smembersCommand } from "./smembers.ts";
import { smismemberCommand } from "./smismember.ts";
import { smoveCommand } from "./smove.ts";
import { spopCommand } from "./spop.ts";
import { srandmemberCommand } from "./srandmember.ts";
import { sremCommand } from "./srem.ts";
import { sscanCommand } from "./sscan.ts";
import { sunionCommand } from "./sunion.ts";
import { sunionstoreCommand } from "./sunionstore.ts";

export const setCommands: readonly Command[] = [
  saddCommand,
  scardCommand,
  sdiffCommand,
  sdiffstoreCommand,
  sinterCommand,
  sintercardCommand,
  sinterstoreCommand,
  sismemberCommand,
  smembersCommand,
  smismemberCommand,
  smoveCommand,
  spopCommand,
  srandmemberCommand,
  sremCommand,
  sscanCommand,
  sunionCommand,
  sunionstoreCommand,
];
