/**
 * Doubles as text, the way Redis 7.2 writes them in replies: integers as integers, all others with
 * few digits that read back the same (`grisu.ts`), small and large ones with an exponent.
 */
import { type Decimal, grisuDigits } from "./grisu.ts";

/** Up to here Redis writes an integer with all its digits. */
const INTEGER_MAX = 2 ** 62;
/** Otherwise it has an exponent, unless that would be below 4. */
const FRACTION_DIGITS_MAX = 6;
const TRAILING_ZEROS_MAX = 7;
const EXPONENT_MIN = 4;
const PRECISE_DIGITS = 17;
/** Odd multiples of 2^-18 are halfway between two numbers of 17 digits. */
const TIE_SCALE = 2 ** 18;

/** `3`, `0.1`, `1e+20`, `-0`, `inf`, `nan`. */
export function doubleText(value: number): string {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? "-0" : String(value);
  if (Number.isNaN(value)) return "nan";
  if (value === Number.POSITIVE_INFINITY) return "inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  if (Number.isInteger(value) && Math.abs(value) <= INTEGER_MAX) return String(BigInt(value));
  const magnitude = Math.abs(value);
  const text = shapedText(grisuDigits(magnitude) ?? shortestDigits(magnitude));
  return value < 0 ? `-${text}` : text;
}

/** C's `%.17g`: 17 digits, whether they are needed or not. ZSCAN has it. */
export function preciseText(value: number): string {
  if (!Number.isFinite(value) || value === 0) return doubleText(value);
  const [mantissa, exponentText] = value.toExponential(PRECISE_DIGITS - 1).split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < PRECISE_DIGITS) {
    return trimmed(value.toFixed(PRECISE_DIGITS - 1 - exponent));
  }
  const sign = exponent < 0 ? "-" : "+";
  return `${trimmed(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** C's `%.17Lf` of a double below 10^21, without zeros at its end: coordinates have it. */
export function humanText(value: number): string {
  const scaled = Math.abs(value) * TIE_SCALE;
  if (scaled % 2 === 1) return tieText(value < 0, scaled);
  const text = trimmed(value.toFixed(PRECISE_DIGITS));
  return text === "-0" ? "0" : text;
}

/** The last of 18 digits is a 5, which C rounds to even and JavaScript away from 0. */
function tieText(isNegative: boolean, scaled: number): string {
  const doubled = BigInt(scaled) * 5n ** BigInt(PRECISE_DIGITS);
  const below = doubled >> 1n;
  const units = String(below + (below & 1n)).padStart(PRECISE_DIGITS + 1, "0");
  const text = `${units.slice(0, -PRECISE_DIGITS)}.${units.slice(-PRECISE_DIGITS)}`;
  return trimmed(isNegative ? `-${text}` : text);
}

/** Without zeros at the end of a fraction. */
function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** Of the few that are subnormal. */
function shortestDigits(magnitude: number): Decimal {
  const [mantissa, exponent] = magnitude.toExponential().split("e");
  const digits = mantissa.replace(".", "");
  return { digits, power: Number(exponent) - digits.length + 1 };
}

function shapedText({ digits, power }: Decimal): string {
  const exponent = power + digits.length - 1;
  if (power >= 0 && exponent < digits.length + TRAILING_ZEROS_MAX) {
    return digits + "0".repeat(power);
  }
  if (power < 0 && (power >= -FRACTION_DIGITS_MAX || Math.abs(exponent) < EXPONENT_MIN)) {
    const pointAt = digits.length + power;
    if (pointAt <= 0) return `0.${"0".repeat(-pointAt)}${digits}`;
    return `${digits.slice(0, pointAt)}.${digits.slice(pointAt)}`;
  }
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  return `${digits[0]}${fraction}e${exponent < 0 ? "-" : "+"}${Math.abs(exponent)}`;
}
