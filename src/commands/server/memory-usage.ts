/**
 * MEMORY USAGE: the bytes that a key and its value are accounted with; SAMPLES is taken and not
 * needed, because the figure is kept exactly.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { errors } from "../../base/errors.ts";
import { integer, key, optional, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";
import { parseInteger } from "../integer-argument.ts";

export const memoryUsageCommand: Command = {
  name: "memory|usage",
  group: "server",
  summary: "Estimates the memory of a key.",
  since: "4.0.0",
  complexity: "O(1)",
  arity: -3,
  flags: ["readonly"],
  keys: [{ flags: ["RO"], first: 2, last: 2, step: 1 }],
  arguments: [key(), optional(withToken("SAMPLES", integer("count")))],
  run: (context, args) => {
    for (let index = 3; index < args.length; index += 2) {
      if (optionName(args[index]) !== "SAMPLES" || index + 1 >= args.length) return errors.syntax;
      const count = parseInteger(args[index + 1]);
      if (count === undefined) return errors.notAnInteger;
      if (count < 0) return errors.syntax;
    }
    return context.peek(toBinaryString(args[2]))?.sizeBytes ?? null;
  },
};
