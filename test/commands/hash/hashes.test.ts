/**
 * Hashes: order and counts of their fields, sums in fields, and hashes of 100,000 fields.
 */
import { describe, expect, it } from "vitest";
import { InProcessServer } from "../../support/in-process-server.ts";

describe("hashes", () => {
  it("keep the order of insertion, and count a field given twice once", () => {
    const client = new InProcessServer().connect();
    expect(client.command("HSET", "h", "b", 1, "a", 2, "b", 3)).toBe(2);
    expect(client.command("HSET", "h", "a", 4, "c", 5)).toBe(1);
    expect(client.command("HGETALL", "h")).toEqual(["b", "3", "a", "4", "c", "5"]);
    client.command("HDEL", "h", "b");
    client.command("HSET", "h", "b", 6);
    expect(client.command("HKEYS", "h")).toEqual(["a", "c", "b"]);
    expect(client.command("HVALS", "h")).toEqual(["4", "5", "6"]);
    expect(client.command("HMGET", "h", "c", "none", "c")).toEqual(["5", null, "5"]);
    expect(client.command("HDEL", "h", "a", "a", "none", "b", "c")).toBe(3);
    expect(client.command("EXISTS", "h")).toBe(0);
  });

  it("answer maps in RESP3", () => {
    const client = new InProcessServer().connect();
    client.command("HELLO", 3);
    client.command("HSET", "h", "f", "v", "\xff", "\x00");
    const map = new Map([
      ["f", "v"],
      ["\xff", "\x00"],
    ]);
    expect(client.command("HGETALL", "h")).toEqual(map);
    expect(client.command("HGETALL", "missing")).toEqual(new Map());
  });

  it("refuse a field without a value, and set none", () => {
    const client = new InProcessServer().connect();
    for (const command of ["HSET", "HMSET"]) {
      expect(client.error(command, "h", "f", "v", "g")).toBe(
        `ERR wrong number of arguments for '${command.toLowerCase()}' command`,
      );
    }
    expect(client.command("EXISTS", "h")).toBe(0);
  });

  it("hold sums to the ends of 64 bits and to what a float can be", () => {
    const server = new InProcessServer();
    const client = server.connect();
    expect(client.command("HINCRBY", "h", "n", "9223372036854775807")).toBe(2n ** 63n - 1n);
    expect(client.error("HINCRBY", "h", "n", 1)).toBe("ERR increment or decrement would overflow");
    expect(client.command("HINCRBYFLOAT", "h", "f", "0.1")).toBe("0.1");
    expect(client.command("HINCRBYFLOAT", "h", "f", "0.2")).toBe("0.3");
    client.command("HSET", "h", "t", "text");
    expect(client.error("HINCRBY", "h", "t", 1)).toBe("ERR hash value is not an integer");
    expect(client.error("HINCRBYFLOAT", "h", "t", 1)).toBe("ERR hash value is not a float");
    expect(client.error("HINCRBYFLOAT", "h", "f", "inf")).toBe("ERR value is NaN or Infinity");
    expect(client.error("HINCRBYFLOAT", "h", "f", "x")).toBe("ERR value is not a valid float");
    const unitCount = server.sink.units.length;
    expect(client.error("HINCRBY", "missing", "n", "x")).toMatch("not an integer");
    expect(server.sink.units).toHaveLength(unitCount);
  });

  it("of 100,000 fields and of 1 MB in a field are kept, read and forgotten", () => {
    const server = new InProcessServer();
    const client = server.connect();
    const count = 100_000;
    for (let start = 0; start < count; start += 5_000) {
      const pairs = Array.from({ length: 10_000 }, (_, index) =>
        index % 2 === 0 ? `f${start + index / 2}` : `v${start + (index - 1) / 2}`,
      );
      expect(client.command("HSET", "h", ...pairs)).toBe(5_000);
    }
    expect(client.command("HLEN", "h")).toBe(count);
    expect(client.command("HGET", "h", "f77777")).toBe("v77777");
    expect(client.command("HGETALL", "h")).toHaveLength(2 * count);
    client.command("HSET", "h", "long", Buffer.alloc(1_000_000, "x"));
    expect(client.command("HSTRLEN", "h", "long")).toBe(1_000_000);
    expect(client.command("HRANDFIELD", "h", 1000)).toHaveLength(1000);
    client.command("HSET", "h", "long", "short");
    for (let index = 0; index < count; index += 1) client.post("HDEL", "h", `f${index}`);
    client.replies.length = 0;
    expect(client.command("HLEN", "h")).toBe(1);
    expect(client.command("HSCAN", "h", "0")).toEqual(["0", ["long", "short"]]);
    client.command("HDEL", "h", "long");
    expect(server.keyspace.usedBytes).toBe(0);
  });
});
