/**
 * Reads TypeScript just far enough for the rules: `maskText` blanks comments, strings, templates
 * and regular expressions (same length, same lines), so that what is left is code; `findImports`
 * and `findFunctions` look at that. TypeScript 7 offers no parser to JavaScript; this is not one
 * either: it relies on the formatter for spacing, and rules that it cannot decide are left to the
 * linter.
 */

export interface FoundImport {
  readonly specifier: string;
  /** Erased when the program runs. */
  readonly isTypeOnly: boolean;
  /** `export … from`. */
  readonly isReExport: boolean;
  readonly line: number;
}

export interface FoundFunction {
  readonly line: number;
  readonly lineCount: number;
}

const wordsBeforeRegex = /(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void|delete|await)$/;

class Masker {
  readonly #text: string;
  readonly #kept: string[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#kept = text.split("");
  }

  mask(): string {
    this.#code(false);
    return this.#kept.join("");
  }

  /** Up to the end, or to the brace that ends a template's placeholder. */
  #code(isPlaceholder: boolean): void {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at];
      const two = this.#text.slice(this.#at, this.#at + 2);
      if (two === "//") this.#blankUntil("\n", false);
      else if (two === "/*") this.#blankUntil("*/", true);
      else if (character === '"' || character === "'") this.#quoted(character);
      else if (character === "`") this.#template();
      else if (character === "/" && this.#startsRegex()) this.#regex();
      else {
        if (character === "{") depth += 1;
        if (character === "}") {
          if (isPlaceholder && depth === 0) return;
          depth -= 1;
        }
        this.#at += 1;
      }
    }
  }

  #blank(count: number): void {
    for (let left = count; left > 0 && this.#at < this.#text.length; left -= 1) {
      if (this.#text[this.#at] !== "\n") this.#kept[this.#at] = " ";
      this.#at += 1;
    }
  }

  #blankUntil(end: string, isIncluded: boolean): void {
    const found = this.#text.indexOf(end, this.#at + 2);
    const stop = found < 0 ? this.#text.length : found + (isIncluded ? end.length : 0);
    this.#blank(stop - this.#at);
  }

  /** Quotes stay, so that a rule still sees that a string stands there. */
  #quoted(quote: string): void {
    this.#at += 1;
    while (this.#at < this.#text.length && this.#text[this.#at] !== quote) {
      this.#blank(this.#text[this.#at] === "\\" ? 2 : 1);
    }
    this.#at += 1;
  }

  #template(): void {
    this.#at += 1;
    while (this.#at < this.#text.length && this.#text[this.#at] !== "`") {
      if (this.#text.startsWith("${", this.#at)) {
        this.#at += 2;
        this.#code(true);
        this.#at += 1;
      } else {
        this.#blank(this.#text[this.#at] === "\\" ? 2 : 1);
      }
    }
    this.#at += 1;
  }

  #startsRegex(): boolean {
    const before = this.#kept
      .slice(Math.max(0, this.#at - 200), this.#at)
      .join("")
      .trimEnd();
    return before === "" || /[(,=:[!&|?{};+*%<>~^-]$/.test(before) || wordsBeforeRegex.test(before);
  }

  #regex(): void {
    this.#blank(1);
    let isInClass = false;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at];
      if (character === "\n") return;
      if (character === "[") isInClass = true;
      if (character === "]") isInClass = false;
      this.#blank(character === "\\" ? 2 : 1);
      if (character === "/" && !isInClass) return;
    }
  }
}

export function maskText(text: string): string {
  return new Masker(text).mask();
}

export function lineAt(text: string, at: number): number {
  let line = 1;
  for (let index = text.indexOf("\n"); index >= 0 && index < at; line += 1) {
    index = text.indexOf("\n", index + 1);
  }
  return line;
}

/** `code` is the masked text of the same file. */
export function findImports(text: string, code: string): FoundImport[] {
  const found: FoundImport[] = [];
  const statements = /^(import|export)\b([^;"']*?)(?:\bfrom\s*)?(["'])/gm;
  for (const match of code.matchAll(statements)) {
    const [whole, keyword, clause, quote] = match;
    const isFrom = /\bfrom\s*["']$/.test(whole);
    if (!isFrom && (keyword === "export" || clause.trim() !== "")) continue;
    const start = match.index + whole.length;
    const specifier = text.slice(start, text.indexOf(quote, start));
    const names = clause
      .replace(/[{}]/g, "")
      .split(",")
      .map((name) => name.trim());
    const isEachType = clause.includes("{") && names.every((name) => /^type\s|^$/.test(name));
    found.push({
      specifier,
      isTypeOnly: /^\s*type\s/.test(clause) || isEachType,
      isReExport: keyword === "export",
      line: lineAt(text, match.index),
    });
  }
  for (const match of code.matchAll(/\bimport\(\s*(["'])/g)) {
    const start = match.index + match[0].length;
    const specifier = text.slice(start, text.indexOf(match[1], start));
    found.push({
      specifier,
      isTypeOnly: false,
      isReExport: false,
      line: lineAt(text, match.index),
    });
  }
  return found;
}

const closing = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
  ["<", ">"],
]);

/** The index after the bracket that closes the one at `open`. */
function afterBalanced(code: string, open: number): number {
  const opener = code[open];
  const closer = closing.get(opener);
  let depth = 0;
  for (let at = open; at < code.length; at += 1) {
    if (code[at] === opener) depth += 1;
    else if (code[at] === closer && code[at - 1] !== "=") depth -= 1;
    if (depth === 0) return at + 1;
  }
  return code.length;
}

function skipSpace(code: string, from: number): number {
  let at = from;
  while (at < code.length && /\s/.test(code[at])) at += 1;
  return at;
}

/** The `{` of the body whose parameters end before `from`; -1 where no function body comes. */
function bodyAfter(code: string, from: number): number {
  let at = skipSpace(code, from);
  if (code[at] === ":") {
    let isTypeExpected = true;
    at = skipSpace(code, at + 1);
    while (at < code.length && (isTypeExpected || code[at] !== "{")) {
      if (/[;,)\]}]/.test(code[at]) || (code.startsWith("=>", at) && !isTypeExpected)) break;
      const opensType = /[{([<]/.test(code[at]);
      if (!/[\w$.]/.test(code[at])) isTypeExpected = /[|&?:]/.test(code[at]);
      else isTypeExpected = /\b(?:is|readonly|extends|keyof)$/.test(code.slice(at - 9, at + 1));
      at = skipSpace(code, opensType ? afterBalanced(code, at) : at + 1);
    }
  }
  if (code.startsWith("=>", at)) at = skipSpace(code, at + 2);
  return code[at] === "{" ? at : -1;
}

/** Functions, methods and arrows that have a body in braces. */
export function findFunctions(code: string): FoundFunction[] {
  const found: FoundFunction[] = [];
  for (let open = code.indexOf("("); open >= 0; open = code.indexOf("(", open + 1)) {
    const before = code.slice(Math.max(0, open - 20), open).trimEnd();
    if (/\b(?:if|for|while|switch|catch|with|await)$/.test(before)) continue;
    const body = bodyAfter(code, afterBalanced(code, open));
    if (body < 0) continue;
    const line = lineAt(code, open);
    found.push({ line, lineCount: lineAt(code, afterBalanced(code, body) - 1) - line + 1 });
  }
  return found;
}
