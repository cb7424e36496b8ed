/**
 * What a user did wrong: values from one table, returned as replies and never thrown on a hot path.
 *
 * The texts are Redis's own where Redis has one, because clients match on them. A text is the whole
 * error line without the leading `-`; its first word is the code that clients switch on.
 * Search's texts, which follow RediSearch and MemoryDB, are in `search-errors.ts`.
 */

export class ErrorReply {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export const errors = {
  syntax: new ErrorReply("ERR syntax error"),
  notAnInteger: new ErrorReply("ERR value is not an integer or out of range"),
  notAFloat: new ErrorReply("ERR value is not a valid float"),
  outOfRange: new ErrorReply("ERR value is out of range"),
  mustBePositive: new ErrorReply("ERR value is out of range, must be positive"),
  wrongType: new ErrorReply("WRONGTYPE Operation against a key holding the wrong kind of value"),
  noSuchKey: new ErrorReply("ERR no such key"),
  indexOutOfRange: new ErrorReply("ERR index out of range"),
  outOfMemory: new ErrorReply("OOM command not allowed when used memory > 'maxmemory'."),
  authenticationRequired: new ErrorReply("NOAUTH Authentication required."),
  wrongPassword: new ErrorReply("WRONGPASS invalid username-password pair or user is disabled."),
  noProtocol: new ErrorReply("NOPROTO unsupported protocol version"),
  databaseIndexOutOfRange: new ErrorReply("ERR DB index is out of range"),
  invalidDatabaseIndex: new ErrorReply("ERR invalid DB index"),
  nestedMulti: new ErrorReply("ERR MULTI calls can not be nested"),
  execWithoutMulti: new ErrorReply("ERR EXEC without MULTI"),
  discardWithoutMulti: new ErrorReply("ERR DISCARD without MULTI"),
  watchInsideMulti: new ErrorReply("ERR WATCH inside MULTI is not allowed"),
  execAborted: new ErrorReply("EXECABORT Transaction discarded because of previous errors."),
  stringTooLong: new ErrorReply("ERR string exceeds maximum allowed size (proto-max-bulk-len)"),
  offsetOutOfRange: new ErrorReply("ERR offset is out of range"),
  incrementOverflow: new ErrorReply("ERR increment or decrement would overflow"),
  unitTooLarge: new ErrorReply(
    "ERR the value is too large to be written to the log again in one command or transaction",
  ),
  incrementNotANumber: new ErrorReply("ERR increment would produce NaN or Infinity"),
} as const satisfies Record<string, ErrorReply>;

export function wrongArgumentCount(commandName: string): ErrorReply {
  return new ErrorReply(`ERR wrong number of arguments for '${commandName}' command`);
}

export function invalidExpireTime(commandName: string): ErrorReply {
  return new ErrorReply(`ERR invalid expire time in '${commandName}' command`);
}

/** The log's disk is full; Redis's text for its append-only file, which clients know. */
export function cannotWriteLog(reason: string): ErrorReply {
  return new ErrorReply(`MISCONF Errors writing to the AOF file: ${reason}`);
}
