/**
 * ZADD: Adds one or more members to a sorted set, or updates their scores. Creates the key if it
 * doesn't exist.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import {
  block,
  double,
  key,
  multiple,
  oneOf,
  optional,
  since,
  string,
  token,
} from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";
import { parseDouble } from "../double-argument.ts";
import { NO_OPTIONS, type SettingOptions, setScores } from "./setting.ts";

const bothConditions = new ErrorReply("ERR XX and NX options at the same time are not compatible");
const badComparison = new ErrorReply(
  "ERR GT, LT, and/or NX options at the same time are not compatible",
);
const severalIncrements = new ErrorReply(
  "ERR INCR option supports a single increment-element pair",
);

export const zaddCommand: Command = {
  name: "zadd",
  group: "sorted_set",
  summary:
    "Adds one or more members to a sorted set, or updates their scores. Creates the key if it doesn't exist.",
  since: "1.2.0",
  complexity: "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
  arity: -4,
  flags: ["write", "denyoom", "fast"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    since("3.0.2", optional(oneOf("condition", token("NX"), token("XX")))),
    since("6.2.0", optional(oneOf("comparison", token("GT"), token("LT")))),
    since("3.0.2", optional({ ...token("CH"), name: "change" })),
    since("3.0.2", optional({ ...token("INCR"), name: "increment" })),
    multiple(block("data", double("score"), string("member"))),
  ],
  history: [
    ["2.4.0", "Accepts multiple elements."],
    ["3.0.2", "Added the `XX`, `NX`, `CH` and `INCR` options."],
    ["6.2.0", "Added the `GT` and `LT` options."],
  ],
  valueType: "zset",
  run: (context, args) => {
    const { options, count } = parseOptions(args);
    const firstAt = 2 + count;
    const pairCount = (args.length - firstAt) / 2;
    if (pairCount < 1 || !Number.isInteger(pairCount)) return errors.syntax;
    const conflict = conflictOf(options, pairCount);
    if (conflict !== undefined) return conflict;
    const members: string[] = [];
    const scores: number[] = [];
    for (let index = firstAt; index < args.length; index += 2) {
      const score = parseDouble(args[index]);
      if (score === undefined) return errors.notAFloat;
      scores.push(score);
      members.push(toBinaryString(args[index + 1]));
    }
    return setScores(context, toBinaryString(args[1]), members, scores, options);
  },
};

const OPTIONS: Readonly<Record<string, keyof SettingOptions>> = {
  NX: "isNew",
  XX: "isThere",
  GT: "isGreater",
  LT: "isLess",
  CH: "isChangeCounted",
  INCR: "isIncrement",
};

/** How many options there are, which stand before the pairs. */
function parseOptions(args: readonly Bytes[]): { options: SettingOptions; count: number } {
  const named = optionNamed(args[2]);
  if (named === undefined) return { options: NO_OPTIONS, count: 0 };
  const options = { ...NO_OPTIONS };
  let count = 0;
  while (count + 2 < args.length) {
    const name = optionNamed(args[count + 2]);
    if (name === undefined) break;
    options[name] = true;
    count += 1;
  }
  return { options, count };
}

/** A score is no name of an option: most calls are told apart by a first digit. */
function optionNamed(argument: Bytes): keyof SettingOptions | undefined {
  if (argument.length < 2 || argument.length > 4) return undefined;
  return OPTIONS[optionName(argument)];
}

function conflictOf(options: SettingOptions, pairCount: number): ErrorReply | undefined {
  if (options.isNew && options.isThere) return bothConditions;
  const isOnlyNew = options.isNew && (options.isGreater || options.isLess);
  if (isOnlyNew || (options.isGreater && options.isLess)) return badComparison;
  return options.isIncrement && pairCount > 1 ? severalIncrements : undefined;
}
