/**
 * Scores as Redis writes them into its small forms: decimal text, or an infinity.
 */
import { type Bytes, toBinaryString } from "../base/bytes.ts";

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
/** The longest that C's `%.17g` makes has 24. */
const TEXT_BYTES_MAX = 128;

/** NaN for what is no score. */
export function scoreOf(bytes: Bytes): number {
  if (bytes.length > TEXT_BYTES_MAX) return Number.NaN;
  const text = toBinaryString(bytes);
  if (DECIMAL.test(text)) return Number(text);
  const infinite = INFINITE.exec(text);
  if (infinite === null) return Number.NaN;
  return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
