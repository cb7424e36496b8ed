/**
 * EXPIRE and its family on a clock that stands still: conditions, times in the past, rounding, and
 * what keeps or drops an expiry.
 */
import { describe, expect, it } from "vitest";
import { type InProcessClient, InProcessServer } from "../../support/in-process-server.ts";

const NOW_MS = 1_700_000_000_000;
const NOW_SECONDS = NOW_MS / 1000;

function withKey(...expiry: (string | number)[]): InProcessClient {
  const client = new InProcessServer().connect();
  client.command("SET", "k", "v", ...expiry);
  return client;
}

/** Present expiry in seconds or none, condition, new expiry in seconds, whether it is set. */
const conditions: readonly (readonly [number | undefined, string, number, 0 | 1])[] = [
  [undefined, "NX", 100, 1],
  [50, "NX", 100, 0],
  [undefined, "XX", 100, 0],
  [50, "XX", 100, 1],
  [undefined, "GT", 100, 0],
  [50, "GT", 100, 1],
  [100, "GT", 100, 0],
  [150, "GT", 100, 0],
  [undefined, "LT", 100, 1],
  [50, "LT", 100, 0],
  [100, "LT", 100, 0],
  [150, "LT", 100, 1],
];

describe("EXPIRE with a condition", () => {
  it.each(conditions)("present %s, %s %i: %i", (present, condition, seconds, expected) => {
    const calls = [
      ["EXPIRE", "k", seconds],
      ["PEXPIRE", "k", seconds * 1000],
      ["EXPIREAT", "k", NOW_SECONDS + seconds],
      ["PEXPIREAT", "k", NOW_MS + seconds * 1000],
    ];
    for (const call of calls) {
      const client = present === undefined ? withKey() : withKey("EX", present);
      expect(client.command(...call, condition.toLowerCase())).toBe(expected);
      expect(client.command("TTL", "k")).toBe(expected === 1 ? seconds : (present ?? -1));
    }
  });

  it("takes XX together with GT or LT, in any order and case, and one option twice", () => {
    const client = withKey("EX", 50);
    expect(client.command("EXPIRE", "k", 100, "xx", "GT")).toBe(1);
    expect(client.command("EXPIRE", "k", 90, "lt", "XX", "LT")).toBe(1);
    expect(client.command("TTL", "k")).toBe(90);
  });

  it("refuses conditions that exclude each other", () => {
    const client = withKey();
    const clash = "ERR NX and XX, GT or LT options at the same time are not compatible";
    for (const other of ["XX", "GT", "LT"]) {
      expect(client.error("EXPIRE", "k", 100, "NX", other)).toBe(clash);
      expect(client.error("EXPIRE", "k", 100, other, "NX")).toBe(clash);
    }
    expect(client.error("EXPIRE", "k", 100, "GT", "LT")).toBe(
      "ERR GT and LT options at the same time are not compatible",
    );
    expect(client.error("EXPIRE", "k", 100, "Soon")).toBe("ERR Unsupported option Soon");
    expect(client.command("TTL", "k")).toBe(-1);
  });
});

