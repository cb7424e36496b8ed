/**
 * What SCAN, HSCAN, SSCAN and ZSCAN share: their cursor, MATCH and COUNT, and the reply's shape.
 */
import { type Bytes, toBinaryString } from "../base/bytes.ts";
import { ErrorReply, errors } from "../base/errors.ts";
import { globMatches } from "../base/glob.ts";
import { limits } from "../base/limits.ts";
import type { Reply } from "../resp/frame.ts";
import { integer, key, optional, pattern, withToken } from "./argument.ts";
import type { ArgumentDeclaration } from "./command.ts";
import { optionName } from "./context.ts";
import { parseClampedInteger } from "./integer-argument.ts";

const CURSOR = /^[0-9]{1,20}$/;
const invalidCursor = new ErrorReply("ERR invalid cursor");
const COUNT_DEFAULT = 10;

/** Of those that scan one key. */
export const keyScanArguments: readonly ArgumentDeclaration[] = [
  key(),
  integer("cursor"),
  optional(withToken("MATCH", pattern("pattern"))),
  optional(withToken("COUNT", integer("count"))),
];

export interface ScanArguments {
  readonly cursor: number;
  readonly count: number;
  /** Undefined: everything matches. */
  readonly pattern: string | undefined;
  /** SCAN only; lower case. */
  readonly type: string | undefined;
}

/**
 * A collection in portions; `walk` gives the next cursor and adds what it meets to `found`. In
 * Redis's order: the cursor, then the key, and of no key no options are read.
 */
export function scanKey<Value>(
  args: readonly Bytes[],
  lookup: (key: string) => Value | undefined | ErrorReply,
  walk: (value: Value, scan: ScanArguments, found: Reply[]) => number,
): Reply {
  const scan = parseScan(args, 2, false);
  if (scan === invalidCursor) return invalidCursor;
  const value = lookup(toBinaryString(args[1]));
  if (value instanceof ErrorReply) return value;
  if (value === undefined) return ["0", []];
  if (scan instanceof ErrorReply) return scan;
  const found: Reply[] = [];
  const cursor = walk(value, scan, found);
  return [String(cursor), found];
}

export function parseScan(
  args: readonly Bytes[],
  cursorAt: number,
  isTypeAllowed: boolean,
): ScanArguments | ErrorReply {
  const cursorText = toBinaryString(args[cursorAt]);
  if (!CURSOR.test(cursorText)) return invalidCursor;
  let count = COUNT_DEFAULT;
  let pattern: string | undefined;
  let type: string | undefined;
  for (let index = cursorAt + 1; index < args.length; index += 2) {
    const option = optionName(args[index]);
    if (index + 1 >= args.length) return errors.syntax;
    const value = args[index + 1];
    if (option === "COUNT") {
      const parsed = parseClampedInteger(value);
      if (parsed === undefined) return errors.notAnInteger;
      if (parsed < 1) return errors.syntax;
      count = Math.min(parsed, limits.scanCountMax);
    } else if (option === "MATCH") {
      const text = toBinaryString(value);
      pattern = text === "*" ? undefined : text;
    } else if (option === "TYPE" && isTypeAllowed) {
      type = toBinaryString(value).toLowerCase();
    } else return errors.syntax;
  }
  const cursor = Math.min(Number(cursorText), Number.MAX_SAFE_INTEGER);
  return { cursor, count, pattern, type };
}

export function scanMatches(pattern: string | undefined, text: string): boolean {
  return pattern === undefined || globMatches(pattern, text);
}
