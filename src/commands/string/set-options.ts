/**
 * The options of SET and GETEX, which Redis reads with one function: what excludes what, what may
 * come twice. The expiry's value is looked at later, so that a syntax error comes first.
 */
import type { Bytes } from "../../base/bytes.ts";
import { type ErrorReply, errors } from "../../base/errors.ts";
import { optionName } from "../context.ts";
import { type ExpiryUnit, isExpiryUnit } from "../expiry-argument.ts";

export interface SetOptions {
  condition: "NX" | "XX" | undefined;
  isGet: boolean;
  isKeepTtl: boolean;
  isPersist: boolean;
  expiryUnit: ExpiryUnit | undefined;
  expiryArgument: Bytes;
}

export function noOptions(): SetOptions {
  return {
    condition: undefined,
    isGet: false,
    isKeepTtl: false,
    isPersist: false,
    expiryUnit: undefined,
    expiryArgument: "",
  };
}

export function parseSetOptions(
  args: readonly Bytes[],
  firstAt: number,
  isGetex: boolean,
): SetOptions | ErrorReply {
  const options = noOptions();
  for (let index = firstAt; index < args.length; index += 1) {
    const name = optionName(args[index]);
    if (isExpiryUnit(name)) {
      if (index + 1 >= args.length || !allowsExpiry(options, name)) return errors.syntax;
      index += 1;
      options.expiryUnit = name;
      options.expiryArgument = args[index];
    } else if (isGetex) {
      if (name !== "PERSIST" || options.expiryUnit !== undefined) return errors.syntax;
      options.isPersist = true;
    } else if (!readWord(options, name)) return errors.syntax;
  }
  return options;
}

/** The same unit may come again, and then the last one counts. */
function allowsExpiry(options: SetOptions, unit: ExpiryUnit): boolean {
  if (options.isKeepTtl || options.isPersist) return false;
  return options.expiryUnit === undefined || options.expiryUnit === unit;
}

function readWord(options: SetOptions, name: string): boolean {
  if (name === "NX" || name === "XX") {
    if (options.condition !== undefined && options.condition !== name) return false;
    options.condition = name;
    return true;
  }
  if (name === "GET") {
    options.isGet = true;
    return true;
  }
  if (name !== "KEEPTTL" || options.expiryUnit !== undefined) return false;
  options.isKeepTtl = true;
  return true;
}
