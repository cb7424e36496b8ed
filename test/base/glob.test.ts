/**
 * Redis's glob patterns, case by case, and against a slow but obvious matcher.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { globMatches } from "../../src/base/glob.ts";

const cases: readonly (readonly [pattern: string, text: string, isMatch: boolean])[] = [
  ["*", "", true],
  ["", "", true],
  ["", "a", false],
  ["a*c", "abc", true],
  ["a*c", "ac", true],
  ["a*c", "acb", false],
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["h[ae]llo", "hello", true],
  ["h[ae]llo", "hillo", false],
  ["h[^e]llo", "hallo", true],
  ["h[^e]llo", "hello", false],
  ["h[a-c]llo", "hbllo", true],
  ["h[c-a]llo", "hbllo", true],
  ["h\\*llo", "h*llo", true],
  ["h\\*llo", "hello", false],
  ["[\\]]", "]", true],
  ["[a", "a", true],
  ["[", "[", false],
  ["[]", "a", false],
  ["a\\", "a\\", true],
  ["**a**", "xax", true],
  ["*ab*ab*", "abxab", true],
  ["*ab*ab", "ababx", false],
  ["user:*", "user:1", true],
];

describe("globMatches", () => {
  it.each(cases)("%j on %j is %j", (pattern, text, isMatch) => {
    expect(globMatches(pattern, text)).toBe(isMatch);
  });

  it("agrees with a matcher that tries everything", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
    fc.assert(
      fc.property(letters, text, (pattern, subject) => {
        expect(globMatches(pattern, subject)).toBe(matchesSlowly(pattern, subject));
      }),
    );
  });
});

function matchesSlowly(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern[0] === "*") {
    if (matchesSlowly(pattern.slice(1), text)) return true;
    return text !== "" && matchesSlowly(pattern, text.slice(1));
  }
  if (text === "" || (pattern[0] !== "?" && pattern[0] !== text[0])) return false;
  return matchesSlowly(pattern.slice(1), text.slice(1));
}
