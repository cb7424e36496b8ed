/**
 * Walks the text of a query. What a byte means depends on where it stands (a `-` in a tag is the
 * tag's, before a word it negates), so the parser asks for what it expects next.
 */
import { limits } from "../../base/limits.ts";
import { isWordSeparator } from "../tokenize.ts";
import type { Operand } from "./ast.ts";
import { knownProblemAt, problemAt, type QueryProblem } from "./query-problem.ts";

const numberText = /[+-]?(?:inf|\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)/iy;
const nameEnds = new Set(' \t\n\r\v\f,:|(){}[]"*~=<>!$@;');
const blanks = new Set(" \t\n\r\v\f");

export class QueryScanner {
  readonly text: string;
  place: number;
  #nodeCount: number;

  constructor(text: string) {
    this.text = text;
    this.place = 0;
    this.#nodeCount = 0;
  }

  fail(reason: string, offset = this.place): QueryProblem {
    return problemAt(this.text, offset, reason);
  }

  failParameters(reason: string, offset: number): QueryProblem {
    const known = `Error parsing vector similarity parameters: ${reason}`;
    return knownProblemAt(this.text, offset, known);
  }

  failKnown(known: string, offset: number): QueryProblem {
    return knownProblemAt(this.text, offset, known);
  }

  /** Every node of the tree is counted here, so that none can be forgotten. */
  countNode(): void {
    this.#nodeCount += 1;
    if (this.#nodeCount > limits.searchQueryNodesMax) {
      throw this.fail(`more than ${limits.searchQueryNodesMax} clauses`);
    }
  }

  skipBlanks(): void {
    while (this.place < this.text.length && blanks.has(this.text[this.place])) this.place += 1;
  }

  get isAtEnd(): boolean {
    return this.place >= this.text.length;
  }

  /** The next character, after blanks; empty at the end. */
  peek(): string {
    this.skipBlanks();
    return this.isAtEnd ? "" : this.text[this.place];
  }

  takes(mark: string): boolean {
    this.skipBlanks();
    if (!this.text.startsWith(mark, this.place)) return false;
    this.place += mark.length;
    return true;
  }

  expect(mark: string): void {
    if (!this.takes(mark)) throw this.fail(`expected \`${mark}\``);
  }

  /** Takes the keyword, in any letter case, if a whole word of it comes next. */
  takesWord(upperCase: string): boolean {
    this.skipBlanks();
    const end = this.place + upperCase.length;
    if (this.text.slice(this.place, end).toUpperCase() !== upperCase) return false;
    if (end < this.text.length && /\w/.test(this.text[end])) return false;
    this.place = end;
    return true;
  }

  /** Whether `=>` and then this bracket come next; takes nothing. */
  isArrowBefore(bracket: string): boolean {
    const start = this.place;
    const isThere = this.takes("=>") && this.peek() === bracket;
    this.place = start;
    return isThere;
  }

  /** A field, parameter or alias: anything but blanks and punctuation, with escapes. */
  name(what: string): string {
    let name = "";
    while (this.place < this.text.length) {
      const character = this.text[this.place];
      if (character === "\\" && this.place + 1 < this.text.length) {
        name += this.text[this.place + 1];
        this.place += 2;
        continue;
      }
      if (nameEnds.has(character)) break;
      name += character;
      this.place += 1;
    }
    if (name === "") throw this.fail(`expected ${what}`);
    return name;
  }

  parameter(): Operand | undefined {
    if (!this.takes("$")) return undefined;
    return { kind: "parameter", name: this.name("a parameter's name") };
  }

  numberOperand(what: string): Operand {
    const parameter = this.parameter();
    if (parameter !== undefined) return parameter;
    this.skipBlanks();
    numberText.lastIndex = this.place;
    const found = numberText.exec(this.text);
    const end = this.place + (found?.[0].length ?? 0);
    if (found === null || (end < this.text.length && /[\w.]/.test(this.text[end]))) {
      throw this.fail(`expected ${what}`);
    }
    this.place = end;
    return { kind: "text", text: found[0] };
  }

  /** Takes the `-` of `-$name`. */
  takesSignOfParameter(): boolean {
    this.skipBlanks();
    if (!this.text.startsWith("-$", this.place)) return false;
    this.place += 1;
    return true;
  }

  countOperand(what: string): Operand {
    const parameter = this.parameter();
    if (parameter !== undefined) return parameter;
    const start = this.place;
    this.skipBlanks();
    const operand = this.numberOperand(what);
    if (operand.kind === "text" && /^\d+$/.test(operand.text)) return operand;
    throw this.fail(`expected ${what}`, start);
  }

  /** One word as the tokenizer cuts it, escapes still in; empty if none starts here. */
  rawWord(): string {
    const start = this.place;
    while (this.place < this.text.length) {
      if (this.text[this.place] === "\\" && this.place + 1 < this.text.length) this.place += 2;
      else if (isWordSeparator(this.text.charCodeAt(this.place))) break;
      else this.place += 1;
    }
    return this.text.slice(start, this.place);
  }

  /** What stands up to the closing quote, escapes still in; the opening quote was taken. */
  rawQuoted(quote: string): string {
    const start = this.place;
    while (this.place < this.text.length) {
      const character = this.text[this.place];
      if (character === "\\") this.place += 2;
      else if (character === quote) {
        this.place += 1;
        return this.text.slice(start, this.place - 1);
      } else this.place += 1;
    }
    throw this.fail("the quote is not closed", start - 1);
  }
}

export function withoutEscapes(raw: string): string {
  if (!raw.includes("\\")) return raw;
  let plain = "";
  for (let place = 0; place < raw.length; place += 1) {
    if (raw[place] === "\\" && place + 1 < raw.length) place += 1;
    plain += raw[place];
  }
  return plain;
}
