/**
 * The commands of this group, in the order in which COMMAND lists them.
 */
import type { Command } from "../command.ts";
import { hdelCommand } from "./hdel.ts";
import { hexistsCommand } from "./hexists.ts";
import { hgetCommand } from "./hget.ts";
import { hgetallCommand } from "./hgetall.ts";
import { hincrbyCommand } from "./hincrby.ts";
import { hincrbyfloatCommand } from "./hincrbyfloat.ts";
import { hkeysCommand } from "./hkeys.ts";
import { hlenCommand } from "./hlen.ts";
import { hmgetCommand } from "./hmget.ts";
import { hmsetCommand } from "./hmset.ts";
import { hrandfieldCommand } from "./hrandfield.ts";
import { hscanCommand } from "./hscan.ts";
import { hsetCommand } from "./hset.ts";
import { hsetnxCommand } from "./hsetnx.ts";
import { hstrlenCommand } from "./hstrlen.ts";
import { hvalsCommand } from "./hvals.ts";

export const hashCommands: readonly Command[] = [
  hdelCommand,
  hexistsCommand,
  hgetCommand,
  hgetallCommand,
  hincrbyCommand,
  hincrbyfloatCommand,
  hkeysCommand,
  hlenCommand,
  hmgetCommand,
  hmsetCommand,
  hrandfieldCommand,
  hscanCommand,
  hsetCommand,
  hsetnxCommand,
  hstrlenCommand,
  hvalsCommand,
];
