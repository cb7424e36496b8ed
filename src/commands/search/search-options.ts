/**
 * The options of FT.SEARCH behind the query, in any order. What clients send and nothing here can
 * honour yet is refused in plain words; what changes nothing for exact words is taken.
 */
import type { Bytes } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { ArgumentCursor, missingArgument, notConvertible, quoted } from "./argument-cursor.ts";

export interface ReturnedField {
  readonly name: string;
  readonly alias: string;
}

export interface SearchOptions {
  readonly parameters: Map<string, Bytes>;
  offset: number;
  count: number;
  sortBy: string | undefined;
  isAscending: boolean;
  /** undefined: the whole hash. */
  returned: ReturnedField[] | undefined;
  isKeysOnly: boolean;
  isCountOnly: boolean;
  hasSortKeys: boolean;
  timeoutMs: number;
  inKeys: string[] | undefined;
}

const refused = new Set(
  (
    "WITHSCORES EXPLAINSCORE WITHPAYLOADS PAYLOAD HIGHLIGHT SUMMARIZE EXPANDER SLOP INORDER " +
    "FILTER GEOFILTER NOSTOPWORDS INFIELDS"
  ).split(" "),
);
const scorers = new Set(
  "TFIDF TFIDF.DOCNORM BM25 BM25STD BM25STD.TANH DISMAX DOCSCORE HAMMING".split(" "),
);

export function parseSearchOptions(
  args: readonly Bytes[],
  first: number,
): SearchOptions | ErrorReply {
  const options: SearchOptions = {
    parameters: new Map(),
    offset: 0,
    count: 10,
    sortBy: undefined,
    isAscending: true,
    returned: undefined,
    isKeysOnly: false,
    isCountOnly: false,
    hasSortKeys: false,
    timeoutMs: 0,
    inKeys: undefined,
  };
  const cursor = new ArgumentCursor(args, first);
  while (cursor.left > 0) {
    const place = args.length - cursor.left;
    const problem = parseOption(options, cursor, args, place);
    if (problem !== undefined) return problem;
  }
  return options;
}

function parseOption(
  options: SearchOptions,
  cursor: ArgumentCursor,
  args: readonly Bytes[],
  place: number,
): ErrorReply | undefined {
  const raw = cursor.next() ?? "";
  const option = raw.toUpperCase();
  switch (option) {
    case "NOCONTENT":
      options.isKeysOnly = true;
      return undefined;
    case "COUNT":
      options.isCountOnly = true;
      return undefined;
    case "WITHSORTKEYS":
      options.hasSortKeys = true;
      return undefined;
    case "VERBATIM":
      return undefined;
    case "LIMIT":
      return parseLimit(options, cursor);
    case "SORTBY":
      return parseSortBy(options, cursor);
    case "RETURN":
      return parseReturn(options, cursor);
    case "PARAMS":
      return parseParameters(options, cursor, args, place);
    case "DIALECT":
      return onlyProblem(cursor.nextInteger("DIALECT", 1, 4));
    case "TIMEOUT":
      return parseTimeout(options, cursor);
    case "INKEYS":
      return parseInKeys(options, cursor);
    case "SCORER":
      return parseChoice(cursor, option, scorers);
    case "LANGUAGE":
      return parseChoice(cursor, option, new Set(["ENGLISH"]));
    case "FORMAT":
      return parseChoice(cursor, option, new Set(["STRING"]));
  }
  if (refused.has(option)) return new ErrorReply(`${option} is not supported`);
  return new ErrorReply(`Unknown argument ${quoted(raw)} at position ${place} for <main>`);
}

function onlyProblem(value: unknown): ErrorReply | undefined {
  return value instanceof ErrorReply ? value : undefined;
}

function parseChoice(
  cursor: ArgumentCursor,
  option: string,
  choices: ReadonlySet<string>,
): ErrorReply | undefined {
  const choice = cursor.nextWord(option);
  if (choice instanceof ErrorReply) return choice;
  return choices.has(choice) ? undefined : new ErrorReply(`No such ${option} ${quoted(choice)}`);
}

