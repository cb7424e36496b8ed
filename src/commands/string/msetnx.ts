/**
 * MSETNX: several values in one unit, only where none of the keys exists.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { wrongArgumentCount } from "../../base/errors.ts";
import type { Command } from "../command.ts";
import { msetCommand } from "./mset.ts";
import { setAll } from "./setting.ts";

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
      if (context.has(toBinaryString(args[index]))) return 0;
    }
    setAll(context, args);
    return 1;
  },
};
