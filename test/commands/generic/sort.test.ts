/**
 * SORT and SORT_RO: orders, patterns, limits, what is stored, and the order of checks.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errors } from "../../../src/base/errors.ts";
import { limits } from "../../../src/base/limits.ts";
import { EffectId } from "../../../src/keyspace/effect.ts";
import { type InProcessClient, InProcessServer } from "../../support/in-process-server.ts";

const NOT_A_DOUBLE = "ERR One or more scores can't be converted into double";
const connect = () => new InProcessServer().connect();

function withList(...values: string[]): InProcessClient {
  const client = connect();
  client.command("RPUSH", "l", ...values);
  return client;
}

describe("the order", () => {
  it("of integers is that of numbers, then of bytes, whatever their spelling", () => {
    const spelled = fc.oneof(
      fc.integer({ min: -50, max: 50 }).map(String),
      fc.constantFrom("-0", "007", "+7", "7.0", "9007199254740991", "-9007199254740991", "0.5"),
    );
    fc.assert(
      fc.property(fc.array(spelled, { minLength: 1, maxLength: 40 }), (values) => {
        const client = withList(...values);
        const byBytes = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);
        const sorted = values.toSorted(
          (left, right) => Number(left) - Number(right) || byBytes(left, right),
        );
        expect(client.command("SORT", "l")).toEqual(sorted);
        expect(client.command("SORT", "l", "DESC")).toEqual(sorted.toReversed());
      }),
    );
  });

  it("is that of numbers, or of bytes with ALPHA, either way round", () => {
    const client = withList("10", "9", "-1.5", "1e1", " 3", "inf", "-inf", "");
    expect(client.command("SORT", "l")).toEqual([
      "-inf",
      "-1.5",
      "",
      " 3",
      "9",
      "10",
      "1e1",
      "inf",
    ]);
    expect(client.command("SORT", "l", "ASC", "DESC")).toEqual([
      "inf",
      "1e1",
      "10",
      "9",
      " 3",
      "",
      "-1.5",
      "-inf",
    ]);
    expect(client.command("SORT_RO", "l", "alpha")).toEqual([
      "",
      " 3",
      "-1.5",
      "-inf",
      "10",
      "1e1",
      "9",
      "inf",
    ]);
    client.command("RPUSH", "b", "a", "\xff", "B", "a\x00", "\x00");
    expect(client.command("SORT", "b", "ALPHA", "DESC")).toEqual([
      "\xff",
      "a\x00",
      "a",
      "B",
      "\x00",
    ]);
  });

  it.each(["a", "nan", "1 ", "1,5", "0x10", "1e400", "1e-400", "--1", "\xa01", "1\x00"])(
    "refuses %j as a number",
    (text) => {
      const client = withList("1", text);
      expect(client.error("SORT", "l")).toBe(NOT_A_DOUBLE);
      expect(client.error("SORT", "l", "LIMIT", 0, 0, "STORE", "d")).toBe(NOT_A_DOUBLE);
      expect(client.command("SORT", "l", "ALPHA")).toHaveLength(2);
      expect(client.command("EXISTS", "d")).toBe(0);
    },
  );

  it("refuses a text that is longer than that of any float", () => {
    const client = withList(`0.${"1".repeat(limits.floatTextBytesMax - 2)}`);
    expect(client.command("SORT", "l")).toHaveLength(1);
    client.command("RPUSH", "l", `0.${"1".repeat(limits.floatTextBytesMax - 1)}`);
    expect(client.error("SORT", "l")).toBe(NOT_A_DOUBLE);
  });

  it("is that of sets and sorted sets too, whatever order these have", () => {
    const client = connect();
    client.command("SADD", "s", "3", "10", "2");
    client.command("ZADD", "z", 1, "9", 2, "1", 3, "5");
    expect(client.command("SORT", "s")).toEqual(["2", "3", "10"]);
    expect(client.command("SORT", "z")).toEqual(["1", "5", "9"]);
    expect(client.command("SORT", "none")).toEqual([]);
  });
});

describe("BY", () => {
  it("orders by what keys and fields hold, and by the element where these are equal", () => {
    const client = withList("a", "b", "c", "d");
    client.command("MSET", "w_a", 3, "w_b", 1, "w_c", 1);
    client.command("HSET", "h_c", "w", 5);
    client.command("HSET", "h_a", "w", 7);
    expect(client.command("SORT", "l", "BY", "w_*")).toEqual(["d", "b", "c", "a"]);
    expect(client.command("SORT", "l", "BY", "w_*", "DESC")).toEqual(["a", "c", "b", "d"]);
    expect(client.command("SORT", "l", "BY", "h_*->w")).toEqual(["b", "d", "c", "a"]);
    expect(client.command("SORT", "l", "BY", "h_*->w", "ALPHA")).toEqual(["b", "d", "c", "a"]);
    client.command("SET", "w_d", "x");
    expect(client.error("SORT", "l", "BY", "w_*")).toBe(NOT_A_DOUBLE);
  });

  it("counts a field that has passed as none", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("RPUSH", "l", "a", "b");
    client.command("HSET", "h_a", "w", 5, "kept", 1);
    client.command("HPEXPIRE", "h_a", 1000, "FIELDS", 1, "w");
    expect(client.command("SORT", "l", "BY", "h_*->w", "GET", "h_*->w")).toEqual([null, "5"]);
    server.world.advance(1001);
    expect(client.command("SORT", "l", "BY", "h_*->w", "GET", "h_*->w")).toEqual([null, null]);
  });

  it("without a star leaves the order that there is, and DESC turns it round", () => {
    const client = withList("5", "3", "4", "1");
    client.command("ZADD", "z", 1, "a", 5, "b", 2, "c");
    expect(client.command("SORT", "l", "BY", "nosort")).toEqual(["5", "3", "4", "1"]);
    expect(client.command("SORT", "l", "BY", "nosort", "DESC", "LIMIT", 1, 2)).toEqual(["4", "3"]);
    expect(client.command("SORT", "z", "BY", "nosort")).toEqual(["a", "c", "b"]);
    expect(client.command("SORT", "z", "BY", "x", "DESC", "LIMIT", 0, 2)).toEqual(["b", "c"]);
    expect(client.command("SORT", "z", "BY", "x", "LIMIT", 1, 1)).toEqual(["c"]);
    expect(client.command("SORT", "l", "BY", "nosort", "BY", "w_*")).toEqual(["5", "3", "4", "1"]);
  });

  it("without a star gives a set in its order, and stores it in the order of bytes", () => {
    const client = connect();
    client.command("SADD", "s", "b", "c", "a");
    expect(client.command("SORT", "s", "BY", "nosort", "LIMIT", 1, 5)).toEqual(["c", "a"]);
    expect(client.command("SORT", "s", "BY", "nosort", "STORE", "d", "DESC")).toBe(3);
    expect(client.command("LRANGE", "d", 0, -1)).toEqual(["c", "b", "a"]);
  });
});

describe("GET", () => {
  it("gives what patterns find, the element for #, and null for what is not there", () => {
    const client = withList("2", "1");
    client.command("MSET", "v_1", "one", "x1->", "arrow", "*1", "star");
    client.command("HSET", "h_1", "f", "field");
    client.command("RPUSH", "h_2", "no hash");
    const patterns = ["#", "v_*", "h_*->f", "h_*", "x*->", "const", "->*", "**", "h_*->none"];
    const call = patterns.flatMap((pattern) => ["GET", pattern]);
    expect(client.command("SORT", "l", ...call)).toEqual([
      ...["1", "one", "field", null, "arrow", null, null, null, null],
      ...["2", null, null, null, null, null, null, null, null],
    ]);
    client.command("SET", "v_1*", "second star");
    expect(client.command("SORT", "l", "GET", "v_**", "LIMIT", 0, 1)).toEqual(["second star"]);
  });

  it("finds no key that would be longer than any", () => {
    const client = connect();
    const half = Buffer.alloc(limits.argumentBytesMax / 2 + 1, "y");
    client.command("RPUSH", "l", half);
    half[0] = "*".charCodeAt(0);
    const pattern = Buffer.concat([half, Buffer.from("z")]);
    expect(client.command("SORT_RO", "l", "ALPHA", "GET", pattern)).toEqual([null]);
  });
});

describe("LIMIT", () => {
  it.each([
    [0, 2, ["1", "2"]],
    [1, -1, ["2", "3"]],
    [-5, 1, ["1"]],
    [2, 100, ["3"]],
    [3, 1, []],
    [0, 0, []],
    ["9223372036854775807", "9223372036854775807", []],
    ["-9223372036854775808", "-9223372036854775808", ["1", "2", "3"]],
  ] as const)("%s %s of three gives %j", (offset, count, wanted) => {
    const client = withList("3", "1", "2");
    const limit = ["LIMIT", String(offset), String(count)];
    expect(client.command("SORT", "l", ...limit)).toEqual(wanted);
    expect(client.command("SORT", "l", ...limit, "BY", "x", "DESC")).toHaveLength(wanted.length);
    expect(client.command("SORT", "l", ...limit, "STORE", "d")).toBe(wanted.length);
  });
});

describe("STORE", () => {
  it("puts a list in place of what was there, in one effect, and empty text for null", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("RPUSH", "l", "2", "1");
    client.command("SET", "d", "x", "EX", 100);
    client.command("SET", "v_2", "two");
    const before = server.sink.units.length;
    expect(client.command("SORT", "l", "GET", "v_*", "GET", "#", "STORE", "d")).toBe(4);
    expect(server.sink.units.slice(before).flatMap(({ effects }) => effects)).toEqual([
      {
        id: EffectId.keyRestore,
        database: 0,
        key: "d",
        value: { type: "list", values: ["", "1", "two", "2"] },
        expiryMs: 0,
      },
    ]);
    expect(client.command("TTL", "d")).toBe(-1);
    expect(client.command("SORT", "none", "STORE", "d")).toBe(0);
    expect(client.command("EXISTS", "d")).toBe(0);
    expect(client.command("SORT", "none", "STORE", "d")).toBe(0);
    expect(client.command("SORT", "l", "STORE", "l")).toBe(2);
    expect(client.command("LRANGE", "l", 0, -1)).toEqual(["1", "2"]);
  });

  it("is refused where the unit has no room for it, and nothing is changed", () => {
    const client = connect();
    const half = limits.restoredBytesMax / 2;
    client.command("SETRANGE", "v_a", limits.bulkBytesMax - 1, "x");
    client.command("RPUSH", "l", "a");
    const twice = ["GET", "v_*", "GET", "v_*"];
    expect(limits.bulkBytesMax).toBe(half);
    expect(client.error("SORT", "l", "ALPHA", ...twice, "STORE", "d")).toBe(
      errors.unitTooLarge.text,
    );
    expect(client.command("EXISTS", "d")).toBe(0);
    expect(client.command("SORT", "l", "ALPHA", "GET", "v_*", "STORE", "d")).toBe(1);
  });

  it("serves who waits for that list", () => {
    const server = new InProcessServer();
    const waiting = server.connect();
    waiting.post("BLPOP", "d", "0");
    const client = server.connect();
    client.command("RPUSH", "l", "2", "1");
    expect(client.command("SORT", "l", "STORE", "d")).toBe(2);
    expect(waiting.take()).toEqual(["d", "1"]);
    expect(client.command("LRANGE", "d", 0, -1)).toEqual(["2"]);
  });

  it("is what COMMAND GETKEYS knows besides the source", () => {
    const client = connect();
    const keysOf = (...call: string[]) => client.command("COMMAND", "GETKEYS", ...call);
    expect(keysOf("SORT", "a", "STORE", "b")).toEqual(["a", "b"]);
    expect(keysOf("SORT", "a", "BY", "STORE", "GET", "x*", "store", "b", "STORE", "c")).toEqual([
      "a",
      "c",
    ]);
    expect(keysOf("SORT", "a", "STORE")).toEqual(["a"]);
    expect(keysOf("SORT_RO", "a", "BY", "x*")).toEqual(["a"]);
  });
});

it.each([
  ["SORT l LIMIT 0", "ERR syntax error"],
  ["SORT l BY", "ERR syntax error"],
  ["SORT l GET", "ERR syntax error"],
  ["SORT l STORE", "ERR syntax error"],
  ["SORT l BOGUS", "ERR syntax error"],
  ["SORT_RO l STORE d", "ERR syntax error"],
  ["SORT string LIMIT x 1", "ERR value is not an integer or out of range"],
  ["SORT string LIMIT 0 1 BOGUS", "ERR syntax error"],
  ["SORT string", "WRONGTYPE Operation against a key holding the wrong kind of value"],
  ["SORT_RO string ALPHA", "WRONGTYPE Operation against a key holding the wrong kind of value"],
])("%s answers %s", (call, wanted) => {
  const client = withList("1");
  client.command("SET", "string", "x");
  expect(client.error(...call.split(" "))).toBe(wanted);
});
