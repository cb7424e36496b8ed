/**
 * Redis's glob patterns over binary strings: `*`, `?`, `[a-z]`, `[^a]`, `\x`.
 *
 * Only the last `*` is ever gone back to, so the time is at most pattern times text, and a limit on
 * steps keeps even that short; a pattern that reaches the limit does not match.
 */
import { limits } from "./limits.ts";

const STAR = 42;
const QUESTION = 63;
const OPEN = 91;
const CLOSE = 93;
const CARET = 94;
const DASH = 45;
const BACKSLASH = 92;

export function globMatches(pattern: string, text: string): boolean {
  let at = 0;
  let textAt = 0;
  let starAt = -1;
  let starTextAt = 0;
  let starCount = 0;
  for (let steps = 0; steps < limits.globPatternStepsMax; steps += 1) {
    const code = at < pattern.length ? pattern.charCodeAt(at) : -1;
    if (code === STAR) {
      while (pattern.charCodeAt(at) === STAR) at += 1;
      if (at === pattern.length) return true;
      starCount += 1;
      if (starCount > limits.globStarsMax) return false;
      starAt = at;
      starTextAt = textAt;
      continue;
    }
    if (textAt === text.length && code === -1) return true;
    const next = textAt < text.length && code !== -1 ? matchOne(pattern, at, text, textAt) : -1;
    if (next !== -1) {
      at = next;
      textAt += 1;
    } else if (starAt !== -1 && starTextAt < text.length) {
      starTextAt += 1;
      textAt = starTextAt;
      at = starAt;
    } else return false;
  }
  return false;
}

/** Where the pattern goes on after it matched one character; -1 if it does not match. */
function matchOne(pattern: string, at: number, text: string, textAt: number): number {
  const code = pattern.charCodeAt(at);
  const wanted = text.charCodeAt(textAt);
  if (code === QUESTION) return at + 1;
  if (code === OPEN) return matchClass(pattern, at + 1, wanted);
  const isEscaped = code === BACKSLASH && at + 1 < pattern.length;
  const literal = isEscaped ? pattern.charCodeAt(at + 1) : code;
  if (literal !== wanted) return -1;
  return at + (isEscaped ? 2 : 1);
}

/** A class that is never closed ends with the pattern, as in Redis. */
function matchClass(pattern: string, at: number, wanted: number): number {
  const isNegated = pattern.charCodeAt(at) === CARET;
  if (isNegated) at += 1;
  let isFound = false;
  while (at < pattern.length && pattern.charCodeAt(at) !== CLOSE) {
    let code = pattern.charCodeAt(at);
    if (code === BACKSLASH && at + 1 < pattern.length) {
      if (pattern.charCodeAt(at + 1) === wanted) isFound = true;
      at += 2;
    } else if (at + 2 < pattern.length && pattern.charCodeAt(at + 1) === DASH) {
      let end = pattern.charCodeAt(at + 2);
      if (code > end) [code, end] = [end, code];
      if (wanted >= code && wanted <= end) isFound = true;
      at += 3;
    } else {
      if (code === wanted) isFound = true;
      at += 1;
    }
  }
  if (isFound === isNegated) return -1;
  return Math.min(at + 1, pattern.length);
}
