/**
 * Unions, intersections and differences against plain sets, stored and not; SINTERCARD.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EffectId } from "../../../src/keyspace/effect.ts";
import { InProcessServer } from "../../support/in-process-server.ts";

const WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";
const connect = () => new InProcessServer().connect();
const sorted = (reply: unknown) => (reply as string[]).toSorted();

const member = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map(String),
  fc.constantFrom("a", "b", "", "\xff", "x".repeat(65)),
);
const source = fc.oneof(
  { weight: 4, arbitrary: fc.array(member, { maxLength: 30 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(300, 700).map((count) => [...Array(count).keys()].map(String)),
  },
);
const operations = {
  UNION: ([first, ...others]: Set<string>[]) =>
    others.flatMap((set) => [...set]).concat([...first]),
  INTER: ([first, ...others]: Set<string>[]) =>
    [...first].filter((text) => others.every((set) => set.has(text))),
  DIFF: ([first, ...others]: Set<string>[]) =>
    [...first].filter((text) => !others.some((set) => set.has(text))),
};

describe("set algebra", () => {
  it.each(Object.entries(operations))("S%s is what it is of plain sets", (name, operation) => {
    fc.assert(
      fc.property(
        fc.array(source, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 6 }),
        fc.nat({ max: 4 }),
        (sources, chosen, destination) => {
          const client = connect();
          for (const [index, members] of sources.entries()) {
            if (members.length > 0) client.command("SADD", `s${index}`, ...members);
          }
          const keys = chosen.map((index) => `s${index}`);
          const model = new Set(operation(chosen.map((index) => new Set(sources[index] ?? []))));
          expect(sorted(client.command(`S${name}`, ...keys))).toEqual([...model].toSorted());
          const target = `s${destination}`;
          expect(client.command(`S${name}STORE`, target, ...keys)).toBe(model.size);
          expect(sorted(client.command("SMEMBERS", target))).toEqual([...model].toSorted());
          expect(client.command("EXISTS", target)).toBe(model.size === 0 ? 0 : 1);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each(["SUNION", "SINTER", "SDIFF"])("%s refuses any key of another type", (name) => {
    const client = connect();
    client.command("SADD", "s", "a");
    client.command("SET", "string", "x");
    for (const keys of [["string"], ["none", "string"], ["s", "none", "string"]]) {
      expect(client.error(name, ...keys)).toBe(WRONG_TYPE);
      expect(client.error(`${name}STORE`, "s", ...keys)).toBe(WRONG_TYPE);
    }
    expect(client.command("SMEMBERS", "s")).toEqual(["a"]);
    expect(client.command(`${name}STORE`, "string", "s")).toBe(1);
    expect(client.command("TYPE", "string")).toBe("set");
  });

  it("stores a result as one effect, without the expiry of what was there", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("SADD", "s", "b", "a");
    client.command("SET", "d", "x", "EX", 100);
    const before = server.sink.units.length;
    expect(client.command("SUNIONSTORE", "d", "s", "s")).toBe(2);
    expect(server.sink.units.slice(before).flatMap((unit) => unit.effects)).toEqual([
      {
        id: EffectId.keyRestore,
        database: 0,
        key: "d",
        value: { type: "set", members: ["b", "a"] },
        expiryMs: 0,
      },
    ]);
    expect(client.command("TTL", "d")).toBe(-1);
    expect(client.command("SINTERSTORE", "d", "s", "none")).toBe(0);
    expect(client.command("EXISTS", "d")).toBe(0);
    expect(client.command("SINTERSTORE", "none", "s", "none")).toBe(0);
    expect(server.sink.units).toHaveLength(before + 2);
  });
});

describe("SINTERCARD", () => {
  it("counts up to its limit", () => {
    const client = connect();
    client.command("SADD", "one", ..."abcdef");
    client.command("SADD", "two", ..."cdefgh");
    expect(client.command("SINTERCARD", 2, "one", "two")).toBe(4);
    expect(client.command("SINTERCARD", 2, "one", "two", "LIMIT", 0)).toBe(4);
    expect(client.command("SINTERCARD", 2, "one", "two", "limit", 3)).toBe(3);
    expect(client.command("SINTERCARD", 2, "one", "two", "LIMIT", 1, "LIMIT", 10)).toBe(4);
    expect(client.command("SINTERCARD", 2, "one", "none")).toBe(0);
  });

  it("says what is wrong in Redis's words, before it looks at a key", () => {
    const client = connect();
    client.command("SET", "string", "x");
    const key = "string";
    for (const count of ["0", "-1", "x"]) {
      expect(client.error("SINTERCARD", count, key)).toBe("ERR numkeys should be greater than 0");
    }
    expect(client.error("SINTERCARD", 2, key)).toBe(
      "ERR Number of keys can't be greater than number of args",
    );
    for (const limit of ["-1", "x"]) {
      expect(client.error("SINTERCARD", 1, key, "LIMIT", limit)).toBe(
        "ERR LIMIT can't be negative",
      );
    }
    expect(client.error("SINTERCARD", 1, key, "LIMIT")).toBe("ERR syntax error");
    expect(client.error("SINTERCARD", 1, key, "BOGUS", 1)).toBe("ERR syntax error");
    expect(client.error("SINTERCARD", 2, "none", key)).toBe(WRONG_TYPE);
  });
});
