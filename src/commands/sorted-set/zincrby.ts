/**
 * ZINCRBY: Increments the score of a member in a sorted set.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { errors } from "../../base/errors.ts";
import { integer, key, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseDouble } from "../double-argument.ts";
import { NO_OPTIONS, setScores } from "./setting.ts";

const OPTIONS = { ...NO_OPTIONS, isIncrement: true };

export const zincrbyCommand: Command = {
  name: "zincrby",
  group: "sorted_set",
  summary: "Increments the score of a member in a sorted set.",
  since: "1.2.0",
  complexity: "O(log(N)) where N is the number of elements in the sorted set.",
  arity: 4,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "access", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), integer("increment"), string("member")],
  valueType: "zset",
  run: (context, args) => {
    const increment = parseDouble(args[2]);
    if (increment === undefined) return errors.notAFloat;
    const key = toBinaryString(args[1]);
    return setScores(context, key, [toBinaryString(args[3])], [increment], OPTIONS);
  },
};
