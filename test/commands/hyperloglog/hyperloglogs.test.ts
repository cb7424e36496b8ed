/**
 * HyperLogLogs as strings: the bytes that Redis stores, its errors, and what goes to the log.
 */
import { describe, expect, it } from "vitest";
import { EffectId } from "../../../src/keyspace/effect.ts";
import { InProcessServer } from "../../support/in-process-server.ts";

const connect = () => new InProcessServer().connect();
const HEADER = "HYLL\x01\0\0\0";
const broken = "INVALIDOBJ Corrupted HLL object detected";
const noSketch = "WRONGTYPE Key is not a valid HyperLogLog string value.";
const many = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `e${from + index}`);

describe("a HyperLogLog", () => {
  it("has the bytes that redis-server 7.2 gives it, before and after it was counted", () => {
    const client = connect();
    expect(client.command("PFADD", "k")).toBe(1);
    expect(client.command("GET", "k")).toBe(`${HEADER}\0\0\0\0\0\0\0\x80\x7f\xff`);
    expect(client.command("PFADD", "k")).toBe(0);
    expect(client.command("PFADD", "k", "a", "b", "c", "a")).toBe(1);
    const ops = "\x60\xf3\x80\x50\xb1\x84\x4b\xfb\x80\x42\x5a";
    expect(client.command("GET", "k")).toBe(`${HEADER}\0\0\0\0\0\0\0\x80${ops}`);
    expect(client.command("PFCOUNT", "k")).toBe(3);
    expect(client.command("GET", "k")).toBe(`${HEADER}\x03\0\0\0\0\0\0\0${ops}`);
    expect(client.command("PFADD", "k", "b", "a")).toBe(0);
    expect(client.command("GET", "k")).toBe(`${HEADER}\x03\0\0\0\0\0\0\0${ops}`);
  });

  it("becomes dense when it outgrows hll-sparse-max-bytes, and counts the same", () => {
    const client = connect();
    client.command("CONFIG", "SET", "hll-sparse-max-bytes", 100);
    client.command("PFADD", "small", ...many(0, 20));
    client.command("PFADD", "large", ...many(0, 200));
    client.command("EXPIRE", "large", 500);
    expect(client.command("PFDEBUG", "ENCODING", "small")).toBe("sparse");
    expect(client.command("PFDEBUG", "encoding", "large")).toBe("dense");
    expect(client.command("STRLEN", "large")).toBe(12_304);
    client.command("CONFIG", "SET", "hll-sparse-max-bytes", 3000);
    client.command("PFADD", "other", ...many(0, 200));
    expect(client.command("PFDEBUG", "ENCODING", "other")).toBe("sparse");
    expect(client.command("PFDEBUG", "GETREG", "large")).toEqual(
      client.command("PFDEBUG", "GETREG", "other"),
    );
    expect(client.command("PFCOUNT", "other")).toBe(client.command("PFCOUNT", "large"));
    client.command("PFADD", "large", ...many(200, 200));
    expect(client.command("TTL", "large")).toBe(500);
  });

  it("counts unions, and merges them into what is there", () => {
    const client = connect();
    client.command("PFADD", "a", ...many(0, 100));
    client.command("PFADD", "b", ...many(50, 100));
    const union = client.command("PFCOUNT", "a", "missing", "b");
    expect(Math.abs(Number(union) - 150)).toBeLessThan(5);
    expect(client.command("PFMERGE", "a", "b", "missing")).toBe("OK");
    expect(client.command("PFCOUNT", "a")).toBe(union);
    expect(client.command("PFDEBUG", "TODENSE", "b")).toBe(1);
    expect(client.command("PFDEBUG", "TODENSE", "b")).toBe(0);
    expect(client.command("PFMERGE", "new", "b")).toBe("OK");
    expect(client.command("PFDEBUG", "ENCODING", "new")).toBe("dense");
    expect(client.command("PFMERGE", "nothing")).toBe("OK");
    expect(client.command("PFCOUNT", "nothing")).toBe(0);
    expect(client.command("PFCOUNT", "missing")).toBe(0);
  });

  it("is told from other strings and from broken ones, which stay as they are", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("SET", "plain", "HYLL");
    client.command("SET", "short", "HYLL\0".padEnd(100, "\0"));
    client.command("SET", "cut", `${HEADER}${"\0".repeat(7)}\x80\x10`);
    client.command("PFADD", "good", "x");
    const before = server.sink.units.length;
    for (const key of ["plain", "short"]) {
      expect(client.error("PFADD", key, "x")).toBe(noSketch);
      expect(client.error("PFCOUNT", key)).toBe(noSketch);
      expect(client.error("PFMERGE", "good", key)).toBe(noSketch);
    }
    expect(client.error("PFADD", "cut", "x", "y", "z")).toBe(broken);
    expect(client.error("PFCOUNT", "cut")).toBe(broken);
    expect(client.error("PFCOUNT", "good", "cut")).toBe(broken);
    expect(client.error("PFMERGE", "good", "cut")).toBe(broken);
    expect(client.error("PFDEBUG", "GETREG", "cut")).toBe(broken);
    expect(server.sink.units).toHaveLength(before);
  });

  it("shows its ops, and refuses what it does not know", () => {
    const client = connect();
    client.command("PFADD", "k", "a");
    expect(client.command("PFDEBUG", "DECODE", "k")).toMatch(/^Z:\d+ v:\d+,1 Z:\d+$/);
    client.command("PFDEBUG", "TODENSE", "k");
    expect(client.error("PFDEBUG", "DECODE", "k")).toBe("ERR HLL encoding is not sparse");
    expect(client.error("PFDEBUG", "X", "k")).toBe("ERR Unknown PFDEBUG subcommand 'X'");
    expect(client.error("PFDEBUG", "X", "missing")).toBe("ERR The specified key does not exist");
    expect(client.command("PFSELFTEST")).toBe("OK");
  });
});

describe("what goes to the log", () => {
  it("is what changed, not the sketch", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("PFADD", "k", ...many(0, 500));
    client.command("PFADD", "dense", ...many(0, 5000));
    client.command("PFCOUNT", "dense");
    const start = server.sink.units.length;
    for (let index = 0; index < 50; index += 1) {
      client.command("PFADD", "k", `more${index}`);
      client.command("PFADD", "dense", `more${index}`);
    }
    const effects = server.sink.units.slice(start).flatMap((unit) => unit.effects);
    expect(effects.length).toBeGreaterThan(60);
    for (const effect of effects) {
      if (effect.id !== EffectId.stringSplice) return expect.fail("only splices were expected");
      const bytes = effect.splices.map(({ value }) => value.length);
      expect(bytes.reduce((sum, one) => sum + one)).toBeLessThan(12);
    }
    return undefined;
  });

  it("holds the cardinality that PFCOUNT computed, if the log can take it", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("PFADD", "k", "a");
    const before = server.sink.units.length;
    client.command("PFCOUNT", "k");
    client.command("PFCOUNT", "k");
    client.command("MULTI");
    client.command("PFCOUNT", "k");
    client.command("EXEC");
    expect(server.sink.units.length).toBe(before + 1);
    client.command("PFADD", "k", "b");
    server.sink.refusal = "no space left";
    expect(client.command("PFCOUNT", "k")).toBe(2);
    expect(server.sink.units.length).toBe(before + 2);
    server.sink.refusal = undefined;
    client.command("MULTI");
    client.command("PFCOUNT", "k");
    client.command("EXEC");
    expect(server.sink.units.length).toBe(before + 3);
    expect(client.command("GET", "k")).toContain(`${HEADER}\x02\0\0\0\0\0\0\0`);
  });
});
