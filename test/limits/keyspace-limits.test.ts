/**
 * Limits of the commands on keys and values, each reached.
 */
import { describe, expect, it } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { SlabQuota } from "../../src/data/slab-arena.ts";
import { InProcessServer } from "../support/in-process-server.ts";

describe("slabs of keys and short strings", () => {
  it("are arenaSlabsMax, and the last arenaSpareSlabs of them take no new writes", () => {
    const quota = new SlabQuota(limits.arenaSlabsMax, limits.arenaSpareSlabs);
    quota.usedUnits = Number.POSITIVE_INFINITY;
    for (let left = limits.arenaSlabsMax - limits.arenaSpareSlabs; left > 0; left -= 1) {
      expect(quota.isNearlyUsed).toBe(false);
      quota.take();
    }
    expect(quota.isNearlyUsed).toBe(true);
    // Much was freed: its blocks are used again, unless they do not fit.
    quota.usedUnits = 0;
    expect(quota.isNearlyUsed).toBe(false);
    for (let left = limits.arenaSpareSlabs; left > 0; left -= 1) quota.take();
    expect(quota.isNearlyUsed).toBe(true);
    expect(() => quota.take()).toThrow();
  });

  it("that are used up refuse what needs memory, and give way once it is freed", () => {
    const quota = new SlabQuota(2, 1);
    const client = new InProcessServer({ quota }).connect();
    client.command("SET", "k", "v");
    quota.usedUnits = Number.MAX_SAFE_INTEGER;
    expect(client.error("SET", "other", "v")).toMatch(/^OOM /);
    expect(client.command("GET", "k")).toBe("v");
    quota.usedUnits = 0;
    expect(client.command("SET", "other", "v")).toBe("OK");
  });
});

describe("scans", () => {
  it("visit scanCountMax keys in one call and no more", () => {
    const client = new InProcessServer().connect();
    for (let start = 0; start < limits.scanCountMax + 10; start += 10) {
      const pairs = Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0 ? `k${start + index / 2}` : "v",
      );
      client.command("MSET", ...pairs);
    }
    const all = "9223372036854775807";
    expect(client.command("SCAN", "0", "COUNT", all)).toEqual(["10", expect.anything()]);
    expect(client.command("SCAN", "10", "COUNT", all)).toEqual(["0", expect.anything()]);
  });
});

describe("ZRANDMEMBER", () => {
  it("repeats randomMembersMax members and no more", () => {
    const client = new InProcessServer().connect();
    client.command("ZADD", "z", "1", "m");
    const tooMany = client.error("ZRANDMEMBER", "z", -limits.randomMembersMax - 1);
    expect(tooMany).toMatch("out of range");
    const members = client.command("ZRANDMEMBER", "z", -limits.randomMembersMax);
    expect(Array.isArray(members) && members.length).toBe(limits.randomMembersMax);
  });
});

describe("HRANDFIELD", () => {
  it("repeats randomFieldsMax fields and no more", () => {
    const client = new InProcessServer().connect();
    client.command("HSET", "h", "f", "v");
    expect(client.error("HRANDFIELD", "h", -limits.randomFieldsMax - 1)).toMatch("out of range");
    const fields = client.command("HRANDFIELD", "h", -limits.randomFieldsMax);
    expect(Array.isArray(fields) && fields.length).toBe(limits.randomFieldsMax);
  });
});

describe("floats", () => {
  it("have at most floatTextBytesMax characters", () => {
    const client = new InProcessServer().connect();
    const longest = "1".padStart(limits.floatTextBytesMax, "0");
    client.command("SET", "k", longest);
    expect(client.command("INCRBYFLOAT", "k", longest)).toBe("2");
    expect(client.error("INCRBYFLOAT", "k", `0${longest}`)).toBe("ERR value is not a valid float");
  });
});
