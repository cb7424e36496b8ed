/**
 * FUNCTION LIST: the libraries that were loaded, of which there are none.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { optional, string, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";

export const functionListCommand: Command = {
  name: "function|list",
  group: "scripting",
  summary: "Returns information about all libraries.",
  since: "7.0.0",
  complexity: "O(N) where N is the number of functions",
  arity: -2,
  flags: ["noscript"],
  categories: ["scripting"],
  arguments: [
    optional(withToken("LIBRARYNAME", string("library-name-pattern"))),
    optional(token("WITHCODE")),
  ],
  tips: ["nondeterministic_output_order"],
  run: (_, args) => {
    for (let index = 2; index < args.length; index += 1) {
      const option = optionName(args[index]);
      if (option === "WITHCODE") continue;
      if (option !== "LIBRARYNAME") {
        return new ErrorReply(`ERR Unknown argument ${toBinaryString(args[index])}`);
      }
      index += 1;
      if (index === args.length) return new ErrorReply("ERR library name argument was not given");
    }
    return [];
  },
};
