/**
 * Every command of the server, in one table. A group's list is in `<group>/commands.ts`; a new
 * command is one file there and one line in that list.
 */

import { bitmapCommands } from "./bitmap/commands.ts";
import { CommandTable } from "./command-table.ts";
import { connectionCommands } from "./connection/commands.ts";
import { genericCommands } from "./generic/commands.ts";
import { geoCommands } from "./geo/commands.ts";
import { hashCommands } from "./hash/commands.ts";
import { hyperloglogCommands } from "./hyperloglog/commands.ts";
import { listCommands } from "./list/commands.ts";
import { scriptingCommands } from "./scripting/commands.ts";
import { searchCommands } from "./search/commands.ts";
import { serverCommands } from "./server/commands.ts";
import { setCommands } from "./set/commands.ts";
import { sortedSetCommands } from "./sorted-set/commands.ts";
import { streamCommands } from "./stream/commands.ts";
import { stringCommands } from "./string/commands.ts";
import { transactionCommands } from "./transactions/commands.ts";

export const commandTable = new CommandTable([
  ...connectionCommands,
  ...genericCommands,
  ...stringCommands,
  ...hashCommands,
  ...listCommands,
  ...setCommands,
  ...sortedSetCommands,
  ...streamCommands,
  ...bitmapCommands,
  ...hyperloglogCommands,
  ...geoCommands,
  ...transactionCommands,
  ...scriptingCommands,
  ...serverCommands,
  ...searchCommands,
]);
