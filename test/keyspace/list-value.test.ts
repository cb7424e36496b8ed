/**
 * The name that Redis gives to a list's encoding, by its settings and by how the list came to be;
 * and what a list is counted with.
 */
import { describe, expect, it } from "vitest";
import { ListValue } from "../../src/keyspace/list-value.ts";
import { flatSizeMax, flatValue, restoredSize } from "../../src/keyspace/restored-value.ts";
import { type InProcessClient, InProcessServer } from "../support/in-process-server.ts";

function clientWith(size: number): InProcessClient {
  const client = new InProcessServer().connect();
  client.command("CONFIG", "SET", "list-max-listpack-size", size);
  return client;
}

function encoding(client: InProcessClient): unknown {
  return client.command("OBJECT", "ENCODING", "l");
}

describe("a list's encoding", () => {
  it("is a listpack until what is added could outgrow one", () => {
    const client = clientWith(-2);
    client.command("RPUSH", "l", "x".repeat(8000));
    expect(encoding(client)).toBe("listpack");
    client.command("RPUSH", "l", "x".repeat(170));
    expect(encoding(client)).toBe("listpack");
    client.command("LPUSH", "l", "xx");
    expect(encoding(client)).toBe("listpack");
    client.command("LPUSH", "l", "x".repeat(20));
    expect(encoding(client)).toBe("quicklist");
  });

  it("counts bare lengths of what comes together, as Redis does", () => {
    const client = clientWith(-2);
    client.command("RPUSH", "l", ...Array.from({ length: 8185 }, () => "1"));
    expect(encoding(client)).toBe("listpack");
    client.command("RPUSH", "l", "1");
    expect(encoding(client)).toBe("quicklist");
  });

  it("is a listpack again at half of that, however it got there", () => {
    for (const shrink of [
      ["LPOP", "l", 60],
      ["RPOP", "l", 60],
      ["LTRIM", "l", 0, 38],
      ["LREM", "l", 60, "x".repeat(100)],
    ]) {
      const client = clientWith(-2);
      client.command("RPUSH", "l", ...Array.from({ length: 100 }, () => "x".repeat(100)));
      expect(encoding(client)).toBe("quicklist");
      client.command("LPOP", "l", 20);
      expect(encoding(client)).toBe("quicklist");
      client.command(...shrink);
      expect(encoding(client)).toBe("listpack");
    }
  });

  it("follows LSET and LINSERT of a long value, and LSET back", () => {
    const client = clientWith(-2);
    const long = Buffer.alloc(9000, "x");
    client.command("RPUSH", "l", "a", "b");
    client.command("LSET", "l", 1, long);
    expect(encoding(client)).toBe("quicklist");
    client.command("LSET", "l", 1, "b");
    expect(encoding(client)).toBe("listpack");
    client.command("LINSERT", "l", "BEFORE", "b", long);
    expect(encoding(client)).toBe("quicklist");
  });

  it("is bounded by entries where the setting is a count; 0 is 1, below -5 is -5", () => {
    const counted = clientWith(3);
    counted.command("RPUSH", "l", "a", "b", "c");
    expect(encoding(counted)).toBe("listpack");
    counted.command("RPUSH", "l", "d");
    expect(encoding(counted)).toBe("quicklist");
    counted.command("LPOP", "l", 2);
    expect(encoding(counted)).toBe("quicklist");
    counted.command("LPOP", "l");
    expect(encoding(counted)).toBe("listpack");
    const single = clientWith(0);
    single.command("RPUSH", "l", "a");
    expect(encoding(single)).toBe("listpack");
    single.command("RPUSH", "l", "b");
    expect(encoding(single)).toBe("quicklist");
    const large = clientWith(-6);
    large.command("RPUSH", "l", Buffer.alloc(60_000, "x"));
    expect(encoding(large)).toBe("listpack");
    large.command("RPUSH", "l", Buffer.alloc(5536, "x"));
    expect(encoding(large)).toBe("quicklist");
  });
});

describe("a list's flat form", () => {
  it("is never larger than was said", () => {
    for (const value of ["1", "-4096", "-32768", "-8388608", "-2147483648", "x", "x".repeat(99)]) {
      const list = new ListValue();
      list.push(
        Array.from({ length: 1000 }, () => value),
        false,
      );
      expect(restoredSize(flatValue(list))).toBeLessThanOrEqual(flatSizeMax(list));
    }
    const least = new ListValue();
    least.push(["-9223372036854775808"], false);
    expect(restoredSize(flatValue(least))).toBeLessThanOrEqual(flatSizeMax(least));
  });
});
