/**
 * GEOPOS: longitude and latitude of members.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { decodePosition } from "../../data/geohash.ts";
import { NULL_ARRAY, type Reply } from "../../resp/frame.ts";
import { key, multiple, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { positionReply } from "./geo-replies.ts";

export const geoposCommand: Command = {
  name: "geopos",
  group: "geo",
  summary: "Returns the longitude and latitude of members from a geospatial index.",
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
      replies.push(score === undefined ? NULL_ARRAY : positionReply(decodePosition(score)));
    }
    return replies;
  },
};
