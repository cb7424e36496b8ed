/**
 * What SCAN, HSCAN and SSCAN share: their cursor, MATCH and COUNT, and the reply's shape.
 */
import { type Bytes, toBinaryString } from "../base/bytes.ts";
import { ErrorReply, errors } from "../base/errors.ts";
import { globMatches } from "../base/glob.ts";
import { limits } from "../base/limits.ts";
import { optionName } from "./context.ts";
import { parseClampedInteger } from "./integer-argument.ts";

const CURSOR = /^[0-9]{1,20}$/;
export const invalidCursor = new ErrorReply("ERR invalid cursor");
const COUNT_DEFAULT = 10;

export interface ScanArguments {
  readonly cursor: number;
  readonly count: number;
  /** Undefined: everything matches. */
  readonly pattern: string | undefined;
  /** SCAN only; lower case. */
  readonly type: string | undefined;
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
