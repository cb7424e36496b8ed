/**
 * The commands of this group, in the order in which COMMAND lists them.
 */
import type { Command } from "../command.ts";
import { bzmpopCommand } from "./bzmpop.ts";
import { bzpopmaxCommand } from "./bzpopmax.ts";
import { bzpopminCommand } from "./bzpopmin.ts";
import { zaddCommand } from "./zadd.ts";
import { zcardCommand } from "./zcard.ts";
import { zcountCommand } from "./zcount.ts";
import { zdiffCommand } from "./zdiff.ts";
import { zdiffstoreCommand } from "./zdiffstore.ts";
import { zincrbyCommand } from "./zincrby.ts";
import { zinterCommand } from "./zinter.ts";
import { zintercardCommand } from "./zintercard.ts";
import { zinterstoreCommand } from "./zinterstore.ts";
import { zlexcountCommand } from "./zlexcount.ts";
import { zmpopCommand } from "./zmpop.ts";
import { zmscoreCommand } from "./zmscore.ts";
import { zpopmaxCommand } from "./zpopmax.ts";
import { zpopminCommand } from "./zpopmin.ts";
import { zrandmemberCommand } from "./zrandmember.ts";
import { zrangeCommand } from "./zrange.ts";
import { zrangebylexCommand } from "./zrangebylex.ts";
import { zrangebyscoreCommand } from "./zrangebyscore.ts";
import { zrangestoreCommand } from "./zrangestore.ts";
import { zrankCommand } from "./zrank.ts";
import { zremCommand } from "./zrem.ts";
import { zremrangebylexCommand } from "./zremrangebylex.ts";
import { zremrangebyrankCommand } from "./zremrangebyrank.ts";
import { zremrangebyscoreCommand } from "./zremrangebyscore.ts";
import { zrevrangeCommand } from "./zrevrange.ts";
import { zrevrangebylexCommand } from "./zrevrangebylex.ts";
import { zrevrangebyscoreCommand } from "./zrevrangebyscore.ts";
import { zrevrankCommand } from "./zrevrank.ts";
import { zscanCommand } from "./zscan.ts";
import { zscoreCommand } from "./zscore.ts";
import { zunionCommand } from "./zunion.ts";
import { zunionstoreCommand } from "./zunionstore.ts";

export const sortedSetCommands: readonly Command[] = [
  bzmpopCommand,
  bzpopmaxCommand,
  bzpopminCommand,
  zaddCommand,
  zcardCommand,
  zcountCommand,
  zdiffCommand,
  zdiffstoreCommand,
  zincrbyCommand,
  zinterCommand,
  zintercardCommand,
  zinterstoreCommand,
  zlexcountCommand,
  zmpopCommand,
  zmscoreCommand,
  zpopmaxCommand,
  zpopminCommand,
  zrandmemberCommand,
  zrangeCommand,
  zrangebylexCommand,
  zrangebyscoreCommand,
  zrangestoreCommand,
  zrankCommand,
  zremCommand,
  zremrangebylexCommand,
  zremrangebyrankCommand,
  zremrangebyscoreCommand,
  zrevrangeCommand,
  zrevrangebylexCommand,
  zrevrangebyscoreCommand,
  zrevrankCommand,
  zscanCommand,
  zscoreCommand,
  zunionCommand,
  zunionstoreCommand,
];
