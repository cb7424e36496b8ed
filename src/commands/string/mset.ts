/**
 * MSET and MSETNX: several values in one unit.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { wrongArgumentCount } from "../../base/errors.ts";
import { OK } from "../../resp/frame.ts";
import { block, key, multiple, string } from "../argument.ts";
import type { Command } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { setString } from "./setting.ts";

export const msetCommand: Command = {
  name: "mset",
  group: "string",
  summary: "Atomically creates or modifies the string values of one or more keys.",
  since: "1.0.1",
  complexity: "O(N) where N is the number of keys to set",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [{ flags: ["OW", "update"], first: 1, last: -1, step: 2 }],
  arguments: [multiple(block("data", key(), string("value")))],
  tips: ["request_policy:multi_shard", "response_policy:all_succeeded"],
  run: (context, args) => {
    if (args.length % 2 === 0) return wrongArgumentCount("mset");
    setAll(context, args);
    return OK;
  },
};

export const msetnxCommand: Command = {
  ...msetCommand,
  name: "msetnx",
  summary:
    "Atomically modifies the string values of one or more keys only when none of them exists.",
  tips: [],
  keys: [{ flags: ["OW", "insert"], first: 1, last: -1, step: 2 }],
  run: (context, args) => {
    if (args.length % 2 === 0) return wrongArgumentCount("msetnx");
    for (let index = 1; index < args.length; index += 2) {
      if (context.lookup(toBinaryString(args[index])) !== undefined) return 0;
    }
    setAll(context, args);
    return 1;
  },
};

function setAll(context: CommandContext, args: readonly Bytes[]): void {
  for (let index = 1; index < args.length; index += 2) {
    const name = toBinaryString(args[index]);
    context.lookup(name);
    setString(context, name, args[index + 1], 0);
  }
}
