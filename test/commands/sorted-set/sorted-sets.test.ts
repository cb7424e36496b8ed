/**
 * Sorted sets, one member or one range at a time: conditions, errors, shapes of replies and what
 * is written to the log.
 */
import { beforeEach, describe, expect, it } from "vitest";
import { limits } from "../../../src/base/limits.ts";
import { EffectId } from "../../../src/keyspace/effect.ts";
import { type InProcessClient, InProcessServer } from "../../support/in-process-server.ts";

let server: InProcessServer;
let client: InProcessClient;

beforeEach(() => {
  server = new InProcessServer();
  client = server.connect();
  client.command("ZADD", "z", "1", "a", "2", "b", "3", "c");
});

const call = (line: string) => client.command(...line.split(" "));
const error = (line: string) => client.error(...line.split(" "));
const lastEffects = () => server.sink.units.at(-1)?.effects;

describe("ZADD", () => {
  it("counts what is new, or with CH what changed, each time that it comes", () => {
    expect(call("ZADD z 5 a 5 d")).toBe(1);
    expect(call("ZADD z CH 6 a 6 e 7 e 5 d")).toBe(3);
    expect(call("ZSCORE z e")).toBe("7");
  });

  it("writes final scores of what changed, each member once, or nothing", () => {
    call("ZADD z 1 a 9 b 8 b 4 x");
    expect(lastEffects()).toEqual([
      { id: EffectId.sortedSetAdd, database: 0, key: "z", members: ["b", "x"], scores: [8, 4] },
    ]);
    const before = server.sink.units.length;
    expect(call("ZADD z 1 a 8 b")).toBe(0);
    expect(server.sink.units).toHaveLength(before);
  });

  it.each([
    ["ZADD z NX 9 a 9 n", 1, "1", "9"],
    ["ZADD z XX 9 a 9 n", 0, "9", null],
    ["ZADD z GT CH 0 a 9 n", 1, "1", "9"],
    ["ZADD z GT CH 5 a", 1, "5", null],
    ["ZADD z LT CH 5 a", 0, "1", null],
    ["ZADD z XX LT CH 0 a 9 n", 1, "0", null],
  ])("%s", (line, reply, a, n) => {
    expect(call(line)).toBe(reply);
    expect(call("ZMSCORE z a n")).toEqual([a, n]);
  });

  it("increments, and answers null where a condition forbids it", () => {
    expect(call("ZADD z INCR 2.5 a")).toBe("3.5");
    expect(call("ZADD z NX INCR 2 a")).toBeNull();
    expect(call("ZADD none XX INCR 2 a")).toBeNull();
    expect(call("ZADD z INCR -inf b")).toBe("-inf");
    expect(error("ZADD z INCR inf b")).toBe("ERR resulting score is not a number (NaN)");
    expect(call("ZINCRBY z 1e300 new")).toBe("1e+300");
  });

  it.each([
    ["ZADD z NX XX 1 a", "ERR XX and NX options at the same time are not compatible"],
    ["ZADD z NX GT 1 a", "ERR GT, LT, and/or NX options at the same time are not compatible"],
    ["ZADD z LT GT 1 a", "ERR GT, LT, and/or NX options at the same time are not compatible"],
    ["ZADD z INCR 1 a 2 b", "ERR INCR option supports a single increment-element pair"],
    ["ZADD z 1 a 2", "ERR syntax error"],
    ["ZADD z CH NX", "ERR syntax error"],
    ["ZADD z 9 a nan b", "ERR value is not a valid float"],
    ["ZADD z 9 a 1e400 b", "ERR value is not a valid float"],
    ["ZADD z 9 a 1e-400 b", "ERR value is not a valid float"],
    ["ZADD z 9 a 0x10 b", "ERR value is not a valid float"],
    ["ZADD z 9 a 1e b", "ERR value is not a valid float"],
  ])("refuses %s and does nothing", (line, text) => {
    expect(error(line)).toBe(text);
    expect(call("ZRANGE z 0 -1 WITHSCORES")).toEqual(["a", "1", "b", "2", "c", "3"]);
  });

  it.each([
    ["inf", "inf"],
    ["-Infinity", "-inf"],
    ["+5", "5"],
    [".5", "0.5"],
    ["5.", "5"],
    ["1E3", "1000"],
    ["1e-310", "1e-310"],
    ["4611686018427387904", "4611686018427387904"],
  ])("reads %s as %s", (given, shown) => {
    client.command("ZADD", "z", given, "m");
    expect(call("ZSCORE z m")).toBe(shown);
  });

  it("keeps -0 only where Redis does: in no listpack", () => {
    expect(call("ZADD z INCR -0 m")).toBe("-0");
    expect(call("ZSCORE z m")).toBe("0");
    call(`ZADD z 1 ${"x".repeat(65)}`);
    call("ZADD z -0 n");
    expect(call("ZSCORE z n")).toBe("-0");
    expect(call("ZRANGEBYSCORE z 0 0")).toEqual(["m", "n"]);
  });
});

