/**
 * Integers of any width up to 64 bits: their values, and what becomes of sums that do not fit.
 */
import { INT64_MAX } from "../../base/int64.ts";

export type Overflow = "WRAP" | "SAT" | "FAIL";

export interface IntegerType {
  readonly isSigned: boolean;
  /** In bits. */
  readonly width: number;
}

/** The value that these bits mean. */
export function valueOfBits({ isSigned, width }: IntegerType, bits: bigint): bigint {
  return isSigned ? BigInt.asIntN(width, bits) : bits;
}

/** `value + by` in that type; undefined if it does not fit and is to fail then. */
export function addBounded(
  type: IntegerType,
  value: bigint,
  by: bigint,
  overflow: Overflow,
): bigint | undefined {
  const { isSigned, width } = type;
  const sum = value + by;
  const max = 2n ** BigInt(isSigned ? width - 1 : width) - 1n;
  const min = isSigned ? -max - 1n : 0n;
  const isOver = sum > max;
  if (!isOver && sum >= min) return sum;
  if (overflow === "FAIL") return undefined;
  if (overflow === "WRAP") {
    return isSigned ? BigInt.asIntN(width, sum) : BigInt.asUintN(width, sum);
  }
  return isOver ? max : min;
}

/**
 * The operand of SET in that type. An unsigned type takes it as 64 bits without a sign, so that a
 * negative one is too large, not too small. Those just above the least 64-bit integer are too large
 * for narrow signed types, too: Redis's difference to the type's maximum does not fit 64 bits.
 */
export function fitOperand(
  type: IntegerType,
  operand: bigint,
  overflow: Overflow,
): bigint | undefined {
  if (!type.isSigned) return addBounded(type, BigInt.asUintN(64, operand), 0n, overflow);
  const max = 2n ** BigInt(type.width - 1) - 1n;
  if (overflow === "SAT" && type.width < 64 && max - operand > INT64_MAX) return max;
  return addBounded(type, operand, 0n, overflow);
}
