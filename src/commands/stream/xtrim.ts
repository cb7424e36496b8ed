/**
 * XTRIM: Deletes messages from the beginning of a stream.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseTrimOptions } from "./trim-arguments.ts";
import { trimArgument } from "./trim-declaration.ts";
import { trim } from "./trimming.ts";

export const xtrimCommand: Command = {
  name: "xtrim",
  group: "stream",
  summary: "Deletes messages from the beginning of a stream.",
  since: "5.0.0",
  complexity:
    "O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.",
  arity: -4,
  flags: ["write"],
  keys: [{ flags: ["RW", "delete"], first: 1, last: 1, step: 1 }],
  arguments: [key(), trimArgument],
  history: [["6.2.0", "Added the `MINID` trimming strategy and the `LIMIT` option."]],
  tips: ["nondeterministic_output"],
  valueType: "stream",
  run: (context, args) => {
    const options = parseTrimOptions(args, false);
    if (options instanceof ErrorReply) return options;
    const name = toBinaryString(args[1]);
    const stream = context.lookupStream(name);
    if (stream instanceof ErrorReply) return stream;
    return stream === undefined ? 0 : trim(context, name, stream, options);
  },
};
