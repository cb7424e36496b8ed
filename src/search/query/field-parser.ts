/**
 * Clauses of one field: `{tag | other*}`, `[1 (5]`, `==5`. The field was read, and the bracket
 * taken.
 */
import type { Bound, Operand, QueryNode, TagValue } from "./ast.ts";
import { type QueryScanner, withoutEscapes } from "./scanner.ts";

const unbounded = {
  min: { value: { kind: "text", text: "-inf" }, isExclusive: false, isNegated: false },
  max: { value: { kind: "text", text: "+inf" }, isExclusive: false, isNegated: false },
} as const;

export function tagClause(scanner: QueryScanner, field: string, offset: number): QueryNode {
  const values: TagValue[] = [];
  do {
    if (values.length > 0) scanner.countNode();
    values.push(tagValue(scanner));
  } while (scanner.takes("|"));
  scanner.expect("}");
  return { kind: "tag", offset, field, values };
}

function tagValue(scanner: QueryScanner): TagValue {
  const parameter = scanner.parameter();
  if (parameter !== undefined) {
    return { value: parameter, isPrefix: takesStar(scanner) };
  }
  const quote = scanner.peek();
  if (quote === '"' || quote === "'") {
    scanner.place += 1;
    const text = withoutEscapes(scanner.rawQuoted(quote));
    return { value: { kind: "text", text }, isPrefix: takesStar(scanner) };
  }
  const start = scanner.place;
  let end = start;
  while (!scanner.isAtEnd) {
    const character = scanner.text[scanner.place];
    if (character === "|" || character === "}" || character === "*") break;
    if (character === "{") throw scanner.fail("a brace in a tag needs a backslash");
    scanner.place += character === "\\" ? 2 : 1;
    if (character !== " ") end = Math.min(scanner.place, scanner.text.length);
  }
  const text = withoutEscapes(scanner.text.slice(start, end));
  if (text === "" && scanner.peek() === "*") {
    throw scanner.fail("tags by their end or middle are not supported");
  }
  if (text === "") throw scanner.fail("expected a tag");
  const isPrefix = takesStar(scanner);
  const next = scanner.peek();
  if (next !== "|" && next !== "}") throw scanner.fail("expected `|` or `}`");
  return { value: { kind: "text", text }, isPrefix };
}

function takesStar(scanner: QueryScanner): boolean {
  if (scanner.text[scanner.place] !== "*") return false;
  scanner.place += 1;
  return true;
}

export function numericClause(scanner: QueryScanner, field: string, offset: number): QueryNode {
  const min = bound(scanner);
  scanner.takes(",");
  const max = scanner.peek() === "]" ? { ...min } : bound(scanner);
  scanner.expect("]");
  return { kind: "numeric", offset, field, min, max };
}

function bound(scanner: QueryScanner): Bound {
  const isExclusive = scanner.takes("(");
  const isNegated = scanner.takesSignOfParameter();
  return { isExclusive, isNegated, value: scanner.numberOperand("a number") };
}

/** `@n==5` and its kin; undefined where no operator comes next. */
export function operatorClause(
  scanner: QueryScanner,
  field: string,
  offset: number,
): QueryNode | undefined {
  for (const operator of ["==", "!=", ">=", "<=", ">", "<"]) {
    if (!scanner.takes(operator)) continue;
    const isNegated = scanner.takesSignOfParameter();
    const value: Operand = scanner.numberOperand("a number");
    const isExclusive = operator === ">" || operator === "<";
    const here: Bound = { value, isExclusive, isNegated };
    const isUpper = operator.startsWith("<");
    const isLower = operator.startsWith(">");
    const node: QueryNode = {
      kind: "numeric",
      offset,
      field,
      min: isUpper ? unbounded.min : here,
      max: isLower ? unbounded.max : here,
    };
    return operator === "!=" ? { kind: "not", child: node } : node;
  }
  return undefined;
}
