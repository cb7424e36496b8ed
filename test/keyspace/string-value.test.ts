/**
 * Strings written in place: the same bytes as a plain model, whatever was looked at and kept; what
 * was handed out never changes; and the accounted size depends on the writes alone.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBinaryString } from "../../src/base/bytes.ts";
import { StringValue } from "../../src/keyspace/string-value.ts";

interface Step {
  readonly kind: "overwrite" | "append" | "splice" | "keep" | "look";
  readonly place: number;
  readonly count: number;
  readonly text: string;
}

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom("\0", "a", "\xff"), maxLength: 12 }),
  fc.integer({ min: 500, max: 1500 }).map((byteCount) => "l".repeat(byteCount)),
);
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("overwrite", "append", "splice", "keep", "look"),
  place: fc.nat(3000),
  count: fc.nat(600),
  text,
});

/** What the step makes of the text. */
function modelled(model: string, { kind, place, count, text: more }: Step): string {
  if (kind === "append") return model + more;
  if (kind === "overwrite") {
    return model.slice(0, place).padEnd(place, "\0") + more + model.slice(place + more.length);
  }
  if (kind !== "splice") return model;
  const offset = Math.min(place, model.length);
  return model.slice(0, offset) + more + model.slice(offset + count);
}

function perform(string: StringValue, { kind, place, count, text: more }: Step): void {
  if (kind === "append") string.overwrite(string.length, more);
  if (kind === "overwrite") string.overwrite(place, more);
  if (kind !== "splice") return;
  const offset = Math.min(place, string.length);
  string.splice(offset, Math.min(count, string.length - offset), more);
}

describe("a long string", () => {
  it("is its model, and leaves alone what it handed out", () => {
    const first = "x".repeat(700);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const given = Buffer.from(first, "latin1");
        const string = new StringValue(given);
        const unseen = new StringValue(Buffer.from(first, "latin1"));
        const kept = [{ bytes: given as string | Buffer, expected: first }];
        let model = first;
        for (const one of steps) {
          perform(string, one);
          perform(unseen, one);
          model = modelled(model, one);
          expect(string.length).toBe(model.length);
          if (one.kind === "keep") kept.push({ bytes: string.bytes, expected: model });
          if (one.kind === "look") expect(toBinaryString(string.borrowed)).toBe(model);
        }
        expect(toBinaryString(string.borrowed)).toBe(model);
        for (const { bytes, expected } of kept) expect(toBinaryString(bytes)).toBe(expected);
        expect(string.costBytes).toBe(unseen.costBytes);
      }),
      { numRuns: 500 },
    );
  });

  it("is written where it lies, once it was copied", () => {
    const string = new StringValue(Buffer.alloc(5000, "a"));
    string.overwrite(0, "b");
    const memory = string.borrowed;
    for (let place = 0; place < 5000; place += 1) string.overwrite(place, "c");
    expect(string.borrowed).toBe(memory);
    expect(toBinaryString(memory)).toBe("c".repeat(5000));
    expect(string.bytes).toBe(memory);
    string.overwrite(0, "d");
    expect(string.borrowed).not.toBe(memory);
    expect(toBinaryString(memory)).toBe("c".repeat(5000));
  });

  it("moves each byte a few times at most while it grows", () => {
    const string = new StringValue(Buffer.alloc(600, "a"));
    let moves = 0;
    let cost = string.costBytes;
    for (let end = 600; end < 64 * 1024 * 1024; end += 1000) {
      string.overwrite(end, "b");
      if (string.costBytes !== cost) moves += 1;
      cost = string.costBytes;
    }
    expect(moves).toBeLessThan(60);
    expect(cost).toBeLessThan(string.length * 1.2);
  });
});
