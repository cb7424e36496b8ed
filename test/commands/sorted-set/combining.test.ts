/**
 * Unions, intersections and differences, and what stores a whole sorted set: weights, aggregates,
 * sets among the sources, and results that are refused before anything is applied.
 */
import { beforeEach, describe, expect, it } from "vitest";
import { EffectId } from "../../../src/keyspace/effect.ts";
import { type InProcessClient, InProcessServer } from "../../support/in-process-server.ts";

let server: InProcessServer;
let client: InProcessClient;

beforeEach(() => {
  server = new InProcessServer();
  client = server.connect();
  call("ZADD x 1 a 2 b 3 c");
  call("ZADD y 10 b 20 c 30 d");
  call("SADD s b z");
});

const call = (line: string) => client.command(...line.split(" "));
const error = (line: string) => client.error(...line.split(" "));

describe("ZUNION, ZINTER and ZDIFF", () => {
  it.each([
    ["ZUNION 2 x y", ["a", "b", "c", "d"]],
    ["ZUNION 2 x y WITHSCORES", ["a", "1", "b", "12", "c", "23", "d", "30"]],
    ["ZUNION 2 x y WEIGHTS 2 -1 WITHSCORES", ["d", "-30", "c", "-14", "b", "-6", "a", "2"]],
    ["ZUNION 2 x y AGGREGATE MAX WITHSCORES", ["a", "1", "b", "10", "c", "20", "d", "30"]],
    ["ZINTER 2 x y AGGREGATE min WITHSCORES", ["b", "2", "c", "3"]],
    ["ZINTER 3 x y s WITHSCORES", ["b", "13"]],
    ["ZINTER 2 x none", []],
    ["ZDIFF 2 x s WITHSCORES", ["a", "1", "c", "3"]],
    ["ZDIFF 3 x y none", ["a"]],
    ["ZDIFF 2 x x", []],
    ["ZUNION 1 s WITHSCORES", ["b", "1", "z", "1"]],
    ["ZINTERCARD 2 x y", 2],
    ["ZINTERCARD 2 x y LIMIT 1", 1],
    ["ZINTERCARD 2 x y LIMIT 0", 2],
  ])("%s", (line, reply) => {
    expect(call(line)).toEqual(reply);
  });

  it("takes what is no number for 0", () => {
    call("ZADD p inf m 1 n");
    call("ZADD q -inf m 1 n");
    expect(call("ZUNION 2 p q WITHSCORES")).toEqual(["m", "0", "n", "2"]);
    expect(call("ZINTER 2 p q WITHSCORES")).toEqual(["m", "0", "n", "2"]);
    expect(call("ZUNION 1 p WEIGHTS 0 WITHSCORES")).toEqual(["m", "0", "n", "0"]);
  });

  it.each([
    ["ZUNION x y", "ERR value is not an integer or out of range"],
    ["ZUNION 0 x", "ERR at least 1 input key is needed for 'zunion' command"],
    ["ZINTERSTORE d 0 x", "ERR at least 1 input key is needed for 'zinterstore' command"],
    ["ZUNION 3 x y", "ERR syntax error"],
    ["ZUNION 2 x y WEIGHTS 1", "ERR syntax error"],
    ["ZUNION 2 x y WEIGHTS 1 q", "ERR weight value is not a float"],
    ["ZUNION 2 x y AGGREGATE AVG", "ERR syntax error"],
    ["ZDIFF 2 x y WEIGHTS 1 1", "ERR syntax error"],
    ["ZUNIONSTORE d 2 x y WITHSCORES", "ERR syntax error"],
    ["ZINTERCARD 2 x y LIMIT -1", "ERR LIMIT can't be negative"],
    ["ZINTERCARD 2 x y LIMIT q", "ERR LIMIT can't be negative"],
  ])("%s is refused", (line, text) => {
    expect(error(line)).toBe(text);
  });

  it("looks at types before options", () => {
    call("SET string v");
    expect(error("ZUNION 1 string NONSENSE")).toMatch(/^WRONGTYPE/);
  });
});

describe("storing", () => {
  it("replaces whatever is there, with its expiry", () => {
    call("SET d v EX 100");
    expect(call("ZUNIONSTORE d 2 x s")).toBe(4);
    expect(call("ZRANGE d 0 -1 WITHSCORES")).toEqual(["a", "1", "z", "1", "b", "3", "c", "3"]);
    expect(call("TTL d")).toBe(-1);
    expect(call("ZINTERSTORE x 2 x y WEIGHTS 1 0")).toBe(2);
    expect(call("ZRANGE x 0 -1 WITHSCORES")).toEqual(["b", "2", "c", "3"]);
    expect(server.sink.units.at(-1)?.effects.map(({ id }) => id)).toEqual([EffectId.keyRestore]);
  });

  it("removes the key if nothing is left", () => {
    expect(call("ZDIFFSTORE x 2 x x")).toBe(0);
    expect(call("EXISTS x")).toBe(0);
    const before = server.sink.units.length;
    expect(call("ZINTERSTORE none 2 nothing y")).toBe(0);
    expect(server.sink.units).toHaveLength(before);
  });

  it("of a range keeps scores, by rank, score or bytes", () => {
    expect(call("ZRANGESTORE d x 0 1 REV")).toBe(2);
    expect(call("ZRANGE d 0 -1 WITHSCORES")).toEqual(["b", "2", "c", "3"]);
    expect(call("ZRANGESTORE d y (10 +inf BYSCORE LIMIT 1 1")).toBe(1);
    expect(call("ZRANGE d 0 -1")).toEqual(["d"]);
    expect(call("ZRANGESTORE d none 0 -1")).toBe(0);
    expect(call("EXISTS d")).toBe(0);
    expect(error("ZRANGESTORE d x 0 1 WITHSCORES")).toBe("ERR syntax error");
  });

  it("chooses the encoding by size and longest member", () => {
    const long = "x".repeat(65);
    call(`ZADD long 1 ${long}`);
    call("ZADD long 1 short");
    expect(call("OBJECT ENCODING long")).toBe("skiplist");
    expect(call("ZRANGESTORE d long 1 1")).toBe(1);
    expect(call("ZUNIONSTORE e 1 long")).toBe(2);
    expect(call("OBJECT ENCODING e")).toBe("skiplist");
    call(`ZREM long ${long}`);
    expect(call("ZUNIONSTORE e 1 long")).toBe(1);
    expect(call("OBJECT ENCODING e")).toBe("listpack");
  });
});
