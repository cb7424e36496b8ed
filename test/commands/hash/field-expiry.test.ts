/**
 * HEXPIRE and its like, HSETEX, HGETEX and HGETDEL: codes, conditions and errors as Redis 7.4 and
 * 8.0 give them.
 */
import { beforeEach, describe, expect, it } from "vitest";
import { InProcessServer } from "../../support/in-process-server.ts";

let server: InProcessServer;
let client: ReturnType<InProcessServer["connect"]>;

beforeEach(() => {
  server = new InProcessServer();
  client = server.connect();
  client.command("HSET", "h", "a", "1", "b", "2", "c", "3");
});

const ttl = (...fields: string[]) =>
  client.command("HPTTL", "h", "FIELDS", String(fields.length), ...fields);

describe("HEXPIRE and its like", () => {
  it("set, tell and remove when fields expire", () => {
    const nowMs = server.world.nowMs();
    expect(client.command("HEXPIRE", "h", "10", "FIELDS", "2", "a", "none")).toEqual([1, -2]);
    expect(client.command("HPEXPIRE", "h", "1500", "FIELDS", "1", "b")).toEqual([1]);
    expect(ttl("a", "b", "c", "none")).toEqual([10_000, 1500, -1, -2]);
    expect(client.command("HTTL", "h", "FIELDS", "2", "a", "b")).toEqual([10, 2]);
    const times = [nowMs + 10_000, nowMs + 1500, -1];
    expect(client.command("HPEXPIRETIME", "h", "FIELDS", "3", "a", "b", "c")).toEqual(times);
    expect(client.command("HEXPIRETIME", "h", "FIELDS", "2", "a", "c")).toEqual([
      Math.ceil((nowMs + 10_000) / 1000),
      -1,
    ]);
    const fields = ["FIELDS", "4", "a", "a", "c", "none"];
    expect(client.command("HPERSIST", "h", ...fields)).toEqual([1, -1, -1, -2]);
    expect(ttl("a", "b")).toEqual([-1, 1500]);
    const at = String(nowMs + 77_000);
    expect(client.command("HPEXPIREAT", "h", at, "FIELDS", "1", "c")).toEqual([1]);
    expect(ttl("c")).toEqual([77_000]);
    const seconds = String(Math.ceil(nowMs / 1000) + 5);
    expect(client.command("HEXPIREAT", "h", seconds, "FIELDS", "1", "c")).toEqual([1]);
    expect(client.command("HEXPIRETIME", "h", "FIELDS", "1", "c")).toEqual([Number(seconds)]);
  });

  it("delete fields whose time is in the past, and the key with the last", () => {
    expect(client.command("HEXPIRE", "h", "0", "FIELDS", "3", "a", "a", "x")).toEqual([2, -2, -2]);
    expect(client.command("HPEXPIREAT", "h", "1", "FIELDS", "2", "b", "c")).toEqual([2, 2]);
    expect(client.command("EXISTS", "h")).toBe(0);
  });

  it.each([
    ["NX", [0, 1], [50, 10]],
    ["XX", [1, 0], [10, -1]],
    ["GT", [0, 0], [50, -1]],
    ["LT", [1, 1], [10, 10]],
  ])("keep to %s", (condition, codes, left) => {
    client.command("HPEXPIRE", "h", "50", "FIELDS", "1", "a");
    expect(client.command("HPEXPIRE", "h", "10", condition, "FIELDS", "2", "a", "b")).toEqual(
      codes,
    );
    expect(ttl("a", "b")).toEqual(left);
  });

  it("keep to GT and NX where a field comes twice", () => {
    client.command("HPEXPIRE", "h", "50", "FIELDS", "1", "a");
    expect(client.command("HPEXPIRE", "h", "90", "GT", "FIELDS", "2", "a", "a")).toEqual([1, 0]);
    expect(client.command("HPEXPIRE", "h", "90", "NX", "FIELDS", "2", "b", "b")).toEqual([1, 0]);
  });

  it.each([
    [["HEXPIRE", "h", "x", "FIELDS", "1", "a"], "ERR value is not an integer or out of range"],
    [["HEXPIRE", "h", "-1", "FIELDS", "1", "a"], "ERR invalid expire time, must be >= 0"],
    [
      ["HEXPIRE", "h", "70368744178", "FIELDS", "1", "a"],
      "ERR invalid expire time in 'hexpire' command",
    ],
    [
      ["HPEXPIREAT", "h", "70368744177664", "FIELDS", "1", "a"],
      "ERR invalid expire time in 'hpexpireat' command",
    ],
    [
      ["HEXPIRE", "h", "10", "FIELDS", "0", "a"],
      "ERR Parameter `numFields` should be greater than 0",
    ],
    [
      ["HEXPIRE", "h", "10", "FIELDS", "2", "a"],
      "ERR The `numfields` parameter must match the number of arguments",
    ],
    [
      ["HEXPIRE", "h", "10", "YY", "FIELDS", "1"],
      "ERR Mandatory argument FIELDS is missing or not at the right position",
    ],
    [["HEXPIRE", "none", "-1", "FIELDS", "1", "a"], "ERR invalid expire time, must be >= 0"],
    [["HTTL", "h", "FIELDS", "x", "a"], "ERR Number of fields must be a positive integer"],
    [
      ["HPERSIST", "h", "FIELD", "1", "a"],
      "ERR Mandatory argument FIELDS is missing or not at the right position",
    ],
    [
      ["HGETDEL", "h", "FIELDS", "2", "a"],
      "ERR The `numfields` parameter must match the number of arguments",
    ],
    [["HGETEX", "h", "EX", "-1", "FIELDS", "1", "a"], "ERR invalid expire time, must be >= 0"],
    [
      ["HGETEX", "h", "EX", "1", "PERSIST", "FIELDS", "1", "a"],
      "ERR Mandatory argument FIELDS is missing or not at the right position",
    ],
    [
      ["HSETEX", "h", "EX", "1", "KEEPTTL", "FIELDS", "1", "a", "v"],
      "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified",
    ],
    [
      ["HSETEX", "h", "FNX", "FXX", "FIELDS", "1", "a", "v"],
      "ERR Only one of FXX or FNX arguments can be specified",
    ],
    [["HSETEX", "h", "YY", "FIELDS", "1", "a", "v"], "ERR unknown argument: YY"],
    [["HSETEX", "h", "FIELDS", "0", "a", "v"], "ERR invalid number of fields"],
    [
      ["HSETEX", "h", "FIELDS", "2", "a", "v"],
      "ERR wrong number of arguments for 'hsetex' command",
    ],
    [["HSETEX", "h", "FNX", "KEEPTTL", "EX", "1"], expect.stringMatching(/^ERR Only one of EX/)],
    [["HSETEX", "h", "FNX", "PX", "10", "EX"], expect.stringMatching(/^ERR Only one of EX/)],
  ])("refuse %j", (call, text) => {
    expect(client.error(...call)).toEqual(text);
  });

  it("answer for each field of a key that is not there", () => {
    expect(client.command("HEXPIRE", "none", "9", "FIELDS", "2", "a", "b")).toEqual([-2, -2]);
    expect(client.command("HTTL", "none", "FIELDS", "2", "a", "b")).toEqual([-2, -2]);
    expect(client.command("HPERSIST", "none", "FIELDS", "1", "a")).toEqual([-2]);
    expect(client.command("HGETEX", "none", "FIELDS", "2", "a", "b")).toEqual([null, null]);
    expect(client.command("HGETDEL", "none", "FIELDS", "1", "a")).toEqual([null]);
  });
});

