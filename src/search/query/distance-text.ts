/**
 * Numbers as RediSearch prints them: distances as `%.12g` of the float32 value, sort keys as
 * `%.17g`.
 */

const DISTANCE_DIGITS = 12;
const PRECISE_DIGITS = 17;

export function distanceText(value: number): string {
  return significantText(value, DISTANCE_DIGITS);
}

export function preciseText(value: number): string {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  return significantText(value, PRECISE_DIGITS);
}

function significantText(value: number, digitCount: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [digits, exponentText] = value.toExponential(digitCount - 1).split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < digitCount) {
    return withoutTrailingZeros(value.toFixed(digitCount - 1 - exponent));
  }
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${withoutTrailingZeros(digits)}e${exponent < 0 ? "-" : "+"}${size}`;
}

function withoutTrailingZeros(text: string): string {
  if (!text.includes(".")) return text;
  let end = text.length;
  while (text[end - 1] === "0") end -= 1;
  if (text[end - 1] === ".") end -= 1;
  return text.slice(0, end);
}
