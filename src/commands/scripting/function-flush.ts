/**
 * FUNCTION FLUSH: removes all functions, of which there are none.
 */
import { ErrorReply } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import { oneOf, optional, token } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";

const unknownMode = new ErrorReply("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");

export const functionFlushCommand: Command = {
  name: "function|flush",
  group: "scripting",
  summary: "Deletes all libraries and functions.",
  since: "7.0.0",
  complexity: "O(N) where N is the number of functions deleted",
  arity: -2,
  flags: ["noscript", "write"],
  categories: ["scripting"],
  arguments: [optional(oneOf("flush-type", token("ASYNC"), token("SYNC")))],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  run: (_, args) => {
    const mode = args.length > 2 ? optionName(args[2]) : "SYNC";
    const isMode = args.length <= 3 && (mode === "ASYNC" || mode === "SYNC");
    return isMode ? OK : unknownMode;
  },
};
