/**
 * Bitmaps: single bits, counts and places in ranges of bytes and of bits, and combinations.
 */
import { describe, expect, it } from "vitest";
import { EffectId } from "../../../src/keyspace/effect.ts";
import { InProcessServer } from "../../support/in-process-server.ts";

const connect = () => new InProcessServer().connect();
const badOffset = "ERR bit offset is not an integer or out of range";

describe("SETBIT and GETBIT", () => {
  it("write and read single bits, the first the highest of its byte", () => {
    const client = connect();
    expect(client.command("SETBIT", "k", 1, 1)).toBe(0);
    expect(client.command("SETBIT", "k", 1, 1)).toBe(1);
    expect(client.command("SETBIT", "k", 15, 1)).toBe(0);
    expect(client.command("GET", "k")).toBe("\x40\x01");
    expect(client.command("SETBIT", "k", 1, 0)).toBe(1);
    expect([0, 1, 15, 16, 4_000_000_000].map((at) => client.command("GETBIT", "k", at))).toEqual([
      0, 0, 1, 0, 0,
    ]);
    expect(client.command("GETBIT", "missing", 7)).toBe(0);
  });

  it("refuse what is no offset and no bit, before they look at the key", () => {
    const client = connect();
    client.command("RPUSH", "list", "x");
    for (const offset of ["-1", "x", "4294967296", "1.0"]) {
      expect(client.error("SETBIT", "list", offset, 1)).toBe(badOffset);
      expect(client.error("GETBIT", "list", offset)).toBe(badOffset);
    }
    for (const bit of ["2", "-1", "x", ""]) {
      expect(client.error("SETBIT", "list", 0, bit)).toBe(
        "ERR bit is not an integer or out of range",
      );
    }
    client.command("CONFIG", "SET", "proto-max-bulk-len", 1024 * 1024);
    expect(client.error("SETBIT", "k", 8 * 1024 * 1024, 1)).toBe(badOffset);
    expect(client.command("SETBIT", "k", 8 * 1024 * 1024 - 1, 1)).toBe(0);
    expect(client.command("STRLEN", "k")).toBe(1024 * 1024);
  });

  it("write one byte to the log, whatever the string's length, and nothing for no change", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("SETRANGE", "k", 10_000_000, "x");
    client.command("EXPIRE", "k", 1000);
    const before = server.sink.units.length;
    client.command("SETBIT", "k", 4_000_000, 1);
    client.command("SETBIT", "k", 4_000_000, 1);
    const units = server.sink.units.slice(before);
    expect(units.map(({ effects }) => effects)).toEqual([
      [{ id: EffectId.stringSetRange, database: 0, key: "k", offset: 500_000, value: "\x80" }],
    ]);
    expect(client.command("TTL", "k")).toBe(1000);
  });
});

describe("BITCOUNT", () => {
  it("counts ranges of bytes and of bits", () => {
    const client = connect();
    client.command("SET", "k", "foobar");
    const ranges: [args: (string | number)[], count: number][] = [
      [[], 26],
      [[0, 0], 4],
      [[1, 1], 6],
      [[0, -5], 10],
      [[5, 30, "BIT"], 17],
      [[5, 30, "byte"], 4],
      [[-1, -1, "bit"], 0],
      [[3, 1], 0],
      [[-3, -5], 0],
      [[1000, 2000], 0],
      [["-9223372036854775807", "-9223372036854775808"], 0],
    ];
    for (const [args, count] of ranges) {
      expect([args, client.command("BITCOUNT", "k", ...args)]).toEqual([args, count]);
    }
  });

  it("looks for the key before it looks at its arguments", () => {
    const client = connect();
    expect(client.command("BITCOUNT", "missing", "x", "y", "z")).toBe(0);
    client.command("SET", "k", "a");
    expect(client.error("BITCOUNT", "k", 0)).toBe("ERR syntax error");
    expect(client.error("BITCOUNT", "k", 0, "x")).toMatch(/not an integer/);
    expect(client.error("BITCOUNT", "k", 0, 0, "BITS")).toBe("ERR syntax error");
  });
});

