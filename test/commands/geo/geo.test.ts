/**
 * Geo commands: places, distances, searches in all their forms, and their errors.
 */
import { describe, expect, it } from "vitest";
import type { InProcessClient } from "../../support/in-process-server.ts";
import { InProcessServer } from "../../support/in-process-server.ts";

const PALERMO = ["13.361389", "38.115556", "Palermo"] as const;
const CATANIA = ["15.087269", "37.502669", "Catania"] as const;
const EDGE = ["12.758489", "38.788135", "edge1", "17.241510", "38.788135", "edge2"] as const;

function sicily(): InProcessClient {
  const client = new InProcessServer().connect();
  client.command("GEOADD", "s", ...PALERMO, ...CATANIA, ...EDGE);
  return client;
}

const around = ["FROMLONLAT", "15", "37"];

describe("GEOADD", () => {
  it("adds places under conditions, and counts what is new or changed", () => {
    const client = new InProcessServer().connect();
    expect(client.command("GEOADD", "s", ...PALERMO, ...CATANIA)).toBe(2);
    expect(client.command("GEOADD", "s", "CH", "XX", "13", "38", "Palermo", "1", "1", "x")).toBe(1);
    expect(client.command("GEOADD", "s", "NX", "0", "0", "Palermo", "0", "0", "zero")).toBe(1);
    expect(client.command("ZSCORE", "s", "Catania")).toBe("3479447370796909");
    expect(client.command("ZCARD", "s")).toBe(3);
  });

  it("refuses places beyond the map before it changes anything", () => {
    const client = new InProcessServer().connect();
    expect(client.error("GEOADD", "s", ...PALERMO, "180.5", "0", "x")).toBe(
      "ERR invalid longitude,latitude pair 180.500000,0.000000",
    );
    expect(client.error("GEOADD", "s", "0", "86", "x")).toMatch(/pair 0.000000,86.000000$/);
    expect(client.error("GEOADD", "s", "x", "0", "x")).toBe("ERR value is not a valid float");
    expect(client.error("GEOADD", "s", "0", "0")).toMatch(/^ERR wrong number/);
    expect(client.error("GEOADD", "s", "0", "0", "x", "1")).toBe("ERR syntax error");
    expect(client.error("GEOADD", "s", "NX", "XX", "0", "0", "x")).toBe("ERR syntax error");
    expect(client.error("GEOADD", "s", "NX", "CH", "NX")).toBe("ERR syntax error");
    expect(client.command("EXISTS", "s")).toBe(0);
  });
});

describe("GEOPOS, GEOHASH and GEODIST", () => {
  it("tell places, geohashes and distances, with Redis's digits", () => {
    const client = sicily();
    expect(client.command("GEOPOS", "s", "Palermo", "x")).toEqual([
      ["13.36138933897018433", "38.11555639549629859"],
      null,
    ]);
    expect(client.command("GEOHASH", "s", "Palermo", "Catania", "x")).toEqual([
      "sqc8b49rny0",
      "sqdtr74hyu0",
      null,
    ]);
    expect(client.command("GEODIST", "s", "Palermo", "Catania")).toBe("166274.1516");
    expect(client.command("GEODIST", "s", "Palermo", "Catania", "KM")).toBe("166.2742");
    expect(client.command("GEODIST", "s", "Palermo", "Palermo", "mi")).toBe("0.0000");
    expect(client.command("GEODIST", "s", "Palermo", "x")).toBeNull();
    expect(client.command("GEODIST", "missing", "a", "b")).toBeNull();
    expect(client.command("GEOPOS", "missing", "a")).toEqual([null]);
    expect(client.error("GEODIST", "missing", "a", "b", "yards")).toBe(
      "ERR unsupported unit provided. please use M, KM, FT, MI",
    );
    expect(client.error("GEODIST", "s", "a", "b", "m", "m")).toBe("ERR syntax error");
  });

  it("give doubles in RESP3", () => {
    const client = sicily();
    client.command("HELLO", "3");
    expect(client.command("GEOPOS", "s", "Catania")).toEqual([
      [15.087267458438873, 37.50266842333162],
    ]);
  });
});

