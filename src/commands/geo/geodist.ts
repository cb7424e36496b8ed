/**
 * GEODIST: the distance between two members.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { distanceBetween } from "../../data/geo-distance.ts";
import { decodePosition } from "../../data/geohash.ts";
import { key, optional, string } from "../argument.ts";
import type { Command } from "../command.ts";
import { parseUnit, unitArgument } from "./geo-arguments.ts";
import { distanceText } from "./geo-replies.ts";

export const geodistCommand: Command = {
  name: "geodist",
  group: "geo",
  summary: "Returns the distance between two members of a geospatial index.",
  since: "3.2.0",
  complexity: "O(1)",
  arity: -4,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [key(), string("member1"), string("member2"), optional(unitArgument)],
  valueType: "zset",
  run: (context, args) => {
    if (args.length > 5) return errors.syntax;
    const unitMeters = args.length === 5 ? parseUnit(args[4]) : 1;
    if (unitMeters instanceof ErrorReply) return unitMeters;
    const set = context.lookupSortedSet(toBinaryString(args[1]));
    if (set instanceof ErrorReply) return set;
    const first = set?.score(toBinaryString(args[2]));
    const second = set?.score(toBinaryString(args[3]));
    if (first === undefined || second === undefined) return null;
    return distanceText(
      distanceBetween(decodePosition(first), decodePosition(second)) / unitMeters,
    );
  },
};
