/**
 * PARAMS: values by name, as binary strings or Buffers, and how operands read them.
 */
import { type Bytes, toBinaryString, toBuffer } from "../../base/bytes.ts";
import type { Operand } from "./ast.ts";
import { printable, QueryProblem } from "./query-problem.ts";

export type Parameters = ReadonlyMap<string, Bytes>;

const numberText = /^[+-]?(?:inf|infinity|\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)$/i;

function bytesOf(operand: Operand, parameters: Parameters): Bytes {
  if (operand.kind === "text") return operand.text;
  const value = parameters.get(operand.name);
  if (value === undefined) {
    throw new QueryProblem(`No such parameter \`${printable(operand.name)}\``);
  }
  return value;
}

export function textOf(operand: Operand, parameters: Parameters): string {
  return toBinaryString(bytesOf(operand, parameters));
}

export function bufferOf(operand: Operand, parameters: Parameters): Buffer {
  return toBuffer(bytesOf(operand, parameters));
}

export function numberOf(operand: Operand, parameters: Parameters, what: string): number {
  const text = textOf(operand, parameters);
  if (!numberText.test(text)) {
    const shown = printable(text.slice(0, 64));
    throw new QueryProblem(`Invalid numeric value (${shown}) for ${what}`);
  }
  const magnitude = text.replace(/^[+-]/, "");
  const value = /^inf/i.test(magnitude) ? Number.POSITIVE_INFINITY : Number(magnitude);
  return text.startsWith("-") ? -value : value;
}

export function integerOf(
  operand: Operand,
  parameters: Parameters,
  what: string,
  max: number,
): number {
  const value = numberOf(operand, parameters, what);
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new QueryProblem(`Invalid value for ${what}: expected an integer from 0 to ${max}`);
  }
  return value;
}