describe("ranges", () => {
  it.each([
    ["ZRANGE z 0 -1 REV WITHSCORES", ["c", "3", "b", "2", "a", "1"]],
    ["ZRANGE z 1 5", ["b", "c"]],
    ["ZRANGE z 2 1", []],
    ["ZRANGE z -2 -2 REV", ["b"]],
    ["ZRANGE z (1 +inf BYSCORE LIMIT 0 1", ["b"]],
    ["ZRANGE z +inf -inf BYSCORE REV LIMIT 1 -1", ["b", "a"]],
    ["ZRANGE z 0 9 BYSCORE LIMIT -1 5", []],
    ["ZREVRANGE z 0 0 WITHSCORES", ["c", "3"]],
    ["ZRANGEBYSCORE z 2 (3 WITHSCORES", ["b", "2"]],
    ["ZREVRANGEBYSCORE z 3 (1 LIMIT 1 1", ["b"]],
    ["ZCOUNT z (1 3", 2],
    ["ZCOUNT z 3 1", 0],
    ["ZREMRANGEBYSCORE z (1 2", 1],
    ["ZREMRANGEBYRANK z 0 -2", 2],
    ["ZREMRANGEBYRANK z 5 9", 0],
  ])("%s", (line, reply) => {
    expect(call(line)).toEqual(reply);
  });

  it.each([
    ["ZRANGEBYLEX s - +", ["", "a", "b", "ba"]],
    ["ZRANGEBYLEX s [a (ba", ["a", "b"]],
    ["ZREVRANGEBYLEX s + (a LIMIT 1 1", ["b"]],
    ["ZRANGE s [b - BYLEX REV", ["b", "a", ""]],
    ["ZRANGEBYLEX s + -", []],
    ["ZLEXCOUNT s (a +", 2],
    ["ZREMRANGEBYLEX s [a [b", 2],
  ])("%s", (line, reply) => {
    for (const member of ["b", "", "ba", "a"]) client.command("ZADD", "s", "0", member);
    expect(call(line)).toEqual(reply);
  });

  it("by bytes over several scores are the run that a listpack gives", () => {
    call("ZADD mixed 1 d 2 a 3 c 4 e");
    expect(call("ZRANGEBYLEX mixed [c [d")).toEqual(["d", "a", "c"]);
    expect(call("ZRANGEBYLEX mixed [a [c")).toEqual([]);
    expect(call("ZREVRANGEBYLEX mixed [d [b")).toEqual(["c"]);
    expect(call("ZLEXCOUNT mixed - [d")).toBe(3);
  });

  it.each([
    ["ZRANGE z a 1", "ERR value is not an integer or out of range"],
    [
      "ZRANGE z 0 1 LIMIT 1 2",
      "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
    ],
    [
      "ZRANGE z - + BYLEX WITHSCORES",
      "ERR syntax error, WITHSCORES not supported in combination with BYLEX",
    ],
    ["ZRANGE z 0 1 BYSCORE BYLEX", "ERR syntax error"],
    ["ZRANGE z 0 1 BYSCORE LIMIT 0", "ERR syntax error"],
    ["ZREVRANGE z 0 1 REV", "ERR syntax error"],
    ["ZRANGEBYSCORE z nan 1", "ERR min or max is not a float"],
    ["ZCOUNT z (x 1", "ERR min or max is not a float"],
    ["ZRANGEBYLEX z a +", "ERR min or max not valid string range item"],
    ["ZREMRANGEBYLEX z - x", "ERR min or max not valid string range item"],
    ["ZRANK z a WITHSCORES", "ERR syntax error"],
    ["ZRANK z a WITHSCORE x", "ERR wrong number of arguments for 'zrank' command"],
  ])("%s is refused", (line, text) => {
    expect(error(line)).toBe(text);
  });
});