describe("GEOSEARCH", () => {
  it("finds members in circles and boxes, in the order and number asked for", () => {
    const client = sicily();
    const search = (...args: string[]) => client.command("GEOSEARCH", "s", ...args);
    expect(search(...around, "BYRADIUS", "200", "km", "ASC")).toEqual(["Catania", "Palermo"]);
    expect(search(...around, "BYBOX", "400", "400", "km", "ASC")).toEqual([
      "Catania",
      "Palermo",
      "edge2",
      "edge1",
    ]);
    expect(search("FROMMEMBER", "edge2", "BYBOX", "400", "400", "km", "DESC")).toEqual([
      "Catania",
      "edge2",
    ]);
    expect(search(...around, "BYBOX", "400", "400", "km", "COUNT", "1")).toEqual(["Catania"]);
    expect(search(...around, "BYRADIUS", "500", "km", "DESC", "COUNT", "2")).toEqual([
      "edge1",
      "edge2",
    ]);
    const chosen = search(...around, "BYRADIUS", "500", "km", "COUNT", "3", "ANY");
    expect(chosen).toHaveLength(3);
    expect(client.command("GEOSEARCH", "missing", ...around, "BYRADIUS", "1", "m")).toEqual([]);
  });

  it("shows distance, hash and place, in this order", () => {
    const client = sicily();
    const shown = ["WITHCOORD", "WITHHASH", "WITHDIST"];
    expect(client.command("GEOSEARCH", "s", ...around, "BYRADIUS", "100", "km", ...shown)).toEqual([
      ["Catania", "56.4413", 3479447370796909, ["15.08726745843887329", "37.50266842333162032"]],
    ]);
  });

  it("finds what lies over a pole and over the date line", () => {
    const client = new InProcessServer().connect();
    client.command("GEOADD", "p", "0", "84", "here", "180", "84", "there", "90", "84.5", "aside");
    const found = client.command("GEOSEARCH", "p", "FROMMEMBER", "here", "BYRADIUS", "1400", "km");
    expect((found as string[]).toSorted()).toEqual(["aside", "here", "there"]);
    client.command("GEOADD", "d", "179.9", "10", "west", "-179.9", "10", "east");
    const ring = ["FROMLONLAT", "179.95", "10", "BYRADIUS", "20", "km", "ASC"];
    expect(client.command("GEOSEARCH", "d", ...ring)).toEqual(["west", "east"]);
    const box = ["FROMLONLAT", "-179.95", "10", "BYBOX", "40", "10", "km", "ASC"];
    expect(client.command("GEOSEARCH", "d", ...box)).toEqual(["east", "west"]);
  });

  it("finds the nearest of many as a look at all of them does", () => {
    const client = new InProcessServer().connect();
    const places = Array.from({ length: 2000 }, (_, index) => {
      const angle = index * 2.399963;
      const reach = Math.sqrt(index) * 0.2;
      return [13 + reach * Math.cos(angle), 45 + reach * Math.sin(angle), `m${index}`] as const;
    });
    client.command("GEOADD", "s", ...places.flat());
    const all = client.command(
      "GEOSEARCH",
      "s",
      "FROMLONLAT",
      14,
      46,
      "BYRADIUS",
      300,
      "km",
      "ASC",
      "WITHDIST",
    ) as [string, string][];
    expect(all.length).toBeGreaterThan(200);
    expect(all.map(([, distance]) => Number(distance))).toEqual(
      all.map(([, distance]) => Number(distance)).toSorted((left, right) => left - right),
    );
    for (const count of [1, 10, 200]) {
      const first = client.command(
        "GEOSEARCH",
        "s",
        "FROMLONLAT",
        14,
        46,
        "BYRADIUS",
        300,
        "km",
        "COUNT",
        count,
      );
      expect(first).toEqual(all.slice(0, count).map(([member]) => member));
    }
  });

  it("refuses what contradicts itself, as Redis words it", () => {
    const client = sicily();
    const ring = ["BYRADIUS", "1", "km"];
    const refusals: [args: string[], text: string][] = [
      [["FROMMEMBER", "x", ...ring], "could not decode requested zset member"],
      [["FROMMEMBER", "Palermo", ...around, ...ring], "syntax error"],
      [[...around, ...ring, "BYBOX", "1", "1", "km"], "syntax error"],
      [
        [...ring, "ASC", "ASC"],
        "exactly one of FROMMEMBER or FROMLONLAT can be specified for geosearch",
      ],
      [
        [...around, "ASC", "ASC"],
        "exactly one of BYRADIUS and BYBOX can be specified for geosearch",
      ],
      [[...around, "BYRADIUS", "-1", "km"], "radius cannot be negative"],
      [[...around, "BYRADIUS", "x", "km"], "need numeric radius"],
      [[...around, "BYBOX", "1", "x", "km"], "need numeric height"],
      [[...around, "BYBOX", "x", "x", "km"], "need numeric width"],
      [[...around, "BYBOX", "1", "-1", "km"], "height or width cannot be negative"],
      [[...around, ...ring, "COUNT", "0"], "COUNT must be > 0"],
      [[...around, ...ring, "ANY"], "the ANY argument requires COUNT argument"],
      [[...around, ...ring, "STORE", "t"], "syntax error"],
      [[...around, ...ring, "STOREDIST"], "syntax error"],
    ];
    for (const [args, text] of refusals) {
      expect(client.error("geosearch", "s", ...args)).toBe(`ERR ${text}`);
    }
  });
});

