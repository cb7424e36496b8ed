/**
 * LCS: the longest common subsequence of two strings, its length, or where its parts match.
 *
 * The table takes four bytes for each pair of positions, so it is limited by proto-max-bulk-len, as
 * in Redis.
 */
import { type Bytes, toBinaryString, toBuffer } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import { MapReply, type Reply } from "../../resp/frame.ts";
import { integer, key, optional, token, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { type CommandContext, optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";

const notStrings = new ErrorReply("ERR The specified keys must contain string values");
const lengthAndIndexes = new ErrorReply(
  "ERR If you want both the length and indexes, please just use IDX.",
);
const tooLong = new ErrorReply(
  "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len",
);

interface LcsOptions {
  isLength: boolean;
  isIndexes: boolean;
  isWithMatchLength: boolean;
  matchLengthMin: number;
}

export const lcsCommand: Command = {
  name: "lcs",
  group: "string",
  summary: "Finds the longest common substring.",
  since: "7.0.0",
  complexity: "O(N*M) where N and M are the lengths of s1 and s2, respectively",
  arity: -3,
  flags: ["readonly"],
  keys: [{ flags: ["RO", "access"], first: 1, last: 2, step: 1 }],
  arguments: [
    key("key1"),
    key("key2"),
    optional(token("LEN")),
    optional(token("IDX")),
    optional(withToken("MINMATCHLEN", integer("min-match-len"))),
    optional(token("WITHMATCHLEN")),
  ],
  run: (context, args) => {
    const left = stringAt(context, args[1]);
    const right = stringAt(context, args[2]);
    if (left === undefined || right === undefined) return notStrings;
    const options = parseOptions(args);
    if (options instanceof ErrorReply) return options;
    if (options.isLength && options.isIndexes) return lengthAndIndexes;
    const tableBytes = (left.length + 1) * (right.length + 1) * Uint32Array.BYTES_PER_ELEMENT;
    if (tableBytes > context.server.configuration.number("proto-max-bulk-len")) return tooLong;
    return answer(left, right, options);
  },
};

function parseOptions(args: readonly Bytes[]): LcsOptions | ErrorReply {
  const options: LcsOptions = {
    isLength: false,
    isIndexes: false,
    isWithMatchLength: false,
    matchLengthMin: 0,
  };
  for (let index = 3; index < args.length; index += 1) {
    const option = optionName(args[index]);
    if (option === "LEN") options.isLength = true;
    else if (option === "IDX") options.isIndexes = true;
    else if (option === "WITHMATCHLEN") options.isWithMatchLength = true;
    else if (option === "MINMATCHLEN" && index + 1 < args.length) {
      index += 1;
      const value = parseClampedInteger(args[index]);
      if (value === undefined) return errors.notAnInteger;
      options.matchLengthMin = Math.max(0, value);
    } else return errors.syntax;
  }
  return options;
}

/** Empty for a missing key, undefined for one that holds no string. */
function stringAt(context: CommandContext, argument: Bytes): Buffer | undefined {
  const entry = context.lookup(toBinaryString(argument));
  if (entry === undefined) return Buffer.alloc(0);
  return entry.value.type === "string" ? toBuffer(entry.value.borrowed) : undefined;
}

function answer(left: Buffer, right: Buffer, options: LcsOptions): Reply {
  const width = right.length + 1;
  const table = fillTable(left, right, width);
  const length = table[left.length * width + right.length];
  if (options.isLength) return length;
  const common = Buffer.alloc(length);
  const matches: Reply[] = [];
  walkBack(left, right, table, common, (match) => {
    if (match.length < options.matchLengthMin) return;
    const ranges: Reply[] = [
      [match.leftStart, match.leftStart + match.length - 1],
      [match.rightStart, match.rightStart + match.length - 1],
    ];
    if (options.isWithMatchLength) ranges.push(match.length);
    matches.push(ranges);
  });
  if (options.isIndexes) return new MapReply(["matches", matches, "len", length]);
  return common;
}

function fillTable(left: Buffer, right: Buffer, width: number): Uint32Array {
  const table = new Uint32Array((left.length + 1) * width);
  for (let i = 1; i <= left.length; i += 1) {
    const row = i * width;
    for (let j = 1; j <= right.length; j += 1) {
      table[row + j] =
        left[i - 1] === right[j - 1]
          ? table[row - width + j - 1] + 1
          : Math.max(table[row - width + j], table[row + j - 1]);
    }
  }
  return table;
}

interface Match {
  readonly leftStart: number;
  readonly rightStart: number;
  readonly length: number;
}

/** Fills `common` from its end, and reports runs of matches, last first, as Redis does. */
function walkBack(
  left: Buffer,
  right: Buffer,
  table: Uint32Array,
  common: Buffer,
  report: (match: Match) => void,
): void {
  const width = right.length + 1;
  let i = left.length;
  let j = right.length;
  let at = common.length;
  let runLength = 0;
  while (i > 0 && j > 0) {
    if (left[i - 1] === right[j - 1]) {
      at -= 1;
      common[at] = left[i - 1];
      runLength += 1;
      i -= 1;
      j -= 1;
      const isRunOver = i === 0 || j === 0 || left[i - 1] !== right[j - 1];
      if (isRunOver) {
        report({ leftStart: i, rightStart: j, length: runLength });
        runLength = 0;
      }
    } else if (table[(i - 1) * width + j] > table[i * width + j - 1]) i -= 1;
    else j -= 1;
  }
}
