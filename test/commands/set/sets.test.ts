/**
 * Sets: members that come and go, random ones, scans, and the order of checks.
 */
import { describe, expect, it } from "vitest";
import { EffectId } from "../../../src/keyspace/effect.ts";
import { type InProcessClient, InProcessServer } from "../../support/in-process-server.ts";

const WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";
const numbered = (count: number, prefix = "") =>
  Array.from({ length: count }, (_, index) => prefix + index);
const sorted = (reply: unknown) => (Array.isArray(reply) ? reply.map(String).toSorted() : reply);
const connect = () => new InProcessServer().connect();

/** One of each form. */
const forms = [
  ["integers", numbered(100)],
  ["a listpack", numbered(100, "m")],
  ["a table", numbered(700, "m")],
] as const;

function filled(members: readonly string[]): InProcessClient {
  const client = connect();
  client.command("SADD", "s", ...members);
  return client;
}

describe("members", () => {
  it("are added and removed once, in effects that hold only those that came or went", () => {
    const server = new InProcessServer();
    const client = server.connect();
    expect(client.command("SADD", "s", "b", "a", "b")).toBe(2);
    expect(client.command("SADD", "s", "b")).toBe(0);
    expect(client.command("SADD", "s", "c", "a", "1")).toBe(2);
    expect(client.command("SMEMBERS", "s")).toEqual(["b", "a", "c", "1"]);
    expect(client.command("SREM", "s", "x", "c", "c", "1")).toBe(2);
    expect(client.command("SREM", "s", "x")).toBe(0);
    expect(client.command("SREM", "s", "a", "b", "a")).toBe(2);
    expect(client.command("EXISTS", "s")).toBe(0);
    const effects = server.sink.units.flatMap((unit) => unit.effects);
    expect(effects).toEqual([
      { id: EffectId.setAdd, database: 0, key: "s", members: ["b", "a"] },
      { id: EffectId.setAdd, database: 0, key: "s", members: ["c", "1"] },
      { id: EffectId.setRemove, database: 0, key: "s", members: ["c", "1"] },
      { id: EffectId.setRemove, database: 0, key: "s", members: ["a", "b"] },
    ]);
  });

  it.each(forms)("are known in %s", (_, members) => {
    const client = filled(members);
    expect(client.command("SCARD", "s")).toBe(members.length);
    expect(sorted(client.command("SMEMBERS", "s"))).toEqual(members.toSorted());
    expect(client.command("SISMEMBER", "s", members[7])).toBe(1);
    expect(client.command("SMISMEMBER", "s", members[7], "none", members[0])).toEqual([1, 0, 1]);
  });

  it("are none of a key that is not there", () => {
    const client = connect();
    expect(client.command("SCARD", "s")).toBe(0);
    expect(client.command("SMEMBERS", "s")).toEqual([]);
    expect(client.command("SISMEMBER", "s", "a")).toBe(0);
    expect(client.command("SMISMEMBER", "s", "a", "b")).toEqual([0, 0]);
    expect(client.command("SREM", "s", "a")).toBe(0);
  });

  it("may be long and binary", () => {
    const client = connect();
    const long = "\xff\x00".repeat(400);
    expect(client.command("SADD", "s", long, "", "\x00")).toBe(3);
    expect(client.command("SISMEMBER", "s", long)).toBe(1);
    expect(sorted(client.command("SMEMBERS", "s"))).toEqual(["", "\x00", long]);
  });

  it("move from one set to another", () => {
    const client = connect();
    client.command("SADD", "one", "a", "b");
    client.command("SADD", "two", "b");
    expect(client.command("SMOVE", "one", "two", "none")).toBe(0);
    expect(client.command("SMOVE", "one", "two", "a")).toBe(1);
    expect(client.command("SMOVE", "one", "one", "b")).toBe(1);
    expect(client.command("SMOVE", "one", "two", "b")).toBe(1);
    expect(client.command("EXISTS", "one")).toBe(0);
    expect(client.command("SMEMBERS", "two")).toEqual(["b", "a"]);
    expect(client.command("SMOVE", "two", "three", "a")).toBe(1);
    expect(client.command("SMEMBERS", "three")).toEqual(["a"]);
  });

  it("do not move to or from another type; without a source nobody looks", () => {
    const client = connect();
    client.command("SET", "string", "x");
    client.command("SADD", "s", "a");
    expect(client.error("SMOVE", "s", "string", "a")).toBe(WRONG_TYPE);
    expect(client.error("SMOVE", "string", "s", "a")).toBe(WRONG_TYPE);
    expect(client.command("SMOVE", "none", "string", "a")).toBe(0);
    expect(client.command("SMEMBERS", "s")).toEqual(["a"]);
  });

  it("come as a set in RESP3 where they are one", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("HELLO", 3);
    client.command("SADD", "s", "a");
    client.replies.length = 0;
    const kinds = [
      ["SMEMBERS", "s"],
      ["SUNION", "s"],
      ["SINTER", "s"],
      ["SDIFF", "s"],
    ];
    for (const call of [...kinds, ["SRANDMEMBER", "s", "5"], ["SPOP", "s", "5"]]) {
      client.post(...call);
    }
    const names = client.replies.map(({ reply }) => reply?.constructor.name);
    expect(names).toEqual(["SetReply", "SetReply", "SetReply", "SetReply", "Array", "SetReply"]);
  });
});

