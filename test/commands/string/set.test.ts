/**
 * SET and GETEX: every order of their options, what excludes what, and what comes first when
 * several things are wrong.
 */
import { describe, expect, it } from "vitest";
import { InProcessServer } from "../../support/in-process-server.ts";

type Words = readonly (string | number)[];

function orders(options: readonly Words[]): Words[] {
  if (options.length === 0) return [[]];
  return options.flatMap((first, at) =>
    orders(options.filter((_, index) => index !== at)).map((rest) => [...first, ...rest]),
  );
}

/** Options; what SET answers on a missing key and on one that holds `old`. */
const cases: readonly (readonly [readonly Words[], unknown, unknown])[] = [
  [[["NX"], ["EX", 100]], "OK", null],
  [[["XX"], ["PX", 100_000]], null, "OK"],
  [[["NX"], ["GET"], ["EX", 100]], null, "old"],
  [[["XX"], ["GET"], ["EXAT", 1_700_000_100]], null, "old"],
  [[["GET"], ["PXAT", 1_700_000_100_000]], null, "old"],
  [[["GET"], ["KEEPTTL"], ["XX"]], null, "old"],
];

describe("SET", () => {
  for (const [options, onMissing, onPresent] of cases) {
    it.each(orders(options).map((order) => [order]))("with %j", (order) => {
      const isNew = order.includes("NX");
      const isExisting = order.includes("XX");
      const missing = new InProcessServer().connect();
      expect(missing.command("SET", "k", "new", ...order)).toBe(onMissing);
      expect(missing.command("GET", "k")).toBe(isExisting ? null : "new");
      const present = new InProcessServer().connect();
      present.command("SET", "k", "old", "EX", 100);
      const lower = order.map((word) => String(word).toLowerCase());
      expect(present.command("SET", "k", "new", ...lower)).toBe(onPresent);
      expect(present.command("GET", "k")).toBe(isNew ? "old" : "new");
      expect(present.command("TTL", "k")).toBe(100);
    });
  }

  it.each([
    [["NX", "XX"]],
    [["XX", "NX"]],
    [["EX", 1, "PX", 1]],
    [["PXAT", 1, "EXAT", 1]],
    [["EX", 1, "KEEPTTL"]],
    [["KEEPTTL", "EX", 1]],
    [["EX"]],
    [["PERSIST"]],
    [["EX", "x", "nonsense"]],
    [["EX", 0, "NX", "XX"]],
  ])("refuses %j as bad syntax, and sets nothing", (options) => {
    const client = new InProcessServer().connect();
    expect(client.error("SET", "k", "v", ...options)).toBe("ERR syntax error");
    expect(client.command("EXISTS", "k")).toBe(0);
  });

  it("takes an option twice, and then the last time counts", () => {
    const client = new InProcessServer().connect();
    const options = ["GET", "EX", 1, "NX", "GET", "NX", "EX", 50];
    expect(client.command("SET", "k", "v", ...options)).toBeNull();
    expect(client.command("TTL", "k")).toBe(50);
    expect(client.command("SET", "k", "v", "KEEPTTL", "KEEPTTL")).toBe("OK");
    expect(client.command("TTL", "k")).toBe(50);
  });

  it("looks at the time before the key, and at the key's type only for GET", () => {
    const client = new InProcessServer().connect();
    client.command("RPUSH", "l", "a");
    const badTime = "ERR invalid expire time in 'set' command";
    expect(client.error("SET", "l", "v", "GET", "EX", 0)).toBe(badTime);
    expect(client.error("SET", "l", "v", "GET")).toMatch(/^WRONGTYPE/);
    expect(client.error("SET", "l", "v", "NX", "GET")).toMatch(/^WRONGTYPE/);
    expect(client.command("SET", "l", "v", "NX")).toBeNull();
    expect(client.command("LLEN", "l")).toBe(1);
    expect(client.command("SET", "l", "v")).toBe("OK");
  });
});

describe("GETEX", () => {
  it("changes the expiry only when asked to", () => {
    const client = new InProcessServer().connect();
    client.command("SET", "k", "v");
    expect(client.command("GETEX", "k", "EX", 5, "ex", 100)).toBe("v");
    expect(client.command("TTL", "k")).toBe(100);
    expect(client.command("GETEX", "k")).toBe("v");
    expect(client.command("TTL", "k")).toBe(100);
    expect(client.command("GETEX", "k", "PERSIST", "persist")).toBe("v");
    expect(client.command("TTL", "k")).toBe(-1);
    expect(client.command("GETEX", "missing", "EX", "x")).toBeNull();
    for (const options of [
      ["PERSIST", "EX", 1],
      ["EX", 1, "PERSIST"],
      ["NX"],
      ["KEEPTTL"],
      ["PX"],
    ]) {
      expect(client.error("GETEX", "k", ...options)).toBe("ERR syntax error");
    }
  });

  it("writes nothing to the log when nothing changes", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("SET", "k", "v");
    client.command("GETEX", "k");
    client.command("GETEX", "k", "PERSIST");
    expect(server.sink.units).toHaveLength(1);
  });
});
