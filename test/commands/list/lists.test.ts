/**
 * Lists beyond what a fuzzer of short calls reaches: LPOS against a plain search, LMPOP's keys and
 * counts, moves between lists, and lists of 100,000 values.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type InProcessClient, InProcessServer } from "../../support/in-process-server.ts";

function withList(...values: (string | number)[]): InProcessClient {
  const client = new InProcessServer().connect();
  if (values.length > 0) client.command("RPUSH", "l", ...values);
  return client;
}

function positions(
  values: readonly string[],
  element: string,
  rank: number,
  count: number,
  comparisonsMax: number,
): number[] {
  const order = values.map((_, index) => index);
  if (rank < 0) order.reverse();
  const looked = comparisonsMax === 0 ? order : order.slice(0, comparisonsMax);
  const found = looked.filter((index) => values[index] === element).slice(Math.abs(rank) - 1);
  return count === 0 ? found : found.slice(0, count);
}

describe("LPOS", () => {
  it("is a search with RANK, COUNT and MAXLEN in any order", () => {
    const rank = fc.integer({ min: -4, max: 4 }).filter((value) => value !== 0);
    const values = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        values,
        rank,
        fc.nat(4),
        fc.nat(12),
        fc.boolean(),
        (list, by, count, most, is) => {
          const client = withList(...list);
          const expected = positions(list, "a", by, count, most);
          const options = [
            ["RANK", by],
            ["COUNT", count],
            ["MAXLEN", most],
          ];
          if (is) options.reverse();
          expect(client.command("LPOS", "l", "a", ...options.flat())).toEqual(expected);
          const first = positions(list, "a", by, 1, most);
          const single = client.command("LPOS", "l", "a", "maxlen", most, "rank", by);
          expect(single).toBe(first[0] ?? null);
        },
      ),
    );
  });

  it("answers for missing keys and bad options", () => {
    const client = withList("a");
    expect(client.command("LPOS", "missing", "a")).toBeNull();
    expect(client.command("LPOS", "missing", "a", "COUNT", 1)).toEqual([]);
    expect(client.error("LPOS", "l", "a", "RANK", 0)).toMatch("RANK can't be zero");
    expect(client.error("LPOS", "l", "a", "RANK", "-9223372036854775808")).toBe(
      "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
    );
    expect(client.error("LPOS", "l", "a", "COUNT", -1)).toBe("ERR COUNT can't be negative");
    expect(client.error("LPOS", "l", "a", "MAXLEN", "x")).toBe("ERR MAXLEN can't be negative");
    expect(client.error("LPOS", "l", "a", "COUNT")).toBe("ERR syntax error");
  });
});

describe("LMPOP", () => {
  it("takes from the first list that is there, and no further", () => {
    const client = withList("a", "b", "c");
    client.command("RPUSH", "m", "x");
    expect(client.command("LMPOP", 3, "none", "l", "m", "LEFT")).toEqual(["l", ["a"]]);
    expect(client.command("LMPOP", 2, "l", "m", "right", "count", 9)).toEqual(["l", ["c", "b"]]);
    expect(client.command("EXISTS", "l")).toBe(0);
    expect(client.command("LMPOP", 2, "l", "m", "RIGHT", "COUNT", "9223372036854775807")).toEqual([
      "m",
      ["x"],
    ]);
    expect(client.command("LMPOP", 2, "l", "m", "RIGHT")).toBeNull();
  });

  it("stops at a key of another type before it, and looks at none behind it", () => {
    const client = withList("a");
    client.command("SET", "s", "v");
    expect(client.error("LMPOP", 2, "s", "l", "LEFT")).toMatch(/^WRONGTYPE/);
    expect(client.command("LMPOP", 2, "l", "s", "LEFT")).toEqual(["l", ["a"]]);
  });

  it("refuses counts that are none, in Redis's order", () => {
    const client = withList("a");
    for (const count of [0, -1, "x"]) {
      expect(client.error("LMPOP", count, "l", "LEFT")).toBe(
        "ERR numkeys should be greater than 0",
      );
      expect(client.error("LMPOP", 1, "l", "LEFT", "COUNT", count, "more")).toBe(
        "ERR count should be greater than 0",
      );
    }
    for (const words of [["UP"], ["LEFT", "COUNT"], ["LEFT", "COUNT", 1, 2], ["LEFT", "N", 1]]) {
      expect(client.error("LMPOP", 1, "l", ...words)).toBe("ERR syntax error");
    }
    expect(client.error("LMPOP", 5, "l", "LEFT")).toBe("ERR syntax error");
    expect(client.command("LLEN", "l")).toBe(1);
  });
});

describe("moves", () => {
  it.each([
    ["LEFT", "LEFT", ["b", "c"], ["a", "x"]],
    ["LEFT", "RIGHT", ["b", "c"], ["x", "a"]],
    ["RIGHT", "LEFT", ["a", "b"], ["c", "x"]],
    ["RIGHT", "RIGHT", ["a", "b"], ["x", "c"]],
  ])("from %s to %s", (from, to, left, right) => {
    const client = withList("a", "b", "c");
    client.command("RPUSH", "m", "x");
    client.command("LMOVE", "l", "m", from, to);
    expect(client.command("LRANGE", "l", 0, -1)).toEqual(left);
    expect(client.command("LRANGE", "m", 0, -1)).toEqual(right);
  });

  it("turn a list in a circle, and touch one of a single value for those who watch it", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("RPUSH", "l", "a", "b", "c");
    for (const value of ["c", "b", "a"]) expect(client.command("RPOPLPUSH", "l", "l")).toBe(value);
    expect(client.command("LRANGE", "l", 0, -1)).toEqual(["a", "b", "c"]);
    client.command("LTRIM", "l", 0, 0);
    const watcher = server.connect();
    watcher.command("WATCH", "l");
    expect(client.command("LMOVE", "l", "l", "RIGHT", "LEFT")).toBe("a");
    watcher.command("MULTI");
    watcher.command("LLEN", "l");
    expect(watcher.command("EXEC")).toBeNull();
  });

  it("change nothing when the target is no list", () => {
    const client = withList("a");
    client.command("SET", "s", "v");
    expect(client.error("LMOVE", "l", "s", "LEFT", "LEFT")).toMatch(/^WRONGTYPE/);
    expect(client.command("LLEN", "l")).toBe(1);
    expect(client.command("LMOVE", "missing", "s", "LEFT", "LEFT")).toBeNull();
  });
});

describe("long lists", () => {
  const count = 100_000;

  it("of 100,000 values are read, changed and trimmed in any place", () => {
    const server = new InProcessServer();
    const client = server.connect();
    for (let start = 0; start < count; start += 10_000) {
      const values = Array.from({ length: 10_000 }, (_, index) => start + index);
      expect(client.command("RPUSH", "l", ...values)).toBe(start + 10_000);
    }
    expect(client.command("LINDEX", "l", 54_321)).toBe("54321");
    expect(client.command("LINDEX", "l", -1)).toBe("99999");
    expect(client.command("LRANGE", "l", 70_000, 70_002)).toEqual(["70000", "70001", "70002"]);
    expect(client.command("LPOS", "l", 99_998, "RANK", -1)).toBe(99_998);
    expect(client.command("LSET", "l", 50_000, "here")).toBe("OK");
    expect(client.command("LINSERT", "l", "AFTER", "here", "there")).toBe(count + 1);
    expect(client.command("LREM", "l", 0, "here")).toBe(1);
    expect(client.command("LINDEX", "l", 50_000)).toBe("there");
    const all = client.command("LRANGE", "l", 0, -1);
    expect(all).toHaveLength(count);
    expect(client.command("LTRIM", "l", 10, -11)).toBe("OK");
    expect(client.command("LLEN", "l")).toBe(count - 20);
    expect(client.command("LPOP", "l", 2)).toEqual(["10", "11"]);
    expect(client.command("RPOP", "l", "9223372036854775807")).toHaveLength(count - 22);
    expect(server.keyspace.usedBytes).toBe(0);
  });
});