describe("ranks, pops and random members", () => {
  it("ranks from both ends, with scores", () => {
    expect(call("ZRANK z c")).toBe(2);
    expect(call("ZREVRANK z c WITHSCORE")).toEqual([0, "3"]);
    expect(call("ZRANK z none")).toBeNull();
    expect(call("ZREVRANK none c WITHSCORE")).toBeNull();
  });

  it("pops from both ends, and the key goes with the last", () => {
    expect(call("ZPOPMIN z")).toEqual(["a", "1"]);
    expect(call("ZPOPMAX z 5")).toEqual(["c", "3", "b", "2"]);
    expect(call("EXISTS z")).toBe(0);
    expect(call("ZPOPMIN z 3")).toEqual([]);
    expect(error("ZPOPMIN z -1")).toBe("ERR value is out of range, must be positive");
    expect(error("ZPOPMIN z 1 2")).toBe("ERR syntax error");
  });

  it("writes pops and removals by range as ranks", () => {
    call("ZPOPMAX z 2");
    expect(lastEffects()).toEqual([
      { id: EffectId.sortedSetRemoveRange, database: 0, key: "z", start: 1, count: 2 },
    ]);
  });

  it("pops from the first of several keys that is there", () => {
    expect(call("ZMPOP 2 none z MAX COUNT 2")).toEqual([
      "z",
      [
        ["c", "3"],
        ["b", "2"],
      ],
    ]);
    expect(call("ZMPOP 1 none MIN")).toBeNull();
    expect(error("ZMPOP 0 z MIN")).toBe("ERR numkeys should be greater than 0");
    expect(error("ZMPOP 1 z MIN COUNT 0")).toBe("ERR count should be greater than 0");
    expect(error("ZMPOP 1 z LEFT")).toBe("ERR syntax error");
  });

  it("nests pairs in RESP3, where Redis does", () => {
    client.command("HELLO", "3");
    expect(call("ZRANGE z 0 0 WITHSCORES")).toEqual([["a", 1]]);
    expect(call("ZPOPMIN z")).toEqual(["a", 1]);
    expect(call("ZPOPMIN z 1")).toEqual([["b", 2]]);
    expect(call("ZRANDMEMBER z 1 WITHSCORES")).toEqual([["c", 3]]);
    expect(call("ZUNION 1 z WITHSCORES")).toEqual([["c", 3]]);
    expect(call("ZSCAN z 0")).toEqual(["0", ["c", "3"]]);
  });

  it("gives random members: distinct ones, or with a negative count as they come", () => {
    const all = ["a", "b", "c"];
    expect(all).toContain(call("ZRANDMEMBER z"));
    const two = call("ZRANDMEMBER z 2") as string[];
    expect(new Set(two).size).toBe(2);
    expect(call("ZRANDMEMBER z 9")).toHaveLength(3);
    const many = call("ZRANDMEMBER z -50") as string[];
    expect(many).toHaveLength(50);
    expect(new Set(many)).toEqual(new Set(all));
    expect(call("ZRANDMEMBER none 5")).toEqual([]);
    expect(error(`ZRANDMEMBER z -${limits.randomMembersMax + 1}`)).toBe(
      "ERR value is out of range",
    );
  });

  it("removes each member once", () => {
    expect(call("ZREM z a a none")).toBe(1);
    expect(lastEffects()).toEqual([
      { id: EffectId.sortedSetRemove, database: 0, key: "z", members: ["a"] },
    ]);
    expect(call("ZREM z b c")).toBe(2);
    expect(call("TYPE z")).toBe("none");
  });
});

