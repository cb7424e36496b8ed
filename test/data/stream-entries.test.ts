/**
 * The entries of a stream against a plain sorted array, and a block's bytes against those that
 * Redis 7.2 writes into its RDB.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, toBinaryString, toBuffer } from "../../src/base/bytes.ts";
import { blockOf, frozenPack } from "../../src/data/stream-block.ts";
import { isStreamBlock } from "../../src/data/stream-block-check.ts";
import { StreamEntries } from "../../src/data/stream-entries.ts";
import {
  ID_MAX,
  ID_MIN,
  idOf,
  idOfWide,
  idText,
  nextId,
  previousId,
  type StreamId,
} from "../../src/data/stream-id.ts";

interface Entry {
  readonly id: StreamId;
  readonly pairs: readonly string[];
}

const half = fc.oneof(
  fc.nat({ max: 5 }).map(BigInt),
  fc.constantFrom(
    2n ** 32n - 1n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 63n,
    2n ** 64n - 1n,
  ),
);
const anyId = fc.tuple(half, half).map(([ms, sequence]) => idOfWide(ms, sequence));
const text = fc.oneof(
  fc.constantFrom("", "a", "field", "12", "-1", "9223372036854775807", "\x00\xff", "x".repeat(64)),
  fc.constantFrom("y".repeat(513), "z".repeat(5000)),
);
const pairs = fc.oneof(
  fc.constantFrom(["f", "v"], ["f", "w"], ["f", "1", "g", "2"], ["f", "1", "g", "3"]),
  fc.array(text, { minLength: 2, maxLength: 6 }).map((parts) => parts.slice(0, parts.length & ~1)),
);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("add" as const),
      id: anyId,
      pairs,
      isNew: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("next" as const),
      by: fc.nat({ max: 200 }),
      pairs,
      isNew: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("delete" as const), at: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("trim" as const),
      blocks: fc.nat({ max: 2 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
);

const bytesOf = (parts: readonly string[]): Bytes[] =>
  parts.map((part) => (part.length > 512 ? Buffer.from(part, "latin1") : part));

function range(
  entries: StreamEntries,
  start: StreamId,
  end: StreamId,
  isBackwards: boolean,
): Entry[] {
  const found: Entry[] = [];
  const visitor = (reader: { id(): StreamId; text(): string; pairs(): Bytes[] }): boolean => {
    expect(reader.text()).toBe(idText(reader.id()));
    found.push({ id: reader.id(), pairs: reader.pairs().map(toBinaryString) });
    return true;
  };
  if (isBackwards) entries.visitBackwards(start, end, visitor);
  else entries.visit(start, end, visitor);
  return found;
}

function expectSame(
  entries: StreamEntries,
  model: readonly Entry[],
  bounds: readonly StreamId[],
): void {
  expect(entries.length).toBe(model.length);
  expect(range(entries, ID_MIN, ID_MAX, false)).toEqual(model);
  expect(range(entries, ID_MIN, ID_MAX, true)).toEqual(model.toReversed());
  expect(entries.firstId()).toBe(model[0]?.id ?? ID_MIN);
  expect(entries.lastId()).toBe(model.at(-1)?.id ?? ID_MIN);
  for (const start of bounds) {
    const found = entries.find(start);
    expect(found?.id()).toBe(model.find(({ id }) => id === start)?.id);
    for (const end of bounds) {
      const wanted = model.filter(({ id }) => id >= start && id <= end);
      expect(range(entries, start, end, false)).toEqual(wanted);
      expect(range(entries, start, end, true)).toEqual(wanted.toReversed());
    }
  }
  const copy = new StreamEntries();
  for (const block of entries.blocks) {
    const pack = frozenPack(block);
    expect(isStreamBlock(pack)).toBe(true);
    copy.addBlock(blockOf(block.id, pack));
  }
  expect(copy.heldBytes).toBe(entries.heldBytes);
  expect(range(copy, ID_MIN, ID_MAX, false)).toEqual(model);
}

describe("the entries of a stream", () => {
  it("are those of a sorted array, whatever is done", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.array(anyId, { maxLength: 3 }),
        (steps, bounds) => {
          const entries = new StreamEntries();
          let model: Entry[] = [];
          let last = ID_MIN;
          for (const done of steps) {
            if (done.do === "delete") {
              const index = model.length === 0 ? 0 : done.at % model.length;
              expect(entries.delete(model[index]?.id ?? ID_MAX)).toBe(model.length > 0);
              model = model.toSpliced(index, 1);
              continue;
            }
            if (done.do === "trim") {
              const counts = Array.from(entries.blocks, (block) => block.liveCount);
              const blockCount = Math.min(done.blocks, counts.length);
              const entryCount = Math.floor((counts[blockCount] ?? 0) * done.share);
              entries.trim(blockCount, entryCount);
              const whole = counts.slice(0, blockCount).reduce((sum, count) => sum + count, 0);
              model = model.slice(whole + entryCount);
              continue;
            }
            let id = done.do === "add" ? done.id : (nextId(last) ?? ID_MAX);
            if (done.do === "next")
              for (let left = done.by; left > 0; left -= 1) id = nextId(id) ?? id;
            if (id <= last) continue;
            entries.append(id, bytesOf(done.pairs), done.isNew);
            model.push({ id, pairs: done.pairs });
            last = id;
          }
          const near = model.length === 0 ? [] : [model[model.length >>> 1].id];
          expectSame(entries, model, [...bounds, ...near, ID_MIN]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("are found among many blocks, while they go from both ends and from the middle", () => {
    const entries = new StreamEntries();
    const ids = Array.from({ length: 3000 }, (_, index) => idOf(1000 + index * 2, index % 3));
    for (const id of ids) entries.append(id, ["f", "v"], true);
    expect(entries.blocks.count).toBe(3000);
    for (let index = 0; index < 3000; index += 7) expect(entries.delete(ids[index])).toBe(true);
    entries.trim(1000, 0);
    const left = ids.filter((_, index) => index % 7 !== 0).slice(1000);
    expect(range(entries, ID_MIN, ID_MAX, false).map(({ id }) => id)).toEqual(left);
    expect(range(entries, ID_MIN, ID_MAX, true).map(({ id }) => id)).toEqual(left.toReversed());
    for (const id of left) expect(entries.find(id)?.id()).toBe(id);
    entries.trim(entries.blocks.count, 0);
    expect([entries.length, entries.heldBytes, entries.blocks.count]).toEqual([0, 0, 0]);
    entries.append(idOf(9000, 0), ["f", "v"], false);
    expect(entries.length).toBe(1);
  });

  it("may be larger than a block, each", () => {
    const entries = new StreamEntries();
    const long = Buffer.alloc(3_000_000, "l");
    entries.append(idOf(1, 0), ["f", long], false);
    entries.append(idOf(2, 0), ["f", long.subarray(0, 16_370)], false);
    entries.append(idOf(3, 0), ["g", "short"], false);
    const found = range(entries, ID_MIN, ID_MAX, true).map(({ pairs: parts }) => parts[1].length);
    expect(found).toEqual([5, 16_370, 3_000_000]);
  });

  it("keep their fields and values when what they came from changes", () => {
    const entries = new StreamEntries();
    const value = Buffer.alloc(600, "a");
    entries.append(idOf(1, 0), ["f", value], false);
    value.fill("b");
    const read = range(entries, ID_MIN, ID_MAX, false)[0].pairs[1];
    for (let ms = 2; ms < 50; ms += 1) entries.append(idOf(ms, 0), ["f", value], false);
    expect(read).toBe("a".repeat(600));
  });
});

describe("a block of a stream", () => {
  // XADD 5-1 f v g 12, 5-7 f w g 300, 6-0 h w, 2^64-1-3 f abc g -1, then XDEL 6-0: DUMP's listpack.
  const dumped =
    "520000001f000301010102018166028167020001020100010001817602 0c01 0501 0201 0001 0601 817702 c12c02" +
    "0501 0101 0101 dfff02 0101 816802 817702 0601 0201 dffa02 0201 8361626304 dfff02 0501 ff";

  it("has Redis's bytes", () => {
    const entries = new StreamEntries();
    entries.append(idOf(5, 1), ["f", "v", "g", "12"], true);
    entries.append(idOf(5, 7), ["f", "w", "g", "300"], false);
    entries.append(idOf(6, 0), ["h", "w"], false);
    entries.append(idOfWide(2n ** 64n - 1n, 3n), ["f", "abc", "g", "-1"], false);
    entries.delete(idOf(6, 0));
    const bytes = Array.from(entries.blocks, (block) =>
      toBuffer(frozenPack(block)).toString("hex"),
    );
    expect(bytes).toEqual([dumped.replaceAll(" ", "")]);
  });

  it("is told from what is none", () => {
    const whole = Buffer.from(dumped.replaceAll(" ", ""), "hex");
    expect(isStreamBlock(whole)).toBe(true);
    for (let end = 0; end < whole.length; end += 1) {
      const cut = Buffer.from(whole.subarray(0, end));
      expect(isStreamBlock(cut)).toBe(false);
      if (end > 6) {
        cut.writeUInt32LE(end, 0);
        cut[end - 1] = 0xff;
        expect(isStreamBlock(cut)).toBe(false);
      }
    }
    // A count that is wrong was taken, and what DUMP made of it no RESTORE would take.
    const miscounted = Buffer.from(whole);
    for (const [count, isTaken] of [
      [whole.readUInt16LE(4) + 1, false],
      [0, false],
      [0xffff, true],
    ] as const) {
      miscounted.writeUInt16LE(count, 4);
      expect(isStreamBlock(miscounted)).toBe(isTaken);
    }
    // Whatever passes can be read to its end, both ways.
    const change = fc.record({
      at: fc.nat({ max: whole.length - 1 }),
      value: fc.nat({ max: 255 }),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = Buffer.from(whole);
        for (const { at, value } of changes) bytes[at] = value;
        if (!isStreamBlock(bytes)) return;
        const entries = new StreamEntries();
        entries.addBlock(blockOf(idOf(5, 1), bytes));
        let seen = 0;
        const visitor = (reader: { pairs(): Bytes[] }): boolean => {
          seen += reader.pairs().length >= 0 ? 1 : 0;
          return true;
        };
        entries.visitBackwards(ID_MIN, ID_MAX, visitor);
        expect(seen).toBeLessThanOrEqual(4);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("an id of a stream's entry", () => {
  it("has a next and a previous one, and a text that tells them apart", () => {
    fc.assert(
      fc.property(anyId, (id) => {
        const next = nextId(id);
        if (next === undefined) expect(id).toBe(ID_MAX);
        else {
          expect(next > id).toBe(true);
          expect(previousId(next)).toBe(id);
          expect(idText(next)).not.toBe(idText(id));
        }
      }),
    );
    expect(previousId(ID_MIN)).toBe(undefined);
    expect(idText(ID_MAX)).toBe("18446744073709551615-18446744073709551615");
    expect(nextId(idOfWide(7n, 2n ** 64n - 1n))).toBe(idOf(8, 0));
  });
});
