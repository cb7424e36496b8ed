/**
 * Query text → AST: words, phrases, groups, negation, alternatives. Clauses of one field are read
 * by `field-parser.ts`, vectors' by `vector-parser.ts`. Juxtaposition binds closer than `|`.
 *
 * Whatever is not understood is a QueryProblem that names the place.
 */
import type { ErrorReply } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import type { ParsedQuery, QueryNode, TextFields } from "./ast.ts";
import { numericClause, operatorClause, tagClause } from "./field-parser.ts";
import { orProblem, problemAt } from "./query-problem.ts";
import { QueryScanner } from "./scanner.ts";
import {
  nearestClause,
  plainAttributes,
  rangeClause,
  withRangeAttributes,
} from "./vector-parser.ts";

/** Punctuation that RediSearch passes over between words. */
const ignored = new Set(",./#^&+?'`!<>=");

export function parseQuery(text: string): ParsedQuery | ErrorReply {
  return orProblem(() => {
    if (text.length > limits.searchQueryBytesMax) {
      const reason = `the query is longer than ${limits.searchQueryBytesMax} bytes`;
      throw problemAt(text, limits.searchQueryBytesMax, reason);
    }
    return new QueryParser(new QueryScanner(text)).query();
  });
}

class QueryParser {
  readonly #scanner: QueryScanner;
  #depth: number;

  constructor(scanner: QueryScanner) {
    this.#scanner = scanner;
    this.#depth = 0;
  }

  query(): ParsedQuery {
    const scanner = this.#scanner;
    const root = scanner.peek() === "" ? null : this.#alternatives(null);
    const nearest = scanner.takes("=>") ? nearestClause(scanner) : undefined;
    if (scanner.peek() !== "") throw scanner.fail("unexpected here");
    return { text: scanner.text, root, nearest };
  }

  #alternatives(fields: TextFields): QueryNode {
    this.#depth += 1;
    if (this.#depth > limits.searchQueryDepthMax) {
      throw this.#scanner.fail(`nested deeper than ${limits.searchQueryDepthMax}`);
    }
    const children = [this.#sequence(fields)];
    while (this.#scanner.takes("|")) children.push(this.#sequence(fields));
    this.#depth -= 1;
    return children.length === 1 ? children[0] : { kind: "or", children };
  }

  #sequence(fields: TextFields): QueryNode {
    const children: QueryNode[] = [];
    for (;;) {
      const next = this.#scanner.peek();
      if (next === "" || next === "|" || next === ")") break;
      if (this.#scanner.isArrowBefore("[")) break;
      const isArrow = this.#scanner.text.startsWith("=>", this.#scanner.place);
      if (ignored.has(next) && !isArrow) {
        this.#scanner.place += 1;
        continue;
      }
      children.push(this.#signed(fields));
    }
    if (children.length === 0) throw this.#scanner.fail("expected a clause");
    return children.length === 1 ? children[0] : { kind: "and", children };
  }

  #signed(fields: TextFields): QueryNode {
    const scanner = this.#scanner;
    const isNot = scanner.takes("-");
    if (!isNot && !scanner.takes("~")) return this.#clause(fields);
    this.#depth += 1;
    if (this.#depth > limits.searchQueryDepthMax) {
      throw scanner.fail(`nested deeper than ${limits.searchQueryDepthMax}`);
    }
    scanner.countNode();
    const child = this.#signed(fields);
    this.#depth -= 1;
    return { kind: isNot ? "not" : "optional", child };
  }

  #clause(fields: TextFields): QueryNode {
    const scanner = this.#scanner;
    scanner.countNode();
    const node = this.#bareClause(fields);
    if (!scanner.isArrowBefore("{")) return node;
    // A range in parentheses is still the range.
    if (node.kind === "range") return withRangeAttributes(scanner, node);
    plainAttributes(scanner);
    return node;
  }

  #bareClause(fields: TextFields): QueryNode {
    const scanner = this.#scanner;
    const next = scanner.peek();
    const offset = scanner.place;
    if (scanner.takes("@")) return this.#fieldClause(offset);
    if (scanner.takes("(")) {
      const inner = this.#alternatives(fields);
      scanner.expect(")");
      return inner;
    }
    if (scanner.takes('"') || (fields !== null && scanner.takes("'"))) {
      const quote = scanner.text[scanner.place - 1];
      return { kind: "phrase", offset, fields, text: scanner.rawQuoted(quote) };
    }
    if ((next === "{" || next === "[") && fields !== null) {
      return this.#bracketClause(fields, offset);
    }
    if (next === "*") {
      scanner.place += 1;
      const after = scanner.text[scanner.place] ?? " ";
      if (fields !== null || !" )|=\t\n\r".includes(after)) {
        throw scanner.fail("words by their end or middle are not supported", offset);
      }
      return { kind: "all" };
    }
    if (scanner.takesWord("ISMISSING") && scanner.takes("(")) {
      scanner.expect("@");
      const field = scanner.name("a field's name");
      scanner.expect(")");
      return { kind: "missing", offset, field };
    }
    scanner.place = offset;
    return this.#word(fields, offset);
  }

  #fieldClause(offset: number): QueryNode {
    const scanner = this.#scanner;
    const fields = [scanner.name("a field's name")];
    while (scanner.takes("|")) {
      scanner.takes("@");
      fields.push(scanner.name("a field's name"));
    }
    if (fields.length === 1) {
      const comparison = operatorClause(scanner, fields[0], offset);
      if (comparison !== undefined) return comparison;
    }
    scanner.expect(":");
    const next = scanner.peek();
    if (next === "{" || next === "[") return this.#bracketClause(fields, offset);
    if (next === "-" || next === "~") return this.#signed(fields);
    return this.#bareClause(fields);
  }

  #bracketClause(fields: readonly string[], offset: number): QueryNode {
    const scanner = this.#scanner;
    if (fields.length !== 1) throw scanner.fail("expected one field before it");
    if (scanner.takes("{")) return tagClause(scanner, fields[0], offset);
    scanner.expect("[");
    if (scanner.takesWord("VECTOR_RANGE")) return rangeClause(scanner, fields[0], offset);
    return numericClause(scanner, fields[0], offset);
  }

  #word(fields: TextFields, offset: number): QueryNode {
    const scanner = this.#scanner;
    const parameter = scanner.parameter();
    const raw = parameter === undefined ? scanner.rawWord() : "";
    if (parameter === undefined && raw === "") {
      const reason = scanner.peek() === "%" ? "fuzzy words are not supported" : "unexpected here";
      throw scanner.fail(reason, offset);
    }
    if (raw.toLowerCase() === "w" && scanner.text[scanner.place] === "'") {
      throw scanner.fail("wildcards are not supported", offset);
    }
    const isPrefix = scanner.text[scanner.place] === "*";
    if (isPrefix) scanner.place += 1;
    return {
      kind: "word",
      offset,
      fields,
      value: parameter ?? { kind: "text", text: raw },
      isPrefix,
    };
  }
}