describe("BITPOS", () => {
  it("finds the first bit, and goes on with zeros only without an end", () => {
    const client = connect();
    client.command("SET", "ones", "\xff\xff\xff");
    client.command("SET", "mixed", "\x00\xff\xf0");
    client.command("SET", "empty", "");
    const calls: [args: (string | number)[], place: number][] = [
      [["ones", 0], 24],
      [["ones", 0, 0], 24],
      [["ones", 0, 0, -1], -1],
      [["ones", 0, 8, 15, "BIT"], -1],
      [["ones", 1, 2], 16],
      [["ones", 0, 5], -1],
      [["mixed", 1], 8],
      [["mixed", 0, 1], 20],
      [["mixed", 1, 2, -1, "BYTE"], 16],
      [["mixed", 1, 7, 9, "BIT"], 8],
      [["mixed", 0, 9, 19, "bit"], -1],
      [["empty", 0], -1],
      [["missing", 0, "x"], 0],
      [["missing", 1], -1],
    ];
    for (const [args, place] of calls) {
      expect([args, client.command("BITPOS", ...args)]).toEqual([args, place]);
    }
  });

  it("refuses what is no bit, no index and no unit, in this order", () => {
    const client = connect();
    client.command("SET", "k", "a");
    expect(client.error("BITPOS", "k", "x")).toMatch(/not an integer/);
    expect(client.error("BITPOS", "k", 2)).toBe("ERR The bit argument must be 1 or 0.");
    expect(client.error("BITPOS", "k", 1, "x", "y", "z")).toMatch(/not an integer/);
    expect(client.error("BITPOS", "k", 1, 0, "y", "z")).toBe("ERR syntax error");
    expect(client.error("BITPOS", "k", 1, 0, "y", "BIT")).toMatch(/not an integer/);
    expect(client.error("BITPOS", "k", 1, 0, 0, "BIT", "BIT")).toBe("ERR syntax error");
  });
});

describe("BITOP", () => {
  it("stores what it combined, without an expiry, and removes the key for nothing", () => {
    const client = connect();
    client.command("SET", "a", "\x01\x02\xff");
    client.command("SET", "b", "\x01\x02\xff\xff");
    client.command("SET", "target", "x", "EX", 100);
    expect(client.command("BITOP", "AND", "target", "a", "b")).toBe(4);
    expect(client.command("GET", "target")).toBe("\x01\x02\xff\x00");
    expect(client.command("TTL", "target")).toBe(-1);
    expect(client.command("BITOP", "xor", "target", "a", "b", "missing")).toBe(4);
    expect(client.command("GET", "target")).toBe("\x00\x00\x00\xff");
    expect(client.command("BITOP", "NOT", "a", "a")).toBe(3);
    expect(client.command("GET", "a")).toBe("\xfe\xfd\x00");
    expect(client.command("BITOP", "OR", "target", "missing")).toBe(0);
    expect(client.command("EXISTS", "target")).toBe(0);
  });

  it("refuses what it does not know, and any source that is no string", () => {
    const client = connect();
    client.command("RPUSH", "list", "x");
    client.command("SET", "a", "a");
    expect(client.error("BITOP", "NAND", "t", "a")).toBe("ERR syntax error");
    expect(client.error("BITOP", "NOT", "t", "a", "a")).toBe(
      "ERR BITOP NOT must be called with a single source key.",
    );
    expect(client.error("BITOP", "AND", "t", "a", "list")).toMatch(/^WRONGTYPE/);
    expect(client.command("EXISTS", "t")).toBe(0);
    expect(client.command("BITOP", "OR", "list", "a")).toBe(1);
    expect(client.command("TYPE", "list")).toBe("string");
  });
});
