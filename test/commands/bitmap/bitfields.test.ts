/**
 * BITFIELD: integers of any width, what becomes of sums that do not fit, and what goes to the log.
 */
import { describe, expect, it } from "vitest";
import { EffectId } from "../../../src/keyspace/effect.ts";
import { InProcessServer } from "../../support/in-process-server.ts";

const connect = () => new InProcessServer().connect();
const MAX = "9223372036854775807";
const MIN = "-9223372036854775808";

describe("BITFIELD", () => {
  it("sets, reads and adds, each operation seeing those before it", () => {
    const client = connect();
    expect(client.command("BITFIELD", "k", "SET", "u8", 0, 255, "GET", "u8", 0)).toEqual([0, 255]);
    const calls = ["INCRBY", "u4", 4, 1, "GET", "i8", 0, "SET", "i64", "#1", MIN, "GET", "u5", 62];
    expect(client.command("BITFIELD", "k", ...calls)).toEqual([0, -16, 0, 4]);
    expect(client.command("BITFIELD", "k", "INCRBY", "i64", 64, -1)).toEqual([BigInt(MAX)]);
    expect(client.command("GET", "k")).toBe(`\xf0${"\0".repeat(7)}\x7f${"\xff".repeat(7)}`);
    expect(client.command("BITFIELD", "k")).toEqual([]);
    expect(client.command("BITFIELD", "missing", "GET", "i64", 100_000)).toEqual([0]);
    expect(client.command("EXISTS", "missing")).toBe(0);
  });

  it("wraps, saturates or fails, from where OVERFLOW says so", () => {
    const client = connect();
    const run = (...args: (string | number)[]) => client.command("BITFIELD", "k", ...args);
    expect(run("SET", "i8", 0, 127, "INCRBY", "i8", 0, 1)).toEqual([0, -128]);
    expect(run("OVERFLOW", "SAT", "INCRBY", "i8", 0, -5, "INCRBY", "i8", 0, MAX)).toEqual([
      -128, 127,
    ]);
    expect(run("OVERFLOW", "FAIL", "INCRBY", "i8", 0, 1, "SET", "u2", 0, 4)).toEqual([null, null]);
    expect(run("SET", "u63", 64, MAX, "OVERFLOW", "sat", "INCRBY", "u63", 64, 1)).toEqual([
      0,
      BigInt(MAX),
    ]);
    expect(run("INCRBY", "u63", 64, 1, "OVERFLOW", "SAT", "INCRBY", "u63", 64, -1)).toEqual([0, 0]);
    expect(run("OVERFLOW", "SAT", "SET", "u8", 0, -1, "GET", "u8", 0)).toEqual([127, 255]);
  });

  it("makes the string as long as its farthest write, also where that fails", () => {
    const client = connect();
    const call = ["OVERFLOW", "FAIL", "SET", "u8", 80, 256];
    expect(client.command("BITFIELD", "k", ...call)).toEqual([null]);
    expect(client.command("STRLEN", "k")).toBe(11);
  });

  it("checks all operations before it carries out the first", () => {
    const server = new InProcessServer();
    const client = server.connect();
    const set = ["SET", "u8", 0, 1];
    const refusals: [call: (string | number)[], error: RegExp][] = [
      [["SET", "u8", 0], /^ERR syntax error/],
      [["NEG", "u8", 0], /^ERR syntax error/],
      [["OVERFLOW", "x", ...set], /^ERR Invalid OVERFLOW type specified/],
      [["GET", "u64", 0], /^ERR Invalid bitfield type\. Use something like i16 u8\./],
      [["GET", "i65", 0], /^ERR Invalid bitfield type/],
      [["GET", "8", 0], /^ERR Invalid bitfield type/],
      [["GET", "u8", "-1"], /^ERR bit offset is not an integer/],
      [["GET", "u8", "#x"], /^ERR bit offset is not an integer/],
      [["SET", "u8", "4294967296", 1], /^ERR bit offset is not an integer/],
      [["INCRBY", "u8", 0, "x"], /^ERR value is not an integer/],
    ];
    for (const [call, error] of refusals) {
      expect(client.error("BITFIELD", "k", ...set, ...call)).toMatch(error);
    }
    expect(client.error("BITFIELD_RO", "k", "GET", "u8", 0, ...set)).toBe(
      "ERR BITFIELD_RO only supports the GET subcommand",
    );
    expect(server.sink.units).toHaveLength(0);
  });

  it("writes what changed in one effect, or two if far apart and longer than before", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("SET", "k", "\0".repeat(2000));
    const effectsOf = (...args: (string | number)[]) => {
      const before = server.sink.units.length;
      client.command("BITFIELD", "k", ...args);
      return server.sink.units.slice(before).flatMap(({ effects }) => effects);
    };
    const at = { database: 0, key: "k" };
    const setRange = { id: EffectId.stringSetRange, ...at };
    expect(effectsOf("SET", "u8", 0, 0, "GET", "u8", 5)).toEqual([]);
    expect(effectsOf("SET", "u8", 0, 1, "SET", "u8", 32, 2)).toEqual([
      { ...setRange, offset: 0, value: "\x01\0\0\0\x02" },
    ]);
    expect(effectsOf("SET", "u8", 0, 3, "SET", "u8", 8000, 4)).toEqual([
      {
        id: EffectId.stringSplice,
        ...at,
        splices: [
          { offset: 0, removedCount: 1, value: "\x03" },
          { offset: 1000, removedCount: 1, value: "\x04" },
        ],
      },
    ]);
    expect(effectsOf("SET", "u8", 0, 5, "SET", "u8", 16_000, 6)).toEqual([
      { ...setRange, offset: 2000, value: "\x06" },
      {
        id: EffectId.stringSplice,
        ...at,
        splices: [{ offset: 0, removedCount: 1, value: "\x05" }],
      },
    ]);
  });
});
