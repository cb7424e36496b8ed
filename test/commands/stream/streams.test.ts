/**
 * Streams as clients see them: ids, ranges and trims. What random calls can reach is compared with
 * redis-server (`test/compat`); here stand the clock, the edges, and what effects say.
 */
import { describe, expect, it } from "vitest";
import { type Effect, EffectId } from "../../../src/keyspace/effect.ts";
import { type InProcessClient, InProcessServer, present } from "../../support/in-process-server.ts";

const MAX = "18446744073709551615";

/** `key` with one entry for each id. */
function filled(client: InProcessClient, key: string, ...ids: string[]): void {
  for (const id of ids) client.command("XADD", key, id, "f", id);
}

function idsOf(client: InProcessClient, key: string): unknown[] {
  const entries = client.command("XRANGE", key, "-", "+");
  return (entries as unknown[][]).map(([id]) => id);
}

function effectsOf(server: InProcessServer, run: () => void): Effect[] {
  const before = server.sink.units.length;
  run();
  return server.sink.units.slice(before).flatMap(({ effects }) => effects);
}

describe("XADD", () => {
  it("makes ids by the clock, and never goes back when the clock does", () => {
    const server = new InProcessServer();
    const client = server.connect();
    const nowMs = server.world.nowMs();
    expect(client.command("XADD", "s", "*", "f", "v")).toBe(`${nowMs}-0`);
    expect(client.command("XADD", "s", "*", "f", "v")).toBe(`${nowMs}-1`);
    server.world.advance(5);
    expect(client.command("XADD", "s", "*", "f", "v")).toBe(`${nowMs + 5}-0`);
    filled(client, "s", `${nowMs + 1000}-7`);
    expect(client.command("XADD", "s", "*", "f", "v")).toBe(`${nowMs + 1000}-8`);
    filled(client, "s", `${nowMs + 1000}-${MAX}`);
    expect(client.command("XADD", "s", "*", "f", "v")).toBe(`${nowMs + 1001}-0`);
    expect(client.command("XADD", "s", `${nowMs + 1001}-*`, "f", "v")).toBe(`${nowMs + 1001}-1`);
  });

  it("gives the entries of one MULTI the same time", () => {
    const server = new InProcessServer();
    const client = server.connect();
    const nowMs = server.world.nowMs();
    for (const call of ["MULTI", "XADD s * a 1", "XADD s * b 2"]) client.post(...call.split(" "));
    client.replies.length = 0;
    expect(client.command("EXEC")).toEqual([`${nowMs}-0`, `${nowMs}-1`]);
  });

  it("says what is wrong with an id, and makes no key then", () => {
    const client = new InProcessServer().connect();
    expect(client.error("XADD", "s", "0-0", "f", "v")).toMatch("must be greater than 0-0");
    expect(client.error("XADD", "s", "1-x", "f", "v")).toMatch("Invalid stream ID");
    expect(client.error("XADD", "s", "1-1", "f")).toMatch("wrong number of arguments");
    expect(client.command("XADD", "s", "NOMKSTREAM", "*", "f", "v")).toBe(null);
    expect(client.command("EXISTS", "s")).toBe(0);
    filled(client, "s", `5-${MAX}`);
    expect(client.error("XADD", "s", "5-*", "f", "v")).toMatch("equal or smaller");
    filled(client, "s", `${MAX}-${MAX}`);
    expect(client.error("XADD", "s", "*", "f", "v")).toMatch("exhausted the last possible ID");
  });

  it("keeps an empty stream, with its last id", () => {
    const client = new InProcessServer().connect();
    expect(client.command("XADD", "s", "MAXLEN", "0", "7-1", "f", "v")).toBe("7-1");
    expect([client.command("XLEN", "s"), client.command("TYPE", "s")]).toEqual([0, "stream"]);
    expect(client.error("XADD", "s", "7-1", "f", "v")).toMatch("equal or smaller");
  });
});

