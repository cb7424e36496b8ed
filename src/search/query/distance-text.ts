/**
 * Numbers as RediSearch prints them: distances as `%.12g` of the float32 value, sort keys as
 * `%.17g`.
 *
 * A reply has a distance for each document, and JavaScript's own conversions take a microsecond, so
 * values of the usual size are multiplied up to an integer of twelve digits, which is cut in four.
 */

const DISTANCE_DIGITS = 12;
const PRECISE_DIGITS = 17;

export function distanceText(value: number): string {
  return plainText(value) ?? significantText(value, DISTANCE_DIGITS);
}

export function preciseText(value: number): string {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  return significantText(value, PRECISE_DIGITS);
}

const triples = Array.from({ length: 1000 }, (_, value) => String(value).padStart(3, "0"));
const powers = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);
/** The product is off by less than a part of this, so on which side of a half it is, is sure. */
const NEAR_HALF = 1 / 1024;
const ZERO = 48;

/** undefined where the long way is needed: unusual sizes, and what is near the half of a digit. */
function plainText(value: number): string | undefined {
  if (!(value >= 1e-4 && value < 1e4)) return undefined;
  let exponent = value >= 1 ? 3 : -1;
  while (value < (exponent < 0 ? 1 / powers[-exponent] : powers[exponent])) exponent -= 1;
  const scaled = value * powers[DISTANCE_DIGITS - 1 - exponent];
  const whole = Math.floor(scaled);
  const rest = scaled - whole - 0.5;
  if (rest > -NEAR_HALF && rest < NEAR_HALF) return undefined;
  const rounded = rest > 0 ? whole + 1 : whole;
  if (rounded < 1e11 || rounded >= 1e12) return undefined;
  const upper = Math.floor(rounded / 1e6);
  const lower = rounded - upper * 1e6;
  const middle = (upper / 1000) | 0;
  const last = (lower / 1000) | 0;
  const digits =
    triples[middle] + triples[upper - middle * 1000] + triples[last] + triples[lower - last * 1000];
  const point = exponent + 1;
  let end = DISTANCE_DIGITS;
  while (end > Math.max(point, 1) && digits.charCodeAt(end - 1) === ZERO) end -= 1;
  if (point <= 0) return `0.${"000".slice(0, -point)}${digits.slice(0, end)}`;
  if (end === point) return digits.slice(0, end);
  return `${digits.slice(0, point)}.${digits.slice(point, end)}`;
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
