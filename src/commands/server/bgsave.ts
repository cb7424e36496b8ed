/**
 * BGSAVE: makes a snapshot beside the server. It answers at once; INFO says how it went. Writes are
 * durable without it: it shortens recovery and lets the log be trimmed.
 */
import { ErrorReply, errors } from "../../base/errors.ts";
import { SimpleString } from "../../resp/frame.ts";
import { optional, since, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";

export const noSnapshots = new ErrorReply(
  "ERR the log is in memory: there is nothing to make a snapshot of",
);
export const saveUnderWay = new ErrorReply("ERR Background save already in progress");

const started = new SimpleString("Background saving started");
const scheduled = new SimpleString("Background saving scheduled");

export const bgsaveCommand: Command = {
  name: "bgsave",
  group: "server",
  summary: "Asynchronously saves the database(s) to disk.",
  since: "1.0.0",
  complexity: "O(1)",
  arity: -1,
  flags: ["admin", "noscript", "no_async_loading"],
  arguments: [since("3.2.2", optional(token("SCHEDULE")))],
  history: [["3.2.2", "Added the `SCHEDULE` option."]],
  run: (context, args) => {
    if (args.length > 2 || (args.length === 2 && optionName(args[1]) !== "SCHEDULE")) {
      return errors.syntax;
    }
    const { snapshots } = context.server;
    if (snapshots === undefined) return noSnapshots;
    // As in Redis: what a MULTI asks for is made when the MULTI is done.
    if (context.isInTransaction && snapshots.figures().startedAtMs === undefined) {
      snapshots.schedule();
      return scheduled;
    }
    const whenDone = snapshots.begin();
    if (whenDone === undefined) return saveUnderWay;
    // INFO and the log tell of a failure; nobody waits for this one.
    whenDone.catch(() => undefined);
    return started;
  },
};
