/**
 * A double's decimal digits as Redis has them: by Grisu2 (Florian Loitsch, "Printing
 * Floating-Point Numbers Quickly and Accurately with Integers", 2010).
 *
 * They always read back the same, and in all but one case of a thousand they are the shortest that
 * do. JavaScript's are the shortest in every case, which is why we cannot take those: clients
 * compare texts. 64-bit integers are pairs of 32 bits here; with bigint it took ten times as long.
 */

export interface Decimal {
  /** Without zeros in front. */
  readonly digits: string;
  /** The value is the digits times ten to this power. */
  readonly power: number;
}

const WORD = 2 ** 32;
const HALF_WORD = 2 ** 16;
/** Of a double: the bits of its fraction, and what its exponent is off for an integer fraction. */
const FRACTION_HIGH_MASK = 0xfffff;
const HIDDEN_HIGH = 0x100000;
const EXPONENT_BIAS = 1075;
/** Powers of ten that are kept: from here on, in such steps, with 64 bits each. */
const FIRST_POWER = -348;
const POWER_STEP = 8;
const POWER_COUNT = 87;
/** Where a product with one of them has its point: so many bits from the right. */
const POINT_BITS_MAX = 60;
const POINT_BITS_MIN = 32;
const LOG10_OF_2 = 0.30102999566398114;

interface Power {
  readonly high: number;
  readonly low: number;
  readonly exponent: number;
}

const doubles = new Float64Array(1);
const words = new Uint32Array(doubles.buffer);
const product = { high: 0, low: 0 };
let powers: readonly Power[] | undefined;

/** Of a normal positive double; what is subnormal gives undefined. */
export function grisuDigits(value: number): Decimal | undefined {
  doubles[0] = value;
  const exponentBits = words[1] >>> 20;
  if (exponentBits === 0) return undefined;
  const high = (words[1] & FRACTION_HIGH_MASK) | HIDDEN_HIGH;
  const low = words[0];
  // Eleven bits further left the fraction fills 64; half a step up and down is then 1024.
  const exponent = exponentBits - EXPONENT_BIAS - 11;
  const scaledHigh = (high << 11) | (low >>> 21);
  const scaledLow = low << 11;
  const isLowest = low === 0 && high === HIDDEN_HIGH;
  const index = powerIndex(exponent);
  const power = powersOfTen()[index];
  multiply(scaledHigh >>> 0, scaledLow >>> 0, power);
  const middleHigh = product.high;
  const middleLow = product.low;
  const upperLow = (scaledLow >>> 0) + 1024;
  multiply((scaledHigh >>> 0) + (upperLow >= WORD ? 1 : 0), upperLow >>> 0, power);
  // One less, for what rounding may have added.
  const upper = decremented(product.high, product.low);
  const lowerLow = (scaledLow >>> 0) - (isLowest ? 512 : 1024);
  multiply((scaledHigh >>> 0) - (lowerLow < 0 ? 1 : 0), lowerLow >>> 0, power);
  const { high: upperHigh, low: upperWord } = upper;
  const toMiddle = (upperHigh - middleHigh) * WORD + (upperWord - middleLow);
  const toLower = (upperHigh - product.high) * WORD + (upperWord - product.low) - 1;
  const pointBits = -(exponent + power.exponent + 64);
  const tens = -(FIRST_POWER + index * POWER_STEP);
  return digitsOf(upperHigh, upperWord, pointBits, toMiddle, toLower, tens);
}

/**
 * The fewest digits that take the upper end to somewhere in the interval, and of those with as many
 * the ones nearest to the middle.
 */
function digitsOf(
  upperHigh: number,
  upperLow: number,
  pointBits: number,
  toMiddle: number,
  toLower: number,
  tens: number,
): Decimal {
  const unit = 2 ** (pointBits - 32);
  let whole = Math.floor(upperHigh / unit);
  let high = upperHigh % unit;
  let low = upperLow;
  let digits = "";
  for (let divisor = 1e9, left = 9; left >= 0; divisor /= 10, left -= 1) {
    const digit = Math.floor(whole / divisor);
    if (digit !== 0 || digits !== "") digits += digit;
    whole -= digit * divisor;
    if (whole === 0 && high * WORD + low <= toLower) return { digits, power: tens + left };
  }
  let reach = toLower;
  let scale = 1;
  for (let power = tens - 1; ; power -= 1) {
    const tenfold = low * 10;
    low = tenfold % WORD;
    high = high * 10 + Math.floor(tenfold / WORD);
    reach *= 10;
    scale *= 10;
    const digit = Math.floor(high / unit);
    high %= unit;
    const rest = high * WORD + low;
    if (rest >= reach) {
      if (digit !== 0 || digits !== "") digits += digit;
      continue;
    }
    const down = stepsDown(rest, unit * WORD, reach, toMiddle * scale);
    return { digits: digits + (digit - down), power };
  }
}

/** How often the last digit gets nearer to the middle by one less. */
function stepsDown(rest: number, step: number, reach: number, middle: number): number {
  let steps = 0;
  let at = rest;
  while (at < middle && reach - at >= step) {
    if (at + step >= middle && middle - at <= at + step - middle) break;
    at += step;
    steps += 1;
  }
  return steps;
}

/** Of the power that brings the point to where a product has it. */
function powerIndex(exponent: number): number {
  const kept = powersOfTen();
  const guess = Math.trunc(-(exponent + POWER_COUNT) * LOG10_OF_2);
  let index = Math.trunc((guess - FIRST_POWER) / POWER_STEP);
  for (;;) {
    const point = -(exponent + kept[index].exponent + 64);
    if (point > POINT_BITS_MAX) index += 1;
    else if (point < POINT_BITS_MIN) index -= 1;
    else return index;
  }
}

/** The upper 64 bits of the product, rounded. */
function multiply(high: number, low: number, power: Power): void {
  const crossed = lowWord(high, power.low) + lowWord(low, power.high) + highWord(low, power.low);
  const carried = Math.floor((crossed + WORD / 2) / WORD);
  const sum =
    lowWord(high, power.high) + highWord(high, power.low) + highWord(low, power.high) + carried;
  product.low = sum % WORD;
  product.high = highWord(high, power.high) + Math.floor(sum / WORD);
}

function lowWord(left: number, right: number): number {
  return Math.imul(left, right) >>> 0;
}

function highWord(left: number, right: number): number {
  const lower = Math.floor(((left & 0xffff) * right) / HALF_WORD);
  return Math.floor(((left >>> 16) * right + lower) / HALF_WORD);
}

function decremented(high: number, low: number): { high: number; low: number } {
  return low === 0 ? { high: high - 1, low: WORD - 1 } : { high, low: low - 1 };
}

function powersOfTen(): readonly Power[] {
  powers ??= Array.from({ length: POWER_COUNT }, (_, index) =>
    powerOfTen(FIRST_POWER + index * POWER_STEP),
  );
  return powers;
}

/** Rounded to 64 bits, the highest of which is set. */
function powerOfTen(power: number): Power {
  const exact = 10n ** BigInt(Math.abs(power));
  // More bits than are kept, so that one rounding is all that happens.
  const shift = power < 0 ? exact.toString(2).length + 127 : 0;
  const value = power < 0 ? (1n << BigInt(shift)) / exact : exact;
  const excess = value.toString(2).length - 64;
  const rounded =
    excess > 0 ? (value + (1n << BigInt(excess - 1))) >> BigInt(excess) : value << BigInt(-excess);
  return {
    high: Number(rounded >> 32n),
    low: Number(rounded & 0xffffffffn),
    exponent: excess - shift,
  };
}
