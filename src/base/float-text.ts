/**
 * Doubles as text, the way Redis writes them in replies.
 */

/** Shortest digits that read back the same (`%.17g` trimmed): `3`, `0.1`, `1e+21`, `inf`, `nan`. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (value === Number.POSITIVE_INFINITY) return "inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  if (Object.is(value, -0)) return "-0";
  return String(value);
}
