/**
 * LPOS: where an element stands in a list.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { INT64_MAX, INT64_MIN, parseInt64 } from "../../base/int64.ts";
import type { ListValue } from "../../keyspace/list-value.ts";
import { integer, key, optional, string, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";

const rankZero = new ErrorReply(
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... " +
    "or use negative to start from the end of the list",
);
const negativeCount = new ErrorReply("ERR COUNT can't be negative");
const negativeMax = new ErrorReply("ERR MAXLEN can't be negative");
const rankOutOfRange = new ErrorReply(
  `ERR value is out of range, value must between ${-INT64_MAX} and ${INT64_MAX}`,
);

interface PositionOptions {
  rank: number;
  /** Undefined: only the first, as a number. 0: all. */
  count: number | undefined;
  /** 0: no limit. */
  comparisonsMax: number;
}

export const lposCommand: Command = {
  name: "lpos",
  group: "list",
  summary: "Returns the index of matching elements in a list.",
  since: "6.0.6",
  complexity: "O(N) where N is the number of elements in the list, for the average case",
  arity: -3,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 1, step: 1 }],
  arguments: [
    key(),
    string("element"),
    optional(withToken("RANK", integer("rank"))),
    optional(withToken("COUNT", integer("num-matches"))),
    optional(withToken("MAXLEN", integer("len"))),
  ],
  valueType: "list",
  run: (context, args) => {
    const options = parseOptions(args);
    if (options instanceof ErrorReply) return options;
    const list = context.lookupList(toBinaryString(args[1]));
    if (list instanceof ErrorReply) return list;
    const positions = list === undefined ? [] : findPositions(list, args[2], options);
    if (options.count !== undefined) return positions;
    return positions.length === 0 ? null : positions[0];
  },
};

function parseOptions(args: readonly Bytes[]): PositionOptions | ErrorReply {
  const options: PositionOptions = { rank: 1, count: undefined, comparisonsMax: 0 };
  for (let index = 3; index < args.length; index += 2) {
    const option = optionName(args[index]);
    if (index + 1 >= args.length) return errors.syntax;
    if (option !== "RANK" && option !== "COUNT" && option !== "MAXLEN") return errors.syntax;
    const value = parseInt64(args[index + 1]);
    if (option === "RANK") {
      if (value === undefined) return errors.notAnInteger;
      if (value === INT64_MIN) return rankOutOfRange;
      if (value === 0n) return rankZero;
      options.rank = Number(value);
    } else if (option === "COUNT") {
      if (value === undefined || value < 0n) return negativeCount;
      options.count = Number(value);
    } else {
      if (value === undefined || value < 0n) return negativeMax;
      options.comparisonsMax = Number(value);
    }
  }
  return options;
}

function findPositions(list: ListValue, element: Bytes, options: PositionOptions): number[] {
  const { length } = list;
  const isFromRight = options.rank < 0;
  const wanted = options.count === 0 ? length : (options.count ?? 1);
  const comparisonsMax = options.comparisonsMax === 0 ? length : options.comparisonsMax;
  const positions: number[] = [];
  let skipped = Math.abs(options.rank) - 1;
  for (const position of list.matches(element, isFromRight, comparisonsMax)) {
    if (skipped > 0) skipped -= 1;
    else positions.push(position);
    if (positions.length === wanted) break;
  }
  return positions;
}
