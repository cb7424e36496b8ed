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

/** `problem` makes RediSearch's text of what cannot be read as a number. */
export function numberOf(
  operand: Operand,
  parameters: Parameters,
  problem: (shown: string) => string,
): number {
  const text = textOf(operand, parameters);
  if (!numberText.test(text)) throw new QueryProblem(problem(printable(text.slice(0, 64))));
  const magnitude = text.replace(/^[+-]/, "");
  const value = /^inf/i.test(magnitude) ? Number.POSITIVE_INFINITY : Number(magnitude);
  return text.startsWith("-") ? -value : value;
}

/** A count: digits only, within the bounds. */
export function integerOf(
  operand: Operand,
  parameters: Parameters,
  max: number,
  what: string,
): number {
  const text = textOf(operand, parameters);
  if (!/^\d{1,15}$/.test(text)) {
    const shown = printable(text.slice(0, 64));
    const where = operand.kind === "parameter" ? `parameter \`${printable(operand.name)}\`` : what;
    throw new QueryProblem(`Invalid numeric value (${shown}) for ${where}`);
  }
  const value = Number(text);
  if (value <= max) return value;
  throw new QueryProblem(
    `Error parsing vector similarity query: query ${what} exceeds maximum of ${max}`,
  );
}
