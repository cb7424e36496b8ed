/**
 * The order that SORT gives to elements: by numbers or by bytes, their own or those that a pattern
 * finds. Equal numbers stand in the order of the elements' bytes, as in Redis.
 */
import { type Bytes, compareBytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import type { CommandContext } from "../context.ts";
import type { SortOptions } from "./sort-options.ts";
import { SortPattern } from "./sort-pattern.ts";

const notADouble = new ErrorReply("ERR One or more scores can't be converted into double");
/** What C's strtod reads to its end, without hexadecimals; NaN is refused. */
const DOUBLE = /^[\t-\r ]*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?)$/i;
const HAS_NONZERO = /^[^e]*[1-9]/i;
/** As many as any number holds exactly. */
const DIGITS_MAX = 15;
const LEAST_NORMAL = 2 ** -1022;

/** Which element stands where: indexes into `elements`. */
export function sortedIndexes(
  context: CommandContext,
  elements: readonly Bytes[],
  options: SortOptions,
): Uint32Array | ErrorReply {
  const pattern = options.by === undefined ? undefined : new SortPattern(options.by);
  const indexes = new Uint32Array(elements.length);
  for (let index = 0; index < indexes.length; index += 1) indexes[index] = index;
  const sign = options.isDescending ? -1 : 1;
  if (options.isAlphabetic) {
    if (pattern === undefined) {
      return indexes.sort((left, right) => sign * compareBytes(elements[left], elements[right]));
    }
    const weights = elements.map((element) => pattern.valueFor(context, element));
    return indexes.sort((left, right) => sign * compareWeights(weights[left], weights[right]));
  }
  const scores = new Float64Array(elements.length);
  for (let index = 0; index < scores.length; index += 1) {
    const element = elements[index];
    const text = pattern === undefined ? element : pattern.valueFor(context, element);
    if (text === undefined) continue;
    const score = scoreOf(text);
    if (score === undefined) return notADouble;
    scores[index] = score;
  }
  const quick = integerOrder(scores, elements);
  if (quick !== undefined) return options.isDescending ? quick.reverse() : quick;
  return indexes.sort((left, right) => {
    const one = scores[left];
    const other = scores[right];
    if (one !== other) return one < other ? -sign : sign;
    return sign * compareBytes(elements[left], elements[right]);
  });
}

/**
 * The ascending order of integers, undefined if they are none. Each is sorted together with its
 * index in one double, natively: a comparison out of JavaScript costs ten times as much.
 */
function integerOrder(scores: Float64Array, elements: readonly Bytes[]): Uint32Array | undefined {
  const count = scores.length;
  const scoreMax = Math.floor(Number.MAX_SAFE_INTEGER / count) - 1;
  const joined = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    const score = scores[index];
    if (!Number.isInteger(score) || Math.abs(score) > scoreMax) return undefined;
    joined[index] = score * count + index;
  }
  joined.sort();
  const order = new Uint32Array(count);
  for (let place = 0; place < count; place += 1) {
    const rest = joined[place] % count;
    order[place] = rest < 0 ? rest + count : rest;
  }
  for (let start = 0; start < count; ) {
    let end = start + 1;
    while (end < count && scores[order[end]] === scores[order[start]]) end += 1;
    if (end - start > 1) {
      const equal = order.subarray(start, end);
      equal.sort((left, right) => compareBytes(elements[left], elements[right]));
    }
    start = end;
  }
  return order;
}

/** What is missing comes first. */
function compareWeights(left: Bytes | undefined, right: Bytes | undefined): number {
  if (left === undefined) return right === undefined ? 0 : -1;
  return right === undefined ? 1 : compareBytes(left, right);
}

/** Nothing at all counts as 0, as it does in C; what a double cannot hold is no number. */
function scoreOf(bytes: Bytes): number | undefined {
  if (bytes.length === 0) return 0;
  if (bytes.length > limits.floatTextBytesMax) return undefined;
  const text = toBinaryString(bytes);
  const digits = digitsOf(text);
  if (digits >= 0) return digits;
  if (!DOUBLE.test(text)) return undefined;
  const infinite = /inf/i.test(text);
  if (infinite) return text.includes("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const score = Number(text);
  if (!Number.isFinite(score)) return undefined;
  return Math.abs(score) < LEAST_NORMAL && HAS_NONZERO.test(text) ? undefined : score;
}

/** The value of what is digits alone, and few; below 0 for all else. */
function digitsOf(text: string): number {
  if (text.length > DIGITS_MAX) return -1;
  let value = 0;
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
