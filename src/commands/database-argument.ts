/**
 * Numbers of databases in arguments: COPY, MOVE and SELECT. Redis reads them as 32-bit integers,
 * and says so.
 */
import type { Bytes } from "../base/bytes.ts";
import { ErrorReply, errors } from "../base/errors.ts";
import { parseClampedInteger } from "./integer-argument.ts";

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;
const notInt32 = new ErrorReply(
  `ERR value is out of range, value must between ${INT32_MIN} and ${INT32_MAX}`,
);

export function parseDatabase(argument: Bytes, databaseCount: number): number | ErrorReply {
  const database = parseClampedInteger(argument);
  if (database === undefined) return errors.notAnInteger;
  if (database < INT32_MIN || database > INT32_MAX) return notInt32;
  return database < 0 || database >= databaseCount ? errors.databaseIndexOutOfRange : database;
}
