/**
 * XRANGE: Returns the messages from a stream within a range of IDs.
 */
import { integer, key, optional, string, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { range } from "./range.ts";

export const xrangeCommand: Command = {
  name: "xrange",
  group: "stream",
  summary: "Returns the messages from a stream within a range of IDs.",
  since: "5.0.0",
  complexity:
    "O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).",
  arity: -4,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    string("start"),
    string("end"),
    optional(withToken("COUNT", integer("count"))),
  ],
  history: [["6.2.0", "Added exclusive ranges."]],
  valueType: "stream",
  run: (context, args) => range(context, args, false),
};
