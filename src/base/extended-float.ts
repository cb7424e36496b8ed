/**
 * The x87's extended double (64 bits of mantissa), in which Redis adds INCRBYFLOAT's numbers.
 *
 * Clients see its rounding: 0.1 + 0.2 is 0.3 there, not 0.30000000000000004. A value is
 * `mantissa * 2^exponent`, exact in bigint; text is read as an exact decimal, rounded once to 64
 * bits (to even); results print as C's `%.17Lf` without trailing zeros.
 */
import { limits } from "./limits.ts";

export interface ExtendedFloat {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const MANTISSA_BITS = 64;
const FRACTION_DIGITS = 17;
const EXPONENT_MAX = 16384;
const DECIMAL_EXPONENT_MAX = 4932;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/** `infinite` for inf and what overflows, undefined for what is not a number. */
export function parseExtended(text: string): ExtendedFloat | "infinite" | undefined {
  if (text.length === 0 || text.length > limits.floatTextBytesMax) return undefined;
  if (/^[+-]?inf(?:inity)?$/i.test(text)) return "infinite";
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const whole = match[2];
  const fraction = match[3] ?? "";
  if (whole === "" && fraction === "") return undefined;
  const exponent = Number(match[4] ?? "0");
  if (Math.abs(exponent) > DECIMAL_EXPONENT_MAX) return undefined;
  const digits = BigInt(whole + fraction);
  const signed = match[1] === "-" ? -digits : digits;
  const power = exponent - fraction.length;
  const value =
    power >= 0
      ? round({ mantissa: signed * 10n ** BigInt(power), exponent: 0 })
      : divide(signed, 10n ** BigInt(-power));
  return isInfinite(value) ? "infinite" : value;
}

export function addExtended(left: ExtendedFloat, right: ExtendedFloat): ExtendedFloat | "infinite" {
  const exponent = Math.min(left.exponent, right.exponent);
  const mantissa =
    (left.mantissa << BigInt(left.exponent - exponent)) +
    (right.mantissa << BigInt(right.exponent - exponent));
  const sum = round({ mantissa, exponent });
  return isInfinite(sum) ? "infinite" : sum;
}

/** `%.17Lf`, without trailing zeros and a bare point; `-0` is `0`. */
export function extendedText(value: ExtendedFloat): string {
  const isNegative = value.mantissa < 0n;
  const magnitude = isNegative ? -value.mantissa : value.mantissa;
  const scaled = magnitude * 10n ** BigInt(FRACTION_DIGITS);
  const units =
    value.exponent >= 0
      ? scaled << BigInt(value.exponent)
      : roundedShift(scaled, BigInt(-value.exponent));
  const digits = units.toString().padStart(FRACTION_DIGITS + 1, "0");
  const whole = digits.slice(0, -FRACTION_DIGITS);
  const fraction = digits.slice(-FRACTION_DIGITS).replace(/0+$/, "");
  const text = fraction === "" ? whole : `${whole}.${fraction}`;
  return isNegative && text !== "0" ? `-${text}` : text;
}

function isInfinite(value: ExtendedFloat): boolean {
  return value.exponent + MANTISSA_BITS > EXPONENT_MAX;
}

function bitCount(magnitude: bigint): number {
  return magnitude === 0n ? 0 : magnitude.toString(2).length;
}

function round(value: ExtendedFloat): ExtendedFloat {
  const isNegative = value.mantissa < 0n;
  const magnitude = isNegative ? -value.mantissa : value.mantissa;
  const excess = bitCount(magnitude) - MANTISSA_BITS;
  if (excess <= 0) return value;
  const rounded = roundedShift(magnitude, BigInt(excess));
  return { mantissa: isNegative ? -rounded : rounded, exponent: value.exponent + excess };
}

/** `numerator / denominator`, to 64 bits; a sticky bit keeps halves honest. */
function divide(numerator: bigint, denominator: bigint): ExtendedFloat {
  if (numerator === 0n) return { mantissa: 0n, exponent: 0 };
  const isNegative = numerator < 0n;
  const magnitude = isNegative ? -numerator : numerator;
  const shift = Math.max(0, bitCount(denominator) - bitCount(magnitude) + MANTISSA_BITS + 2);
  const scaled = magnitude << BigInt(shift);
  const quotient = scaled / denominator;
  const isExact = quotient * denominator === scaled;
  const sticky = (quotient << 1n) | (isExact ? 0n : 1n);
  return round({ mantissa: isNegative ? -sticky : sticky, exponent: -shift - 1 });
}

/** Shifts right, to nearest, halves to even. */
function roundedShift(magnitude: bigint, bits: bigint): bigint {
  if (bits <= 0n) return magnitude << -bits;
  const kept = magnitude >> bits;
  const rest = magnitude - (kept << bits);
  const half = 1n << (bits - 1n);
  if (rest > half || (rest === half && (kept & 1n) === 1n)) return kept + 1n;
  return kept;
}
