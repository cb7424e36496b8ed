/**
 * GEOADD: adds places, as scores of a sorted set.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { encodePosition } from "../../data/geohash.ts";
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
import { NO_OPTIONS, setScores } from "../sorted-set/setting.ts";
import { parsePosition } from "./geo-arguments.ts";

export const geoaddCommand: Command = {
  name: "geoadd",
  group: "geo",
  summary:
    "Adds one or more members to a geospatial index. The key is created if it doesn't exist.",
  since: "3.2.0",
  complexity: "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
  arity: -5,
  flags: ["write", "denyoom"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    since("6.2.0", optional(oneOf("condition", token("NX"), token("XX")))),
    since("6.2.0", optional({ ...token("CH"), name: "change" })),
    multiple(block("data", double("longitude"), double("latitude"), string("member"))),
  ],
  history: [["6.2.0", "Added the `CH`, `NX` and `XX` options."]],
  valueType: "zset",
  run: (context, args) => {
    const { options, firstAt } = parseOptions(args);
    const placeCount = (args.length - firstAt) / 3;
    if (placeCount < 1 || !Number.isInteger(placeCount)) return errors.syntax;
    if (options.isNew && options.isThere) return errors.syntax;
    const members: string[] = [];
    const scores: number[] = [];
    for (let index = firstAt; index < args.length; index += 3) {
      const position = parsePosition(args[index], args[index + 1]);
      if (position instanceof ErrorReply) return position;
      scores.push(encodePosition(position));
      members.push(toBinaryString(args[index + 2]));
    }
    return setScores(context, toBinaryString(args[1]), members, scores, options);
  },
};

function parseOptions(args: readonly Bytes[]): { options: typeof NO_OPTIONS; firstAt: number } {
  const options = { ...NO_OPTIONS };
  let firstAt = 2;
  for (; firstAt < args.length; firstAt += 1) {
    const option = optionName(args[firstAt]);
    if (option === "NX") options.isNew = true;
    else if (option === "XX") options.isThere = true;
    else if (option === "CH") options.isChangeCounted = true;
    else break;
  }
  return { options, firstAt };
}
