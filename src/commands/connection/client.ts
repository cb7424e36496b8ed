/**
 * CLIENT: the container of what a client may ask about connections.
 */
import type { Command } from "../command.ts";
import { helpCommand, runContainer } from "../container.ts";
import { clientCachingCommand } from "./client-caching.ts";
import { clientGetnameCommand } from "./client-getname.ts";
import { clientGetredirCommand } from "./client-getredir.ts";
import { clientIdCommand } from "./client-id.ts";
import { clientInfoCommand } from "./client-info.ts";
import { clientKillCommand } from "./client-kill.ts";
import { clientListCommand } from "./client-list.ts";
import { clientNoEvictCommand } from "./client-no-evict.ts";
import { clientNoTouchCommand } from "./client-no-touch.ts";
import { clientPauseCommand } from "./client-pause.ts";
import { clientReplyCommand } from "./client-reply.ts";
import { clientSetinfoCommand } from "./client-setinfo.ts";
import { clientSetnameCommand } from "./client-setname.ts";
import { clientTrackingCommand } from "./client-tracking.ts";
import { clientTrackinginfoCommand } from "./client-trackinginfo.ts";
import { clientUnblockCommand } from "./client-unblock.ts";
import { clientUnpauseCommand } from "./client-unpause.ts";

export const clientCommand: Command = {
  name: "client",
  group: "connection",
  summary: "A container for commands about client connections.",
  since: "2.4.0",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  subcommands: [
    clientCachingCommand,
    clientGetnameCommand,
    clientGetredirCommand,
    helpCommand("client", "connection", "5.0.0"),
    clientIdCommand,
    clientInfoCommand,
    clientKillCommand,
    clientListCommand,
    clientNoEvictCommand,
    clientNoTouchCommand,
    clientPauseCommand,
    clientReplyCommand,
    clientSetinfoCommand,
    clientSetnameCommand,
    clientTrackingCommand,
    clientTrackinginfoCommand,
    clientUnblockCommand,
    clientUnpauseCommand,
  ],
  run: runContainer,
};
