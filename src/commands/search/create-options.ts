/**
 * The part of FT.CREATE before SCHEMA.
 *
 * What is accepted without changing an answer is kept for FT.INFO; what would change answers and
 * is not there yet is refused in plain words, so that nobody relies on it by mistake.
 */
import { ErrorReply } from "../../base/errors.ts";
import { parseNumber } from "../../search/attribute-numeric.ts";
import { foldCase } from "../../search/tokenize.ts";
import { type ArgumentCursor, missingArgument, quoted } from "./argument-cursor.ts";

export interface CreateOptions {
  prefixes: readonly string[];
  defaultScore: number;
  language: string;
  stopwords: readonly string[] | null;
  readonly options: string[];
}

/** In the order in which FT.INFO prints them. */
const ignoredFlags = ["NOFREQS", "NOFIELDS", "NOOFFSETS", "NOHL", "MAXTEXTFIELDS"];

const refusals = new Map([
  ["FILTER", "FILTER is not supported yet: choose documents by PREFIX"],
  ["TEMPORARY", "TEMPORARY is not supported: drop the index with FT.DROPINDEX"],
  ["SKIPINITIALSCAN", "SKIPINITIALSCAN is not supported: an index always covers all its keys"],
  ["LANGUAGE_FIELD", "LANGUAGE_FIELD is not supported yet: words are matched exactly"],
  ["SCORE_FIELD", "SCORE_FIELD is not supported yet"],
  ["PAYLOAD_FIELD", "PAYLOAD_FIELD is not supported yet"],
]);

export const languages: ReadonlySet<string> = new Set(
  (
    "arabic armenian basque catalan chinese danish dutch english finnish french german greek " +
    "hindi hungarian indonesian irish italian lithuanian nepali norwegian portuguese romanian " +
    "russian serbian spanish swedish tamil turkish yiddish"
  ).split(" "),
);

/** Reads up to and including SCHEMA. */
export function parseCreateOptions(cursor: ArgumentCursor): CreateOptions | ErrorReply {
  const result: CreateOptions = {
    prefixes: [""],
    defaultScore: 1,
    language: "",
    stopwords: null,
    options: [],
  };
  const flags = new Set<string>();
  while (!cursor.takes("SCHEMA")) {
    const given = cursor.next();
    if (given === undefined) return new ErrorReply("No schema found");
    const word = given.toUpperCase();
    const refusal = refusals.get(word);
    if (refusal !== undefined) return new ErrorReply(`ERR ${refusal}`);
    if (ignoredFlags.includes(word)) {
      flags.add(word);
      continue;
    }
    const problem = parseOption(word, given, cursor, result);
    if (problem !== undefined) return problem;
  }
  for (const flag of ignoredFlags) if (flags.has(flag)) result.options.push(flag);
  return result;
}

function parseOption(
  word: string,
  given: string,
  cursor: ArgumentCursor,
  result: CreateOptions,
): ErrorReply | undefined {
  switch (word) {
    case "ON":
      return parseKeyType(cursor);
    case "PREFIX": {
      const prefixes = cursor.nextList("PREFIX");
      if (prefixes instanceof ErrorReply) return prefixes;
      result.prefixes = prefixes.length === 0 ? [""] : prefixes;
      return undefined;
    }
    case "SCORE": {
      const score = parseNumber(cursor.next() ?? "");
      if (!(score >= 0 && score <= 1)) return new ErrorReply("Invalid score");
      result.defaultScore = score;
      return undefined;
    }
    case "LANGUAGE": {
      const language = cursor.next();
      if (language === undefined) return missingArgument("LANGUAGE");
      if (!languages.has(language.toLowerCase())) return new ErrorReply("Invalid language");
      result.language = language.toLowerCase();
      return undefined;
    }
    case "STOPWORDS": {
      const words = cursor.nextList("STOPWORDS");
      if (words instanceof ErrorReply) return words;
      result.stopwords = [...new Set(words.map(foldCase))].sort();
      return undefined;
    }
    default:
      return new ErrorReply(`Unknown argument ${quoted(given)}`);
  }
}

function parseKeyType(cursor: ArgumentCursor): ErrorReply | undefined {
  const given = cursor.next();
  if (given === undefined) return missingArgument("ON");
  const keyType = given.toUpperCase();
  if (keyType === "HASH") return undefined;
  if (keyType === "JSON") {
    return new ErrorReply("ERR ON JSON is not supported yet: only HASH");
  }
  return new ErrorReply(`Invalid rule type: ${quoted(given).slice(1, -1)}`);
}
