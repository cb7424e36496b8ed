/**
 * Texts of parameters → canonical texts, or what is wrong with them.
 */
import type { Parameter } from "./parameters.ts";

const UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ["k", 1000],
  ["kb", 1024],
  ["m", 1000 ** 2],
  ["mb", 1024 ** 2],
  ["g", 1000 ** 3],
  ["gb", 1024 ** 3],
]);
const INTEGER = /^-?\d{1,16}$/;
const SIZE = /^(\d{1,16})([a-z]{0,2})$/;

export type ParsedValue = { readonly text: string } | { readonly problem: string };

export function parseParameterValue(parameter: Parameter, given: string): ParsedValue {
  const { type } = parameter;
  const reason = parameter.refused?.get(given.toLowerCase());
  if (reason !== undefined) return { problem: reason };
  if (type.kind === "text") {
    const problem = type.problemOf?.(given);
    return problem === undefined ? { text: given } : { problem };
  }
  if (type.kind === "choice") {
    const chosen = given.toLowerCase();
    if (type.choices.includes(chosen)) return { text: chosen };
    return { problem: `argument(s) must be one of the following: ${type.choices.join(", ")}` };
  }
  const value = type.kind === "size" ? sizeOf(given) : integerOf(given);
  if (value === undefined) {
    const what = type.kind === "size" ? "a memory value" : "an integer";
    return { problem: `argument must be ${what}` };
  }
  if (value < type.min || value > type.max) {
    return { problem: `argument must be between ${type.min} and ${type.max} inclusive` };
  }
  return { text: String(value) };
}

function integerOf(given: string): number | undefined {
  return INTEGER.test(given) ? Number(given) : undefined;
}

function sizeOf(given: string): number | undefined {
  const match = SIZE.exec(given.toLowerCase());
  if (match === null) return undefined;
  const unit = UNITS.get(match[2]);
  return unit === undefined ? undefined : Number(match[1]) * unit;
}
