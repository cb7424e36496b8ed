/**
 * LCS, ranges, counters and long values: what a fuzzer of short calls does not reach.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InProcessServer } from "../../support/in-process-server.ts";

function lcsLength(left: string, right: string): number {
  let row = new Array<number>(right.length + 1).fill(0);
  for (const letter of left) {
    const next = [0];
    for (let at = 1; at <= right.length; at += 1) {
      const isSame = right[at - 1] === letter;
      next.push(isSame ? row[at - 1] + 1 : Math.max(row[at], next[at - 1]));
    }
    row = next;
  }
  return row[right.length];
}

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const letter of whole) if (letter === part[at]) at += 1;
  return at === part.length;
}

describe("LCS", () => {
  it("finds a longest common subsequence, and where it stands in both", () => {
    const client = new InProcessServer().connect();
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "\xff"), maxLength: 40 });
    fc.assert(
      fc.property(text, text, (left, right) => {
        client.command("MSET", "x", left, "y", right);
        const length = lcsLength(left, right);
        expect(client.command("LCS", "x", "y", "LEN")).toBe(length);
        const common = client.command("LCS", "x", "y");
        if (typeof common !== "string") return expect.fail("a string was expected");
        expect(common.length).toBe(length);
        expect(isSubsequence(common, left) && isSubsequence(common, right)).toBe(true);
        const reply = client.command("LCS", "x", "y", "WITHMATCHLEN", "IDX");
        const [, matches] = Array.isArray(reply) ? reply : [];
        if (!Array.isArray(matches)) return expect.fail("matches were expected");
        let found = "";
        for (const match of matches.toReversed()) {
          const [[leftStart, leftEnd], [rightStart, rightEnd], matchLength] = match as [
            [number, number],
            [number, number],
            number,
          ];
          const part = left.slice(leftStart, leftEnd + 1);
          expect(right.slice(rightStart, rightEnd + 1)).toBe(part);
          expect(part.length).toBe(matchLength);
          found += part;
        }
        expect(found).toBe(common);
      }),
    );
  });

  it("answers the documented example in both protocols", () => {
    const client = new InProcessServer().connect();
    client.command("MSET", "key1", "ohmytext", "key2", "mynewtext");
    expect(client.command("LCS", "key1", "key2")).toBe("mytext");
    const long = [[[4, 7], [5, 8], 4]];
    const words = ["LCS", "key1", "key2", "IDX", "MINMATCHLEN", 4, "WITHMATCHLEN"];
    expect(client.command(...words)).toEqual(["matches", long, "len", 6]);
    client.command("HELLO", 3);
    const map = new Map<string, unknown>([
      ["matches", long],
      ["len", 6],
    ]);
    expect(client.command(...words)).toEqual(map);
    expect(client.command("LCS", "key1", "missing")).toBe("");
    expect(client.error("LCS", "key1", "key2", "LEN", "IDX")).toMatch("please just use IDX");
  });

  it("refuses a table above proto-max-bulk-len", () => {
    const server = new InProcessServer({ configuration: [["proto-max-bulk-len", "1048576"]] });
    const client = server.connect();
    client.command("MSET", "x", "a".repeat(600), "y", "b".repeat(600));
    expect(client.error("LCS", "x", "y")).toMatch("exceeds proto-max-bulk-len");
    client.command("SET", "y", "b".repeat(400));
    expect(client.command("LCS", "x", "y", "LEN")).toBe(0);
  });
});

describe("ranges", () => {
  it("of strings short and long are those of a slice", () => {
    const client = new InProcessServer().connect();
    const index = fc.integer({ min: -1300, max: 1300 });
    const text = fc.constantFrom("", "a", "hello", "0123456789".repeat(60), "abc".repeat(400));
    fc.assert(
      fc.property(text, index, index, (value, start, end) => {
        client.command("SET", "k", value);
        const from = Math.max(0, start < 0 ? value.length + start : start);
        const to = Math.max(0, end < 0 ? value.length + end : end);
        const isBackwards = start < 0 && end < 0 && start > end;
        const expected = isBackwards ? "" : value.slice(from, to + 1);
        expect(client.command("GETRANGE", "k", start, end)).toBe(expected);
        expect(client.command("SUBSTR", "k", start, end)).toBe(expected);
      }),
    );
  });

  it("are written over the old bytes, with zeros in the gap", () => {
    const client = new InProcessServer().connect();
    expect(client.command("SETRANGE", "k", 2, "ab")).toBe(4);
    expect(client.command("GET", "k")).toBe("\0\0ab");
    expect(client.command("SETRANGE", "k", 1000, "x")).toBe(1001);
    expect(client.command("SETRANGE", "k", 1, "yz")).toBe(1001);
    expect(client.command("GET", "k")).toBe(`\0yzb${"\0".repeat(996)}x`);
    expect(client.command("SETRANGE", "none", 5, "")).toBe(0);
    expect(client.command("EXISTS", "none")).toBe(0);
    expect(client.error("SETRANGE", "k", -1, "x")).toBe("ERR offset is out of range");
  });

  it("end where proto-max-bulk-len does", () => {
    const server = new InProcessServer({ configuration: [["proto-max-bulk-len", "1048576"]] });
    const client = server.connect();
    const tooLong = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
    expect(client.command("SETRANGE", "k", 1_048_575, "x")).toBe(1_048_576);
    expect(client.error("SETRANGE", "k", 1_048_576, "x")).toBe(tooLong);
    expect(client.error("SETRANGE", "k", "9223372036854775807", "x")).toBe(tooLong);
    expect(client.error("APPEND", "k", "x")).toBe(tooLong);
    expect(client.command("STRLEN", "k")).toBe(1_048_576);
  });
});

describe("counters", () => {
  it("stop at the ends of 64 bits and change nothing then", () => {
    const client = new InProcessServer().connect();
    client.command("SET", "n", "9223372036854775806");
    expect(client.command("INCR", "n")).toBe(2n ** 63n - 1n);
    expect(client.error("INCR", "n")).toBe("ERR increment or decrement would overflow");
    expect(client.command("GET", "n")).toBe("9223372036854775807");
    expect(client.error("DECRBY", "n", "-9223372036854775808")).toBe(
      "ERR decrement would overflow",
    );
    client.command("SET", "n", "-9223372036854775808");
    expect(client.error("DECR", "n")).toBe("ERR increment or decrement would overflow");
    for (const text of ["", " 1", "1.0", "1e3", "x", "1".repeat(700)]) {
      client.command("SET", "n", text);
      expect(client.error("INCR", "n")).toBe("ERR value is not an integer or out of range");
    }
  });

  it("log the sum, not the sum's way", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("SET", "n", "10.50");
    expect(client.command("INCRBYFLOAT", "n", "0.1")).toBe("10.6");
    expect(server.sink.units.at(-1)?.effects).toMatchObject([{ key: "n", value: "10.6" }]);
  });
});

describe("long strings", () => {
  it("of 1 MB come back whole, grow, and are counted", () => {
    const server = new InProcessServer();
    const client = server.connect();
    const megabyte = Buffer.alloc(1_000_000, "0123456789\xff\x00", "latin1");
    client.command("SET", "k", megabyte);
    expect(client.command("GET", "k")).toBe(megabyte.toString("latin1"));
    for (let round = 1; round <= 50; round += 1) {
      expect(client.command("APPEND", "k", "tail")).toBe(1_000_000 + 4 * round);
    }
    expect(client.command("GETRANGE", "k", -6, -1)).toBe("iltail");
    expect(server.keyspace.usedBytes).toBeGreaterThan(1_000_200);
    client.command("DEL", "k");
    expect(server.keyspace.usedBytes).toBe(0);
  });
});

describe("OBJECT ENCODING and REFCOUNT of a string", () => {
  it("are those of Redis, which looks for no integer in what was written in place", () => {
    const client = new InProcessServer().connect();
    const encoding = () => client.command("OBJECT", "ENCODING", "k");
    client.command("SET", "k", "12");
    expect(encoding()).toBe("int");
    expect(client.command("OBJECT", "REFCOUNT", "k")).toBe(2 ** 31 - 1);
    client.command("APPEND", "k", "3");
    expect(encoding()).toBe("raw");
    expect(client.command("OBJECT", "REFCOUNT", "k")).toBe(1);
    client.command("EXPIRE", "k", 100);
    expect(encoding()).toBe("raw");
    client.command("INCR", "k");
    expect(encoding()).toBe("int");
    client.command("SETRANGE", "k", 1, "x");
    expect(encoding()).toBe("raw");
    client.command("SET", "k", "short");
    expect(encoding()).toBe("embstr");
    client.command("DEL", "k");
    client.command("APPEND", "k", "5");
    expect(encoding()).toBe("int");
    client.command("SETBIT", "bits", 1, 1);
    client.command("PFADD", "sketch", "a");
    for (const key of ["bits", "sketch"]) {
      expect(client.command("OBJECT", "ENCODING", key)).toBe("raw");
    }
    client.command("SET", "k", 10_000);
    expect(client.command("OBJECT", "REFCOUNT", "k")).toBe(1);
    const long = "k".repeat(600);
    client.command("SET", long, "1");
    client.command("APPEND", long, "2");
    expect(client.command("OBJECT", "ENCODING", long)).toBe("raw");
  });
});

describe("a watched string", () => {
  it.each([
    ["by APPEND of nothing", ["APPEND", "there", ""]],
    ["by SET with a time that has passed, of a missing key", ["SET", "missing", "v", "PXAT", "1"]],
    [
      "by SET with a time that has passed, of one that is there",
      ["SET", "there", "v", "PXAT", "1"],
    ],
  ])("is changed %s", (_how, call) => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("SET", "there", "12");
    client.command("WATCH", "there", "missing");
    client.command(...call);
    client.command("MULTI");
    client.command("PING");
    expect(client.command("EXEC")).toBeNull();
    expect(client.command("EXISTS", "missing")).toBe(0);
  });

  it("is raw after APPEND of nothing", () => {
    const client = new InProcessServer().connect();
    client.command("SET", "number", "12");
    client.command("APPEND", "number", "");
    expect(client.command("OBJECT", "ENCODING", "number")).toBe("raw");
  });
});