describe("random members", () => {
  it.each(forms)("of %s leave by SPOP, each at most once, and the rest stays", (_, members) => {
    const client = filled(members);
    const popped: string[] = [];
    for (const count of [1, 3, Math.floor(members.length / 2)]) {
      const some = sorted(client.command("SPOP", "s", count)) as string[];
      expect(some).toHaveLength(count);
      popped.push(...some);
    }
    popped.push(String(client.command("SPOP", "s")));
    const left = sorted(client.command("SMEMBERS", "s")) as string[];
    expect([...popped, ...left].toSorted()).toEqual(members.toSorted());
    expect(sorted(client.command("SPOP", "s", 100_000))).toEqual(left);
    expect(client.command("EXISTS", "s")).toBe(0);
  });

  it("by SPOP take the key with the last one", () => {
    const client = filled(["a"]);
    expect(client.command("SPOP", "s")).toBe("a");
    expect(client.command("EXISTS", "s")).toBe(0);
    expect(client.command("SPOP", "s")).toBeNull();
    expect(client.command("SPOP", "s", 0)).toEqual([]);
  });

  it.each(forms)("of %s keep to their count by SRANDMEMBER", (_, members) => {
    const client = filled(members);
    const all = new Set(members);
    for (const count of [1, 2, 50, members.length - 1, members.length, 5000]) {
      const some = client.command("SRANDMEMBER", "s", count) as string[];
      expect(new Set(some).size).toBe(Math.min(count, members.length));
      expect(some.every((member) => all.has(member))).toBe(true);
      expect(client.command("SRANDMEMBER", "s", -count)).toHaveLength(count);
    }
    expect(all).toContain(client.command("SRANDMEMBER", "s"));
    expect(client.command("SRANDMEMBER", "s", 0)).toEqual([]);
    expect(client.command("SCARD", "s")).toBe(members.length);
  });

  it.each(forms)("of %s are each as likely as any other", (_, members) => {
    const client = filled(members);
    const counts = new Map<string, number>(members.map((member) => [member, 0]));
    const note = (reply: unknown): void => {
      for (const member of [reply].flat() as string[]) {
        counts.set(member, (counts.get(member) ?? 0) + 1);
      }
    };
    const draws = members.length * 100;
    note(client.command("SRANDMEMBER", "s", -draws));
    const part = Math.floor(members.length / 4);
    for (let done = 0; done < draws; done += part) note(client.command("SRANDMEMBER", "s", part));
    for (let done = 0; done < draws; done += 1) note(client.command("SRANDMEMBER", "s"));
    const mean = (draws * 3) / members.length;
    for (const count of counts.values()) {
      // Six standard deviations; the generator of these servers is seeded.
      expect(Math.abs(count - mean)).toBeLessThan(6 * Math.sqrt(mean));
    }
  });

  it("refuse counts that are none", () => {
    const client = filled(["a"]);
    const positive = "ERR value is out of range, must be positive";
    expect(client.error("SPOP", "s", -1)).toBe(positive);
    expect(client.error("SPOP", "s", "x")).toBe(positive);
    expect(client.error("SPOP", "s", 1, 1)).toBe("ERR syntax error");
    expect(client.error("SRANDMEMBER", "s", 1, 1)).toBe("ERR syntax error");
    expect(client.error("SRANDMEMBER", "s", "x")).toBe(
      "ERR value is not an integer or out of range",
    );
    expect(client.error("SRANDMEMBER", "s", "-9223372036854775808")).toBe(
      "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
    );
  });
});

describe("SSCAN", () => {
  it("gives a small set whole, whatever COUNT is", () => {
    for (const [, members] of forms.slice(0, 2)) {
      const client = filled(members);
      const [cursor, found] = client.command("SSCAN", "s", 0, "COUNT", 1) as [string, string[]];
      expect(cursor).toBe("0");
      expect(sorted(found)).toEqual(members.toSorted());
    }
  });

  it("meets every member that stays, whatever comes and goes meanwhile", () => {
    const stays = numbered(500, "stay");
    const client = filled([...stays, ...numbered(500, "go")]);
    const met = new Set<string>();
    let cursor = "0";
    let round = 0;
    do {
      const reply = client.command("SSCAN", "s", cursor, "COUNT", 20) as [string, string[]];
      cursor = reply[0];
      for (const member of reply[1]) met.add(member);
      client.command("SREM", "s", ...numbered(20, `go${round}`));
      client.command("SADD", "s", `new${round}`);
      round += 1;
    } while (cursor !== "0");
    for (const member of stays) expect(met).toContain(member);
  });

  it("knows MATCH, and looks at the cursor first and at options of a set that is there", () => {
    const client = filled(["apple", "pear", "1"]);
    expect(client.command("SSCAN", "s", 0, "MATCH", "*p*e*")).toEqual(["0", ["apple", "pear"]]);
    expect(client.error("SSCAN", "none", "x")).toBe("ERR invalid cursor");
    expect(client.command("SSCAN", "none", 0, "BOGUS")).toEqual(["0", []]);
    expect(client.error("SSCAN", "s", 0, "TYPE", "set")).toBe("ERR syntax error");
    expect(client.error("SSCAN", "s", 0, "COUNT", 0)).toBe("ERR syntax error");
  });
});