describe("ZSCAN", () => {
  it("meets every member of a large one that is there throughout", () => {
    for (let index = 0; index < 500; index += 1) call(`ZADD big ${index} m${index}`);
    const met = new Set<string>();
    let cursor = "0";
    let turns = 0;
    do {
      const [next, pairs] = call(`ZSCAN big ${cursor} COUNT 20`) as [string, string[]];
      for (let index = 0; index < pairs.length; index += 2) met.add(pairs[index]);
      call(`ZREM big m${turns} x${turns}`);
      call(`ZADD big ${-turns} x${turns + 1}`);
      turns += 1;
      cursor = next;
    } while (cursor !== "0");
    expect(turns).toBeGreaterThan(10);
    for (let index = turns; index < 500; index += 1) expect(met).toContain(`m${index}`);
  });

  it("looks at its cursor, then at the key, and of no key reads no options", () => {
    call("SET s v");
    expect(call("ZSCAN none 0 BOGUS")).toEqual(["0", []]);
    expect(client.error("ZSCAN", "s", "0", "BOGUS")).toMatch(/^WRONGTYPE /);
    expect(client.error("ZSCAN", "s", "x", "BOGUS")).toBe("ERR invalid cursor");
  });

  it("writes a skip list's scores with 17 digits, as Redis does", () => {
    call("ZADD z 0.1 m");
    expect(call("ZSCAN z 0 MATCH m*")).toEqual(["0", ["m", "0.1"]]);
    call(`ZADD z 1 ${"x".repeat(65)}`);
    expect(call("ZSCAN z 0 MATCH m*")).toEqual(["0", ["m", "0.10000000000000001"]]);
  });
});

describe("blocking pops", () => {
  it("answer at once if something is there, else when it comes, in the order of waiting", () => {
    expect(call("BZPOPMIN none z 0")).toEqual(["z", "a", "1"]);
    expect(call("BZMPOP 0 1 z MAX COUNT 5")).toEqual([
      "z",
      [
        ["c", "3"],
        ["b", "2"],
      ],
    ]);
    const waiting = [server.connect(), server.connect(), server.connect()];
    waiting[0].post("BZPOPMAX", "none", "z", "0");
    waiting[1].post("BZMPOP", "0", "1", "z", "MIN");
    waiting[2].post("BZPOPMIN", "z", "0");
    expect(waiting.map((one) => one.take())).toEqual([undefined, undefined, undefined]);
    call("ZADD z 1 a 2 b");
    server.world.advance(1);
    expect(waiting.map((one) => one.take())).toEqual([
      ["z", "b", "2"],
      ["z", [["a", "1"]]],
      undefined,
    ]);
    call("ZADD other 5 x");
    call("RENAME other z");
    server.world.advance(1);
    expect(waiting[2].take()).toEqual(["z", "x", "5"]);
    expect(call("EXISTS z")).toBe(0);
  });

  it("time out, and do not wait in a MULTI", () => {
    const other = server.connect();
    other.post("BZPOPMIN", "none", "0.5");
    server.world.advance(600);
    expect(other.take()).toBeNull();
    call("MULTI");
    call("BZPOPMIN none 0");
    expect(call("EXEC")).toEqual([null]);
    expect(error("BZPOPMIN none -1")).toBe("ERR timeout is negative");
  });
});
