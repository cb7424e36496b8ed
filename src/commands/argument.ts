/**
 * Short ways to declare a command's arguments (COMMAND DOCS, redis-cli's hints, the fuzzer).
 *
 * `optional(token("NX"))`, `multiple(key("key"))`, `oneOf("condition", token("NX"), token("XX"))`,
 * `withToken("EX", integer("seconds"))`, `block("data", string("field"), string("value"))`.
 */
import type { ArgumentDeclaration } from "./command.ts";

const plain =
  (type: ArgumentDeclaration["type"]) =>
  (name: string): ArgumentDeclaration => ({ name, type });

export const string = plain("string");
export const integer = plain("integer");
export const double = plain("double");
export const pattern = plain("pattern");
export const unixTime = plain("unix-time");

export function key(name = "key", keySpecificationIndex = 0): ArgumentDeclaration {
  return { name, type: "key", keySpecificationIndex };
}

/** A bare word: `NX`. Its name in COMMAND DOCS is the word in lower case. */
export function token(text: string): ArgumentDeclaration {
  return { name: text.toLowerCase(), type: "pure-token", token: text };
}

/** `EX seconds`. */
export function withToken(text: string, argument: ArgumentDeclaration): ArgumentDeclaration {
  return { ...argument, token: text };
}

export function optional(argument: ArgumentDeclaration): ArgumentDeclaration {
  return { ...argument, isOptional: true };
}

export function multiple(argument: ArgumentDeclaration): ArgumentDeclaration {
  return { ...argument, isMultiple: true };
}

export function oneOf(name: string, ...choices: ArgumentDeclaration[]): ArgumentDeclaration {
  return { name, type: "oneof", arguments: choices };
}

export function block(name: string, ...parts: ArgumentDeclaration[]): ArgumentDeclaration {
  return { name, type: "block", arguments: parts };
}

/** The argument came with a later version than its command. */
export function since(version: string, argument: ArgumentDeclaration): ArgumentDeclaration {
  return { ...argument, since: version };
}
