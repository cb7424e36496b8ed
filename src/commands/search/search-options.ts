/**
 * FT.SEARCH's options, in any order, with RediSearch's words for what is wrong with one.
 *
 * What would change the answer and is not there yet (HIGHLIGHT, EXPANDER …) is refused; what only
 * tunes RediSearch's own ways (SCORER, SLOP of nothing …) is checked and taken.
 */
import type { Bytes } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { printable } from "../../search/query/query-problem.ts";
import type { NumericFilter } from "../../search/query/resolve.ts";
import { type ArgumentCursor, missingArgument, notConvertible, quoted } from "./argument-cursor.ts";
import { languages } from "./create-options.ts";

export interface ReturnField {
  readonly field: string;
  readonly alias: string;
}

export interface SearchOptions {
  offset: number;
  count: number;
  /** null: everything that the document has. */
  returns: readonly ReturnField[] | null;
  isWithoutContent: boolean;
  isWithScores: boolean;
  isWithSortKeys: boolean;
  isWithPayloads: boolean;
  sort: { readonly name: string; readonly isAscending: boolean } | undefined;
  parameters: ReadonlyMap<string, Bytes> | undefined;
  /** 0: none. */
  timeoutMs: number;
  keys: readonly string[] | undefined;
  fields: readonly string[] | undefined;
  filters: readonly NumericFilter[];
  isWithStopwords: boolean;
}

export const NO_PARAMETERS: ReadonlyMap<string, Bytes> = new Map();
const DEFAULT_COUNT = 10;
const decimal = /^\d{1,15}$/;

type Flag =
  | "isWithoutContent"
  | "isWithScores"
  | "isWithSortKeys"
  | "isWithPayloads"
  | "isWithStopwords";

type Reader = (cursor: ArgumentCursor, options: SearchOptions) => ErrorReply | undefined;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["PARAMS", readParameters],
  ["LIMIT", readLimit],
  ["SORTBY", readSort],
  ["RETURN", readReturn],
  ["NOCONTENT", sets("isWithoutContent")],
  ["DIALECT", readDialect],
  ["TIMEOUT", readTimeout],
  ["COUNT", readCount],
  ["WITHSCORES", sets("isWithScores")],
  ["WITHSORTKEYS", sets("isWithSortKeys")],
  ["WITHPAYLOADS", sets("isWithPayloads")],
  ["INKEYS", readKeys],
  ["INFIELDS", readFields],
  ["FILTER", readFilter],
  ["VERBATIM", () => undefined],
  ["WITHCOUNT", () => undefined],
  ["NOSTOPWORDS", sets("isWithStopwords")],
  ["SCORER", readScorer],
  ["LANGUAGE", readLanguage],
  ["PAYLOAD", (cursor) => asProblem(cursor.nextText("PAYLOAD"))],
  ["FORMAT", readFormat],
]);

const refused: ReadonlySet<string> = new Set([
  "HIGHLIGHT",
  "SUMMARIZE",
  "EXPANDER",
  "EXPLAINSCORE",
  "GEOFILTER",
  "INORDER",
  "SLOP",
]);

const scorers: ReadonlySet<string> = new Set([
  "TFIDF",
  "TFIDF.DOCNORM",
  "BM25",
  "BM25STD",
  "DISMAX",
  "DOCSCORE",
  "HAMMING",
]);

export function readSearchOptions(cursor: ArgumentCursor): SearchOptions | ErrorReply {
  const options: SearchOptions = {
    offset: 0,
    count: DEFAULT_COUNT,
    returns: null,
    isWithoutContent: false,
    isWithScores: false,
    isWithSortKeys: false,
    isWithPayloads: false,
    sort: undefined,
    parameters: undefined,
    timeoutMs: 0,
    keys: undefined,
    fields: undefined,
    filters: [],
    isWithStopwords: false,
  };
  for (;;) {
    const place = cursor.place;
    const argument = cursor.next();
    if (argument === undefined) return options;
    const name = argument.length > 16 ? "" : argument.toUpperCase();
    const reader = readers.get(name);
    if (reader === undefined) {
      if (refused.has(name)) return new ErrorReply(`${name} is not supported`);
      return new ErrorReply(
        `Unknown argument ${quoted(argument)} at position ${place - 2} for <main>`,
      );
    }
    const problem = reader(cursor, options);
    if (problem !== undefined) return problem;
  }
}

function sets(flag: Flag): Reader {
  return (_cursor, options) => {
    options[flag] = true;
    return undefined;
  };
}

function asProblem(value: unknown): ErrorReply | undefined {
  return value instanceof ErrorReply ? value : undefined;
}

function readParameters(cursor: ArgumentCursor, options: SearchOptions): ErrorReply | undefined {
  if (options.parameters !== undefined) {
    return new ErrorReply("Multiple PARAMS are not allowed. Parameters can be defined only once");
  }
  const count = cursor.nextInteger("PARAMS", 0, Number.MAX_SAFE_INTEGER);
  if (count instanceof ErrorReply) return count;
  if (count > cursor.left) return missingArgument("PARAMS");
  if (count === 0 || count % 2 !== 0) {
    return new ErrorReply("Parameters must be specified in PARAM VALUE pairs");
  }
  if (count / 2 > limits.searchParametersMax) {
    return new ErrorReply(`PARAMS exceeds maximum of ${limits.searchParametersMax} parameters`);
  }
  const parameters = new Map<string, Bytes>();
  for (let taken = 0; taken < count; taken += 2) {
    const name = cursor.next() ?? "";
    if (parameters.has(name)) return new ErrorReply(`Duplicate parameter ${quoted(name)}`);
    parameters.set(name, cursor.nextBytes() ?? "");
  }
  options.parameters = parameters;
  return undefined;
}

