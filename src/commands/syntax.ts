/**
 * A declared argument as people write it: `[EX seconds | PX milliseconds]`, `key [key ...]`.
 */
import type { ArgumentDeclaration } from "./command.ts";

export function argumentSyntax(argument: ArgumentDeclaration): string {
  const inner = innerSyntax(argument);
  const isTokenRepeated = argument.isMultipleToken === true && argument.token !== undefined;
  const token = argument.token ?? "";
  const once = token === "" || argument.type === "pure-token" ? inner : `${token} ${inner}`;
  let text = once;
  if (argument.isMultiple === true) {
    text = isTokenRepeated ? `${once} [${once} ...]` : `${once} [${inner} ...]`;
  }
  return argument.isOptional === true ? `[${text}]` : text;
}

function innerSyntax(argument: ArgumentDeclaration): string {
  const parts = argument.arguments ?? [];
  switch (argument.type) {
    case "oneof": {
      const choices = parts.map(argumentSyntax).join(" | ");
      return argument.isOptional === true ? choices : `<${choices}>`;
    }
    case "block":
      return parts.map(argumentSyntax).join(" ");
    case "pure-token":
      return argument.token === undefined || argument.token === "" ? '""' : argument.token;
    default:
      return argument.displayText ?? argument.name;
  }
}