describe("times in the past", () => {
  it.each([
    ["EXPIRE", 0],
    ["EXPIRE", -1],
    ["PEXPIRE", -1],
    ["EXPIREAT", NOW_SECONDS],
    ["EXPIREAT", -5],
    ["PEXPIREAT", NOW_MS],
  ])("%s %i deletes the key at once", (command, time) => {
    const client = withKey();
    expect(client.command(command, "k", time)).toBe(1);
    expect(client.command("EXISTS", "k")).toBe(0);
    expect(client.command(command, "k", time)).toBe(0);
  });

  it("delete with SET and GETEX, too", () => {
    const client = withKey();
    expect(client.command("SET", "k", "w", "PXAT", NOW_MS - 1)).toBe("OK");
    expect(client.command("EXISTS", "k")).toBe(0);
    client.command("SET", "k", "v");
    expect(client.command("SET", "k", "w", "GET", "EXAT", 1)).toBe("v");
    expect(client.command("EXISTS", "k")).toBe(0);
    client.command("SET", "k", "v");
    expect(client.command("GETEX", "k", "EXAT", 1)).toBe("v");
    expect(client.command("EXISTS", "k")).toBe(0);
  });

  it("are out of bounds at the ends of 64 bits", () => {
    const client = withKey();
    const least = "-9223372036854775808";
    const most = "9223372036854775807";
    for (const time of [least, most]) {
      expect(client.error("EXPIRE", "k", time)).toBe("ERR invalid expire time in 'expire' command");
    }
    expect(client.error("PEXPIRE", "k", most)).toBe("ERR invalid expire time in 'pexpire' command");
    expect(client.error("EXPIRE", "k", "1.5")).toMatch("not an integer");
    expect(client.error("SETEX", "k", 0, "v")).toBe("ERR invalid expire time in 'setex' command");
    expect(client.error("GETEX", "k", "PX", -1)).toBe("ERR invalid expire time in 'getex' command");
    expect(client.command("PEXPIREAT", "k", most)).toBe(1);
    expect(client.command("PEXPIRETIME", "k")).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe("TTL", () => {
  it("rounds to the nearest second, PTTL does not", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("SET", "k", "v", "PX", 1999);
    const read = () => [client.command("TTL", "k"), client.command("PTTL", "k")];
    expect(read()).toEqual([2, 1999]);
    server.world.jump(500);
    expect(read()).toEqual([1, 1499]);
    server.world.jump(1000);
    expect(read()).toEqual([0, 499]);
    server.world.jump(499);
    expect(read()).toEqual([0, 0]);
    server.world.jump(1);
    expect(read()).toEqual([-2, -2]);
  });

  it("tells a missing key from one without expiry, and the absolute times", () => {
    const client = withKey();
    for (const command of ["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"]) {
      expect(client.command(command, "missing")).toBe(-2);
      expect(client.command(command, "k")).toBe(-1);
    }
    client.command("PEXPIREAT", "k", NOW_MS + 1501);
    expect(client.command("EXPIRETIME", "k")).toBe(NOW_SECONDS + 2);
    expect(client.command("PEXPIRETIME", "k")).toBe(NOW_MS + 1501);
    expect(client.command("PERSIST", "k")).toBe(1);
    expect(client.command("PERSIST", "k")).toBe(0);
    expect(client.command("PERSIST", "missing")).toBe(0);
  });
});

/** What was there, the command, and whether the expiry stays. */
const keeping: readonly (readonly [string, (string | number)[], boolean])[] = [
  ["string", ["SET", "k", "w"], false],
  ["string", ["SET", "k", "w", "KEEPTTL"], true],
  ["string", ["GETSET", "k", "w"], false],
  ["string", ["MSET", "k", "w"], false],
  ["string", ["APPEND", "k", "w"], true],
  ["string", ["SETRANGE", "k", 1, "w"], true],
  ["string", ["GETEX", "k"], true],
  ["string", ["GETEX", "k", "PERSIST"], false],
  ["integer", ["INCR", "k"], true],
  ["integer", ["DECRBY", "k", 5], true],
  ["integer", ["INCRBYFLOAT", "k", "0.5"], true],
  ["hash", ["HSET", "k", "f", "w"], true],
  ["hash", ["HINCRBY", "k", "g", 1], true],
  ["list", ["RPUSH", "k", "w"], true],
  ["list", ["LMOVE", "k", "k", "LEFT", "RIGHT"], true],
  ["list", ["RPOPLPUSH", "k", "k"], true],
];

describe("an expiry", () => {
  const makers: Record<string, string[]> = {
    string: ["SET", "k", "v"],
    integer: ["SET", "k", "1"],
    hash: ["HSET", "k", "f", "v"],
    list: ["RPUSH", "k", "v"],
  };

  it.each(keeping)("of a %s under %j stays: %s", (type, call, isKept) => {
    const client = new InProcessServer().connect();
    client.command(...makers[type]);
    client.command("EXPIRE", "k", 100);
    client.command(...call);
    expect(client.command("TTL", "k")).toBe(isKept ? 100 : -1);
  });

  it("goes with its key, and does not come back with a new one", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("RPUSH", "k", "v");
    client.command("EXPIRE", "k", 100);
    client.command("LPOP", "k");
    client.command("RPUSH", "k", "v");
    expect(client.command("TTL", "k")).toBe(-1);
    client.command("EXPIRE", "k", 1);
    server.world.jump(1001);
    expect(client.command("RPUSHX", "k", "v")).toBe(0);
    expect(client.command("RPUSH", "k", "v")).toBe(1);
    expect(client.command("TTL", "k")).toBe(-1);
  });
});
