/**
 * Walks the arguments of an FT command, with RediSearch's words for what is wrong with one.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";

const integerText = /^[+-]?\d{1,15}$/;

export class ArgumentCursor {
  readonly #args: readonly Bytes[];
  #place: number;

  constructor(args: readonly Bytes[], first: number) {
    this.#args = args;
    this.#place = first;
  }

  get left(): number {
    return this.#args.length - this.#place;
  }

  /** Of the next argument, the command's name being 0. */
  get place(): number {
    return this.#place;
  }

  /** The next argument as a binary string; undefined at the end. */
  next(): string | undefined {
    if (this.left === 0) return undefined;
    const text = toBinaryString(this.#args[this.#place]);
    this.#place += 1;
    return text;
  }

  /** Passes over an argument without a copy of it as text. */
  skip(): void {
    this.#place += 1;
  }

  /** The next argument as it came, for values that may be long. */
  nextBytes(): Bytes | undefined {
    if (this.left === 0) return undefined;
    const bytes = this.#args[this.#place];
    this.#place += 1;
    return bytes;
  }

  peek(): string | undefined {
    return this.left === 0 ? undefined : toBinaryString(this.#args[this.#place]);
  }

  /** Takes the word (given in upper case) if it comes next, in any letter case. */
  takes(word: string): boolean {
    if (this.left === 0 || this.#args[this.#place].length !== word.length) return false;
    if (toBinaryString(this.#args[this.#place]).toUpperCase() !== word) return false;
    this.#place += 1;
    return true;
  }

  /** The next argument in upper case, for words in any letter case. */
  nextWord(subject: string): string | ErrorReply {
    return this.next()?.toUpperCase() ?? missingArgument(subject);
  }

  nextText(subject: string): string | ErrorReply {
    return this.next() ?? missingArgument(subject);
  }

  nextInteger(subject: string, min: number, max: number): number | ErrorReply {
    const text = this.next();
    if (text === undefined) return missingArgument(subject);
    if (!integerText.test(text)) return notConvertible(subject);
    const value = Number(text);
    return value < min || value > max ? outsideBounds(subject) : value;
  }

  /** A count, and as many arguments after it. */
  nextList(subject: string): string[] | ErrorReply {
    const count = this.nextInteger(subject, 0, Number.MAX_SAFE_INTEGER);
    if (count instanceof ErrorReply) return count;
    if (count > this.left) return missingArgument(subject);
    const values: string[] = [];
    for (let taken = 0; taken < count; taken += 1) values.push(this.next() ?? "");
    return values;
  }
}

export function missingArgument(subject: string): ErrorReply {
  return new ErrorReply(`Bad arguments for ${subject}: Expected an argument, but none provided`);
}

export function notConvertible(subject: string): ErrorReply {
  return new ErrorReply(
    `Bad arguments for ${subject}: Could not convert argument to expected type`,
  );
}

export function outsideBounds(subject: string): ErrorReply {
  return new ErrorReply(`Bad arguments for ${subject}: Value is outside acceptable bounds`);
}

export function unknownChoice(subject: string): ErrorReply {
  return new ErrorReply(`Bad arguments for ${subject}: Unknown argument`);
}

/** Part of an argument for an error line: printable, and not endless. */
export function quoted(argument: string): string {
  const short = argument.length > 128 ? `${argument.slice(0, 128)}...` : argument;
  return `\`${short.replace(/[^\x20-\x7e]/g, "?")}\``;
}