describe("storing", () => {
  it("keeps places or distances in a new sorted set, or removes the key", () => {
    const client = sicily();
    const ring = [...around, "BYRADIUS", "200", "km"];
    expect(client.command("GEOSEARCHSTORE", "t", "s", ...ring)).toBe(2);
    expect(client.command("GEOPOS", "t", "Palermo")).toEqual(
      client.command("GEOPOS", "s", "Palermo"),
    );
    client.command("EXPIRE", "t", 100);
    expect(client.command("GEORADIUS", "s", "15", "37", "200", "km", "STOREDIST", "t")).toBe(2);
    expect(Number(client.command("ZSCORE", "t", "Catania"))).toBeCloseTo(56.4413, 4);
    expect(client.command("TTL", "t")).toBe(-1);
    expect(client.command("GEORADIUSBYMEMBER", "s", "edge1", "1", "m", "STORE", "t")).toBe(1);
    expect(client.command("ZRANGE", "t", 0, -1)).toEqual(["edge1"]);
    expect(client.command("GEOSEARCHSTORE", "t", "missing", ...ring, "STOREDIST")).toBe(0);
    expect(client.command("EXISTS", "t")).toBe(0);
    expect(client.error("GEOSEARCHSTORE", "t", "s", ...ring, "WITHDIST")).toBe(
      "ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options",
    );
    expect(client.error("GEORADIUS", "s", "1", "1", "1", "m", "WITHHASH", "STORE", "t")).toBe(
      "ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options",
    );
    expect(client.error("GEORADIUS_RO", "s", "1", "1", "1", "m", "STORE", "t")).toBe(
      "ERR syntax error",
    );
    expect(client.error("GEORADIUSBYMEMBER_RO", "s", "edge1", "1", "m", "STOREDIST", "t")).toBe(
      "ERR syntax error",
    );
  });

  it("names the key that it stores to", () => {
    const client = sicily();
    const keysOf = (...call: string[]) => client.command("COMMAND", "GETKEYS", ...call);
    expect(keysOf("GEORADIUS", "s", "1", "1", "1", "m", "store", "t")).toEqual(["s", "t"]);
    expect(keysOf("GEORADIUSBYMEMBER", "s", "m", "1", "m", "ASC")).toEqual(["s"]);
  });
});
