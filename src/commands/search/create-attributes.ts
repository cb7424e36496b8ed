/**
 * The attributes of FT.CREATE, after SCHEMA: `identifier [AS alias] type options`.
 *
 * RediSearch wants a type's options before SORTABLE and NOINDEX; here they come in any order.
 */
import { ErrorReply } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { parseNumber } from "../../search/attribute-numeric.ts";
import type { AttributeDeclaration } from "../../search/schema.ts";
import { type ArgumentCursor, notConvertible, quoted } from "./argument-cursor.ts";
import { parseVectorParameters } from "./create-vector.ts";

export function parseAttributes(
  cursor: ArgumentCursor,
): readonly AttributeDeclaration[] | ErrorReply {
  if (cursor.left === 0) return new ErrorReply("Fields arguments are missing");
  const attributes: AttributeDeclaration[] = [];
  const aliases = new Set<string>();
  while (cursor.left > 0) {
    if (attributes.length >= limits.searchAttributesMax) {
      return new ErrorReply(`Schema is limited to ${limits.searchAttributesMax} fields`);
    }
    const attribute = parseAttribute(cursor);
    if (attribute instanceof ErrorReply) return attribute;
    if (aliases.has(attribute.alias)) {
      const alias = quoted(attribute.alias).slice(1, -1);
      return new ErrorReply(`Duplicate field in schema - ${alias}`);
    }
    aliases.add(attribute.alias);
    attributes.push(attribute);
  }
  return attributes;
}

function parseAttribute(cursor: ArgumentCursor): AttributeDeclaration | ErrorReply {
  const identifier = cursor.next() ?? "";
  let alias = identifier;
  if (cursor.takes("AS")) {
    const given = cursor.next();
    if (given === undefined) return new ErrorReply("AS requires an argument");
    alias = given;
  }
  const type = cursor.next();
  if (type === undefined) {
    return new ErrorReply(`Field ${quoted(alias)} does not have a type`);
  }
  switch (type.toUpperCase()) {
    case "TAG":
      return parseTag(cursor, identifier, alias);
    case "NUMERIC":
      return parseNumeric(cursor, identifier, alias);
    case "TEXT":
      return parseText(cursor, identifier, alias);
    case "VECTOR":
      return parseVector(cursor, identifier, alias);
    case "GEO":
    case "GEOSHAPE":
      return new ErrorReply(`ERR ${type.toUpperCase()} attributes are not supported yet`);
    default:
      return new ErrorReply(`Invalid field type for field ${quoted(alias)}`);
  }
}

/** What every type but VECTOR may have. */
class CommonFlags {
  isSortable = false;
  isUnnormalized = false;
  isNotIndexed = false;
  isMissingIndexed = false;

  /** Whether the next argument was one of them. */
  take(cursor: ArgumentCursor): boolean {
    if (cursor.takes("SORTABLE")) {
      this.isSortable = true;
      if (cursor.takes("UNF")) this.isUnnormalized = true;
      return true;
    }
    if (cursor.takes("NOINDEX")) {
      this.isNotIndexed = true;
      return true;
    }
    return this.takeMissing(cursor);
  }

  takeMissing(cursor: ArgumentCursor): boolean {
    if (!cursor.takes("INDEXMISSING")) return false;
    this.isMissingIndexed = true;
    return true;
  }
}

function parseTag(
  cursor: ArgumentCursor,
  identifier: string,
  alias: string,
): AttributeDeclaration | ErrorReply {
  const common = new CommonFlags();
  let separator = ",";
  let isCaseSensitive = false;
  let isSuffixTrie = false;
  let isEmptyIndexed = false;
  for (;;) {
    if (cursor.takes("SEPARATOR")) {
      const given = cursor.next();
      if (given === undefined) return new ErrorReply("SEPARATOR requires an argument");
      if (given.length !== 1) {
        const text = `Tag separator must be a single character. Got ${quoted(given)}`;
        return new ErrorReply(text);
      }
      separator = given;
    } else if (cursor.takes("CASESENSITIVE")) isCaseSensitive = true;
    else if (cursor.takes("WITHSUFFIXTRIE")) isSuffixTrie = true;
    else if (cursor.takes("INDEXEMPTY")) isEmptyIndexed = true;
    else if (!common.take(cursor)) break;
  }
  return {
    type: "TAG",
    identifier,
    alias,
    ...common,
    separator,
    isCaseSensitive,
    isSuffixTrie,
    isEmptyIndexed,
  };
}

function parseNumeric(
  cursor: ArgumentCursor,
  identifier: string,
  alias: string,
): AttributeDeclaration {
  const common = new CommonFlags();
  while (common.take(cursor));
  // Numbers have no other form than their own, which RediSearch reports as UNF.
  if (common.isSortable) common.isUnnormalized = true;
  return { type: "NUMERIC", identifier, alias, ...common };
}

function parseText(
  cursor: ArgumentCursor,
  identifier: string,
  alias: string,
): AttributeDeclaration | ErrorReply {
  const common = new CommonFlags();
  let weight = 1;
  let isStemmed = true;
  let isSuffixTrie = false;
  let isEmptyIndexed = false;
  for (;;) {
    if (cursor.takes("WEIGHT")) {
      weight = parseNumber(cursor.next() ?? "");
      if (Number.isNaN(weight)) return notConvertible("weight");
    } else if (cursor.takes("NOSTEM")) isStemmed = false;
    else if (cursor.takes("WITHSUFFIXTRIE")) isSuffixTrie = true;
    else if (cursor.takes("INDEXEMPTY")) isEmptyIndexed = true;
    else if (cursor.takes("PHONETIC")) {
      return new ErrorReply("ERR PHONETIC is not supported yet: words are matched exactly");
    } else if (!common.take(cursor)) break;
  }
  return {
    type: "TEXT",
    identifier,
    alias,
    ...common,
    weight,
    isStemmed,
    isSuffixTrie,
    isEmptyIndexed,
  };
}

function parseVector(
  cursor: ArgumentCursor,
  identifier: string,
  alias: string,
): AttributeDeclaration | ErrorReply {
  const parameters = parseVectorParameters(cursor);
  if (parameters instanceof ErrorReply) return parameters;
  const common = new CommonFlags();
  while (common.takeMissing(cursor));
  return { type: "VECTOR", identifier, alias, ...common, parameters };
}