function readLimit(cursor: ArgumentCursor, options: SearchOptions): ErrorReply | undefined {
  if (cursor.left < 2) return new ErrorReply("LIMIT requires two arguments");
  const offset = cursor.next() ?? "";
  const count = cursor.next() ?? "";
  if (!decimal.test(offset) || !decimal.test(count)) {
    return new ErrorReply("LIMIT needs two numeric arguments");
  }
  options.offset = Number(offset);
  options.count = Number(count);
  if (options.count > limits.searchResultsMax) {
    return new ErrorReply(`LIMIT exceeds maximum of ${limits.searchResultsMax}`);
  }
  if (options.offset > limits.searchResultsMax) {
    return new ErrorReply(`OFFSET exceeds maximum of ${limits.searchResultsMax}`);
  }
  return undefined;
}

/** MemoryDB's word for `LIMIT 0 0`. */
function readCount(_cursor: ArgumentCursor, options: SearchOptions): ErrorReply | undefined {
  options.offset = 0;
  options.count = 0;
  return undefined;
}

function readSort(cursor: ArgumentCursor, options: SearchOptions): ErrorReply | undefined {
  if (options.sort !== undefined) {
    return new ErrorReply("Multiple SORTBY steps are not allowed");
  }
  const name = cursor.next();
  if (name === undefined) return new ErrorReply("Bad SORTBY arguments");
  const isDescending = cursor.takes("DESC");
  if (!isDescending) cursor.takes("ASC");
  options.sort = { name, isAscending: !isDescending };
  return undefined;
}

function readReturn(cursor: ArgumentCursor, options: SearchOptions): ErrorReply | undefined {
  const tokens = cursor.nextList("RETURN");
  if (tokens instanceof ErrorReply) return tokens;
  const returns: ReturnField[] = [...(options.returns ?? [])];
  for (let place = 0; place < tokens.length; place += 1) {
    const field = tokens[place];
    let alias = field;
    if (place + 1 < tokens.length && tokens[place + 1].toUpperCase() === "AS") {
      if (place + 2 === tokens.length) {
        return new ErrorReply("RETURN path AS name - must be accompanied with NAME");
      }
      alias = tokens[place + 2];
      place += 2;
    }
    // Of two values under one name, the first is meant.
    if (!returns.some((known) => known.alias === alias)) returns.push({ field, alias });
  }
  options.returns = returns;
  if (tokens.length === 0) options.isWithoutContent = true;
  return undefined;
}

function readDialect(cursor: ArgumentCursor): ErrorReply | undefined {
  const text = cursor.next();
  if (text === undefined) return new ErrorReply("Need an argument for DIALECT");
  // Each is read as the second, which understands what the first does and more.
  if (/^[1-4]$/.test(text)) return undefined;
  return new ErrorReply("DIALECT requires a non negative integer >=1 and <= 4");
}

function readTimeout(cursor: ArgumentCursor, options: SearchOptions): ErrorReply | undefined {
  const text = cursor.next();
  if (text === undefined) return new ErrorReply("Need argument for TIMEOUT");
  if (!decimal.test(text)) return new ErrorReply("TIMEOUT requires a non negative integer");
  options.timeoutMs = Number(text);
  if (options.timeoutMs <= limits.searchTimeoutMsMax) return undefined;
  return new ErrorReply(`TIMEOUT exceeds maximum of ${limits.searchTimeoutMsMax}`);
}

function readKeys(cursor: ArgumentCursor, options: SearchOptions): ErrorReply | undefined {
  const keys = cursor.nextList("INKEYS");
  if (keys instanceof ErrorReply) return keys;
  if (keys.length > 0) options.keys = keys;
  return undefined;
}

function readFields(cursor: ArgumentCursor, options: SearchOptions): ErrorReply | undefined {
  const fields = cursor.nextList("INFIELDS");
  if (fields instanceof ErrorReply) return fields;
  if (fields.length > 0) options.fields = fields;
  return undefined;
}

function readFilter(cursor: ArgumentCursor, options: SearchOptions): ErrorReply | undefined {
  if (cursor.left < 3) return new ErrorReply("FILTER requires 3 arguments");
  const filter = {
    field: cursor.next() ?? "",
    min: cursor.next() ?? "",
    max: cursor.next() ?? "",
  };
  options.filters = [...options.filters, filter];
  return undefined;
}

function readScorer(cursor: ArgumentCursor): ErrorReply | undefined {
  const scorer = cursor.nextText("SCORER");
  if (scorer instanceof ErrorReply || scorers.has(scorer)) return asProblem(scorer);
  return new ErrorReply(`No such scorer ${printable(scorer.slice(0, 64))}`);
}

function readLanguage(cursor: ArgumentCursor): ErrorReply | undefined {
  const language = cursor.nextText("LANGUAGE");
  if (language instanceof ErrorReply) return language;
  return languages.has(language.toLowerCase()) ? undefined : new ErrorReply("No such language");
}

function readFormat(cursor: ArgumentCursor): ErrorReply | undefined {
  const format = cursor.nextWord("FORMAT");
  if (format instanceof ErrorReply || format === "STRING") return asProblem(format);
  if (format === "EXPAND") return new ErrorReply("EXPAND format is only supported with JSON");
  return notConvertible("FORMAT");
}