describe("ids of streams", () => {
  it("are exact up to 2^64 - 1 in both halves", () => {
    const client = new InProcessServer().connect();
    const ids = ["9007199254740991-9007199254740993", "9007199254740993-0", `${MAX}-${MAX}`];
    filled(client, "s", ...ids);
    expect(idsOf(client, "s")).toEqual(ids);
    const found = client.command("XRANGE", "s", "(9007199254740991-9007199254740993", `(${MAX}`);
    expect(found).toEqual([["9007199254740993-0", ["f", "9007199254740993-0"]]]);
    expect(client.command("XDEL", "s", "9007199254740992-0", "9007199254740993")).toBe(1);
  });

  it("may leave out the sequence, which is the least or the greatest then", () => {
    const client = new InProcessServer().connect();
    filled(client, "s", "5-0", "5-1", `5-${MAX}`, "6-0");
    expect(client.command("XRANGE", "s", "5", "5", "COUNT", 9)).toHaveLength(3);
    expect(client.command("XREVRANGE", "s", "5", "5-1")).toHaveLength(2);
    expect(client.command("XRANGE", "s", "(5", "+")).toHaveLength(3);
    expect(client.error("XRANGE", "s", "-", "(0-0")).toMatch("invalid end ID");
  });
});

describe("XTRIM", () => {
  it("takes whole nodes of stream-node-max-entries if it is approximate", () => {
    const server = new InProcessServer();
    const client = server.connect();
    server.keyspace.encodingLimits.streamNodeEntries = 10;
    for (let ms = 1; ms <= 95; ms += 1) filled(client, "s", `${ms}-0`);
    expect(client.command("XTRIM", "s", "MAXLEN", "~", "42")).toBe(50);
    expect(client.command("XTRIM", "s", "MINID", "~", "79")).toBe(20);
    expect(client.command("XTRIM", "s", "MAXLEN", "~", "0", "LIMIT", "15")).toBe(10);
    expect(idsOf(client, "s")[0]).toBe("81-0");
    const effects = effectsOf(server, () => client.command("XTRIM", "s", "MAXLEN", "3"));
    const place = { database: 0, key: "s" };
    expect(effects).toEqual([{ id: EffectId.streamTrim, ...place, blockCount: 1, entryCount: 2 }]);
    expect(idsOf(client, "s")).toEqual(["93-0", "94-0", "95-0"]);
  });

  it("that takes nothing is no write", () => {
    const server = new InProcessServer();
    const client = server.connect();
    filled(client, "s", "1-0");
    expect(effectsOf(server, () => client.command("XTRIM", "s", "MAXLEN", "1"))).toEqual([]);
  });
});

describe("which entries share a block", () => {
  it("is the same after RENAME and COPY, and when effects are applied by another", () => {
    const server = new InProcessServer();
    const client = server.connect();
    server.keyspace.encodingLimits.streamNodeEntries = 2;
    filled(client, "s", "1-0", "2-0", "3-0", "4-0", "5-0");
    client.command("XDEL", "s", "3-0");
    server.keyspace.encodingLimits.streamNodeEntries = 100;
    client.command("COPY", "s", "copied");
    client.command("RENAME", "s", "renamed");
    for (const key of ["copied", "renamed"]) {
      const facts = client.command("XINFO", "STREAM", key) as unknown[];
      expect(facts.slice(0, 8)).toEqual([
        ...["length", 4, "radix-tree-keys", 3, "radix-tree-nodes", 8],
        ...["last-generated-id", "5-0"],
      ]);
    }
    // What is added to the copy is not in what the effect of COPY holds.
    const copied = present(
      server.sink.units
        .flatMap(({ effects }) => effects)
        .find(({ id }) => id === EffectId.keyRestore),
    );
    const before = structuredClone(copied);
    filled(client, "copied", "6-0");
    client.command("XDEL", "copied", "4-0", "5-0");
    expect(copied).toEqual(before);
  });
});
