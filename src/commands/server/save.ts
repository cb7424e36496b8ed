/**
 * SAVE: makes a snapshot and answers once it was read back. Only this connection waits; the server
 * goes on for everybody else, which Redis does not.
 */
import { ErrorReply } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import type { Command } from "../command.ts";
import { noSnapshots, saveUnderWay } from "./bgsave.ts";

export const saveCommand: Command = {
  name: "save",
  group: "server",
  summary: "Synchronously saves the database(s) to disk.",
  since: "1.0.0",
  complexity: "O(N) where N is the total number of keys in all databases",
  arity: 1,
  flags: ["admin", "noscript", "no_async_loading", "no_multi"],
  run: (context) => {
    const { snapshots } = context.server;
    if (snapshots === undefined) return noSnapshots;
    const whenDone = snapshots.begin();
    if (whenDone === undefined) return saveUnderWay;
    return context.defer(
      whenDone,
      () => OK,
      (reason) => {
        const text = reason instanceof Error ? reason.message : String(reason);
        return new ErrorReply(`ERR no snapshot was made: ${text.replaceAll(/[\r\n]+/g, " ")}`);
      },
    );
  },
};
