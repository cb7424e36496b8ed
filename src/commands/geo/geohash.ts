/**
 * GEOHASH: members' places as geohash strings.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { decodePosition, geohashText } from "../../data/geohash.ts";
import type { Reply } from "../../resp/frame.ts";
import { key, multiple, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";

export const geohashCommand: Command = {
  name: "geohash",
  group: "geo",
  summary: "Returns members from a geospatial index as geohash strings.",
  since: "3.2.0",
  complexity: "O(1) for each member requested.",
  arity: -2,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), optional(multiple(string("member")))],
  valueType: "zset",
  run: (context, args) => {
    const set = context.lookupSortedSet(toBinaryString(args[1]));
    if (set instanceof ErrorReply) return set;
    const replies: Reply[] = [];
    for (let index = 2; index < args.length; index += 1) {
      const score = set?.score(toBinaryString(args[index]));
      replies.push(score === undefined ? null : geohashText(decodePosition(score)));
    }
    return replies;
  },
};