describe("writes of fields that expire", () => {
  beforeEach(() => {
    client.command("HPEXPIRE", "h", "5000", "FIELDS", "2", "a", "b");
  });

  it("remove the expiry with HSET, and keep it with HINCRBY", () => {
    client.command("HSET", "h", "a", "7", "c", "9");
    client.command("HINCRBY", "h", "b", "5");
    expect(ttl("a", "b", "c")).toEqual([-1, 5000, -1]);
    client.command("HINCRBYFLOAT", "h", "b", "0.5");
    expect(ttl("b")).toEqual([5000]);
    expect(client.command("HGET", "h", "b")).toBe("7.5");
    expect(client.command("HSETNX", "h", "b", "x")).toBe(0);
    expect(client.command("HDEL", "h", "b")).toBe(1);
    client.command("HSET", "h", "b", "again");
    expect(ttl("b")).toEqual([-1]);
    expect(client.command("OBJECT", "ENCODING", "h")).toBe("listpackex");
  });

  it("show in the digest, and in what the hash takes", () => {
    const facts = () => [client.command("DEBUG", "DIGEST"), client.command("MEMORY", "USAGE", "h")];
    const before = facts();
    client.command("HPEXPIRE", "h", "6000", "FIELDS", "1", "c");
    const after = facts();
    expect(after[0]).not.toBe(before[0]);
    expect(Number(after[1])).toBeGreaterThan(Number(before[1]));
    client.command("HPERSIST", "h", "FIELDS", "1", "c");
    expect(facts()).toEqual(before);
  });

  it("begin anew from what has passed and cannot be removed", () => {
    client.command("CLIENT", "PAUSE", "100000", "WRITE");
    server.world.jump(5001);
    client.command("CLIENT", "UNPAUSE");
    expect(client.command("HINCRBY", "h", "a", "5")).toBe(5);
    expect(ttl("a")).toEqual([-1]);
    expect(client.command("HSETEX", "h", "KEEPTTL", "FIELDS", "1", "b", "new")).toBe(1);
    expect(ttl("b")).toEqual([-1]);
  });

  it("HSETEX sets fields with their expiry, if they are there or not", () => {
    const set = (...args: string[]) => client.command("HSETEX", "h", ...args);
    expect(set("FXX", "PX", "70", "FIELDS", "2", "a", "7", "none", "8")).toBe(0);
    expect(set("FNX", "PX", "70", "FIELDS", "2", "a", "7", "none", "8")).toBe(0);
    expect(set("FXX", "PX", "70", "FIELDS", "2", "a", "7", "c", "8")).toBe(1);
    expect(ttl("a", "c")).toEqual([70, 70]);
    expect(set("FNX", "EX", "7", "FIELDS", "1", "new", "8")).toBe(1);
    expect(ttl("new")).toEqual([7000]);
    expect(set("KEEPTTL", "FIELDS", "2", "a", "x", "d", "y")).toBe(1);
    expect(ttl("a", "d")).toEqual([70, -1]);
    expect(set("FIELDS", "1", "a", "z")).toBe(1);
    expect(ttl("a")).toEqual([-1]);
    expect(set("PXAT", "1", "FIELDS", "2", "a", "z", "unborn", "z")).toBe(1);
    expect(client.command("HMGET", "h", "a", "unborn", "c")).toEqual([null, null, "8"]);
    expect(client.command("HSETEX", "fresh", "FXX", "FIELDS", "1", "a", "v")).toBe(0);
    expect(client.command("HSETEX", "fresh", "EXAT", "0", "FIELDS", "1", "a", "v")).toBe(1);
    expect(client.command("EXISTS", "fresh")).toBe(0);
  });

  it("HGETEX answers values, and sets or removes the expiry", () => {
    const get = (...args: string[]) => client.command("HGETEX", "h", ...args);
    expect(get("FIELDS", "2", "a", "none")).toEqual(["1", null]);
    expect(ttl("a")).toEqual([5000]);
    expect(get("PX", "90", "FIELDS", "2", "a", "c")).toEqual(["1", "3"]);
    expect(ttl("a", "c")).toEqual([90, 90]);
    expect(get("PERSIST", "FIELDS", "1", "a")).toEqual(["1"]);
    expect(ttl("a")).toEqual([-1]);
    expect(get("EXAT", "0", "FIELDS", "3", "a", "a", "b")).toEqual(["1", null, "2"]);
    expect(client.command("HKEYS", "h")).toEqual(["c"]);
  });

  it("HGETDEL takes fields out, and the key with the last", () => {
    expect(client.command("HGETDEL", "h", "FIELDS", "3", "a", "a", "x")).toEqual(["1", null, null]);
    expect(client.command("HGETDEL", "h", "FIELDS", "2", "b", "c")).toEqual(["2", "3"]);
    expect(client.command("EXISTS", "h")).toBe(0);
  });
});