function parseLimit(options: SearchOptions, cursor: ArgumentCursor): ErrorReply | undefined {
  if (cursor.left < 2) return new ErrorReply("LIMIT requires two arguments");
  const max = Number.MAX_SAFE_INTEGER;
  const offset = cursor.nextInteger("LIMIT", 0, max);
  const count = cursor.nextInteger("LIMIT", 0, max);
  if (offset instanceof ErrorReply || count instanceof ErrorReply) {
    return new ErrorReply("LIMIT needs two numeric arguments");
  }
  if (count === 0 && offset > 0) {
    return new ErrorReply("The `offset` of the LIMIT must be 0 when `num` is 0");
  }
  if (count > limits.searchResultsMax) {
    return new ErrorReply(`LIMIT exceeds maximum of ${limits.searchResultsMax}`);
  }
  if (offset > limits.searchResultsMax) {
    return new ErrorReply(`OFFSET exceeds maximum of ${limits.searchResultsMax}`);
  }
  options.offset = offset;
  options.count = count;
  return undefined;
}

function parseSortBy(options: SearchOptions, cursor: ArgumentCursor): ErrorReply | undefined {
  if (options.sortBy !== undefined) {
    return new ErrorReply("Multiple SORTBY steps are not allowed");
  }
  const name = cursor.nextText("SORTBY");
  if (name instanceof ErrorReply) return name;
  options.sortBy = name.startsWith("@") ? name.slice(1) : name;
  if (cursor.takes("DESC")) options.isAscending = false;
  else cursor.takes("ASC");
  cursor.takes("WITHCOUNT");
  return undefined;
}

function parseReturn(options: SearchOptions, cursor: ArgumentCursor): ErrorReply | undefined {
  const names = cursor.nextList("RETURN");
  if (names instanceof ErrorReply) return names;
  const returned: ReturnedField[] = [];
  for (let place = 0; place < names.length; place += 1) {
    const name = names[place].startsWith("@") ? names[place].slice(1) : names[place];
    let alias = name;
    if (names[place + 1]?.toUpperCase() === "AS") {
      if (place + 2 >= names.length) {
        return new ErrorReply("RETURN path AS name - must be accompanied with NAME");
      }
      alias = names[place + 2];
      place += 2;
    }
    if (!returned.some((known) => known.alias === alias)) returned.push({ name, alias });
  }
  options.returned = returned;
  return undefined;
}

function parseParameters(
  options: SearchOptions,
  cursor: ArgumentCursor,
  args: readonly Bytes[],
  place: number,
): ErrorReply | undefined {
  if (options.parameters.size > 0) {
    return new ErrorReply("Multiple PARAMS are not allowed. Parameters can be defined only once");
  }
  const count = cursor.nextInteger("PARAMS", 0, Number.MAX_SAFE_INTEGER);
  if (count instanceof ErrorReply) return count;
  if (count === 0 || count % 2 === 1) {
    return new ErrorReply("Parameters must be specified in PARAM VALUE pairs");
  }
  if (count > cursor.left) return missingArgument("PARAMS");
  if (count / 2 > limits.searchParametersMax) {
    return new ErrorReply(`More than ${limits.searchParametersMax} parameters`);
  }
  for (let taken = 0; taken < count; taken += 2) {
    const name = cursor.next() ?? "";
    if (options.parameters.has(name)) {
      return new ErrorReply(`Duplicate parameter ${quoted(name)}`);
    }
    // The value stays as it came: a vector is a Buffer, and is not copied.
    options.parameters.set(name, args[place + 3 + taken]);
    cursor.skip();
  }
  return undefined;
}

function parseTimeout(options: SearchOptions, cursor: ArgumentCursor): ErrorReply | undefined {
  const timeoutMs = cursor.nextInteger("TIMEOUT", 0, Number.MAX_SAFE_INTEGER);
  if (timeoutMs instanceof ErrorReply) {
    return cursor.left === 0
      ? new ErrorReply("Need argument for TIMEOUT")
      : notConvertible("TIMEOUT");
  }
  if (timeoutMs > limits.searchTimeoutMsMax) {
    return new ErrorReply(`TIMEOUT exceeds maximum of ${limits.searchTimeoutMsMax}`);
  }
  options.timeoutMs = timeoutMs;
  return undefined;
}

function parseInKeys(options: SearchOptions, cursor: ArgumentCursor): ErrorReply | undefined {
  const keys = cursor.nextList("INKEYS");
  if (keys instanceof ErrorReply) return keys;
  options.inKeys = keys;
  return undefined;
}
