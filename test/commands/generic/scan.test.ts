/**
 * SCAN and HSCAN: whatever is there during the whole scan is returned, nothing is that is not, and
 * every scan ends; and the random picks (RANDOMKEY, HRANDFIELD) by their properties.
 */
import { describe, expect, it, onTestFailed } from "vitest";
import { pick, type Random, seededRandom } from "../../support/command-grammar.ts";
import {
  type DecodedReply,
  type InProcessClient,
  InProcessServer,
  present,
} from "../../support/in-process-server.ts";

const base = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);
const seeds = Array.from({ length: 10 }, (_, index) => base + index);
const CALLS_MAX = 20_000;

interface Page {
  readonly cursor: string;
  readonly items: string[];
}

function page(reply: DecodedReply): Page {
  const [cursor, items] = Array.isArray(reply) ? reply : [];
  if (typeof cursor !== "string" || !Array.isArray(items)) return expect.fail("no page");
  return { cursor, items: items.map(String) };
}

/** A scan to its end, with `between` run after each call; everything that it returned. */
function scanAll(
  client: InProcessClient,
  command: (cursor: string) => (string | number)[],
  between: () => void,
): string[] {
  const found: string[] = [];
  let cursor = "0";
  for (let calls = 0; calls < CALLS_MAX; calls += 1) {
    const next = page(client.command(...command(cursor)));
    found.push(...next.items);
    if (next.cursor === "0") return found;
    cursor = next.cursor;
    between();
  }
  return expect.fail("the scan did not end");
}

function churn(random: Random, steps: number, act: (isAdded: boolean, name: string) => void): void {
  for (let left = Math.floor(random() * steps); left > 0; left -= 1) {
    act(random() < 0.5, `moving:${Math.floor(random() * 300)}`);
  }
}

describe("SCAN", () => {
  it.each(seeds)("returns every key that stays while others come and go, seed %i", (seed) => {
    onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
    const random = seededRandom(seed);
    const server = new InProcessServer({ seed });
    const client = server.connect();
    const staying = Array.from({ length: 200 }, (_, index) => `staying:${index}`);
    for (const name of staying) client.command("SET", name, "v");
    churn(random, 400, (_, name) => client.command("SET", name, "v"));
    const everThere = new Set(server.keyspace.keys(0));
    const count = pick([1, 7, 50], random);
    const found = scanAll(
      client,
      (cursor) => ["SCAN", cursor, "COUNT", count],
      () =>
        churn(random, 12, (isAdded, name) => {
          if (isAdded) everThere.add(name);
          client.command(isAdded ? "SET" : "DEL", name, ...(isAdded ? ["v"] : []));
        }),
    );
    for (const name of staying) expect(found).toContain(name);
    for (const name of found) expect(everThere).toContain(name);
  });

  it("filters by pattern and type, page by page", () => {
    const client = new InProcessServer().connect();
    for (let index = 0; index < 100; index += 1) {
      client.command("SET", `s:${index}`, "v");
      client.command("RPUSH", `l:${index}`, "v");
      client.command("HSET", `h:${index}`, "f", "v");
    }
    const scan = (...options: (string | number)[]) =>
      scanAll(
        client,
        (cursor) => ["SCAN", cursor, ...options],
        () => {},
      ).sort();
    const lists = Array.from({ length: 100 }, (_, index) => `l:${index}`).sort();
    expect(scan("TYPE", "LIST")).toEqual(lists);
    expect(scan("MATCH", "l:*", "COUNT", 3)).toEqual(lists);
    expect(scan("MATCH", "?:7", "TYPE", "hash")).toEqual(["h:7"]);
    expect(scan("TYPE", "zset")).toEqual([]);
    expect(scan("COUNT", "9223372036854775807")).toHaveLength(300);
  });

  it("passes over what has expired; only SCAN removes it", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("SET", "gone", "v", "PX", 10);
    client.command("SET", "stays", "v");
    server.world.jump(11);
    expect(client.command("KEYS", "*")).toEqual(["stays"]);
    expect(client.command("RANDOMKEY")).toBe("stays");
    expect(server.keyspace.keyCount(0)).toBe(2);
    client.command("CLIENT", "PAUSE", "100", "WRITE");
    expect(client.command("SCAN", "0")).toEqual(["0", ["stays"]]);
    expect(server.keyspace.keyCount(0)).toBe(2);
    client.command("CLIENT", "UNPAUSE");
    expect(client.command("SCAN", "0", "TYPE", "none")).toEqual(["0", []]);
    expect(server.keyspace.keyCount(0)).toBe(1);
  });

  it("shows a key up to the millisecond of its expiry, as GET does", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("SET", "k", "v", "PX", 10);
    server.world.jump(10);
    expect(client.command("KEYS", "*")).toEqual(["k"]);
    expect(client.command("GET", "k")).toBe("v");
  });

  it("refuses cursors and options that are none", () => {
    const client = new InProcessServer().connect();
    for (const cursor of ["", "x", "-1", "1.5", "123456789012345678901"]) {
      expect(client.error("SCAN", cursor)).toBe("ERR invalid cursor");
    }
    for (const cursor of ["5", "99999999999999999999"]) {
      expect(client.command("SCAN", cursor)).toEqual(["0", []]);
    }
    expect(client.error("SCAN", "0", "COUNT", "0")).toBe("ERR syntax error");
    expect(client.error("SCAN", "0", "COUNT", "x")).toMatch("not an integer");
    expect(client.error("SCAN", "0", "MATCH")).toBe("ERR syntax error");
    expect(client.command("HSCAN", "h", "0", "TYPE", "hash")).toEqual(["0", []]);
    client.command("HSET", "h", "f", "v");
    expect(client.error("HSCAN", "h", "0", "TYPE", "hash")).toBe("ERR syntax error");
  });
});

describe("HSCAN", () => {
  it.each(seeds)("returns every field that stays while others come and go, seed %i", (seed) => {
    onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
    const random = seededRandom(seed);
    const client = new InProcessServer({ seed }).connect();
    const staying = Array.from({ length: 600 }, (_, index) => `staying:${index}`);
    for (const field of staying) client.command("HSET", "h", field, `value of ${field}`);
    const count = pick([1, 7, 50], random);
    const found = scanAll(
      client,
      (cursor) => ["HSCAN", "h", cursor, "COUNT", count],
      () =>
        churn(random, 12, (isAdded, field) => {
          if (isAdded) client.command("HSET", "h", field, `value of ${field}`);
          else client.command("HDEL", "h", field);
        }),
    );
    const fields = found.filter((_, index) => index % 2 === 0);
    for (const field of staying) expect(fields).toContain(field);
    for (let index = 0; index < found.length; index += 2) {
      expect(found[index + 1]).toBe(`value of ${found[index]}`);
    }
  });

  it("returns a small hash whole", () => {
    const client = new InProcessServer().connect();
    for (let index = 0; index < 100; index += 1) client.command("HSET", "h", `f${index}`, "v");
    const { cursor, items } = page(client.command("HSCAN", "h", "0", "COUNT", 1));
    expect(cursor).toBe("0");
    expect(items).toHaveLength(200);
    expect(client.command("HSCAN", "h", "0", "MATCH", "f7")).toEqual(["0", ["f7", "v"]]);
    expect(client.command("HSCAN", "missing", "0")).toEqual(["0", []]);
  });
});

describe("random picks", () => {
  it("RANDOMKEY gives every key in time, and none that is not there", () => {
    const client = new InProcessServer({ seed: base }).connect();
    expect(client.command("RANDOMKEY")).toBeNull();
    const names = Array.from({ length: 10 }, (_, index) => `k${index}`);
    for (const name of names) client.command("SET", name, "v");
    client.command("DEL", "k3");
    const picked = new Set(Array.from({ length: 500 }, () => client.command("RANDOMKEY")));
    expect([...picked].sort()).toEqual(names.filter((name) => name !== "k3"));
  });

  it.each([5, 60, 900])("HRANDFIELD keeps to its count in a hash of %i fields", (size) => {
    const client = new InProcessServer({ seed: base }).connect();
    const fields = Array.from({ length: size }, (_, index) => `f${index}`);
    for (const field of fields) client.command("HSET", "h", field, `v${field}`);
    const random = (...args: (string | number)[]): string[] => {
      const reply = client.command("HRANDFIELD", "h", ...args);
      return Array.isArray(reply) ? reply.map(String) : expect.fail("an array was expected");
    };
    expect(fields).toContain(present(client.command("HRANDFIELD", "h")));
    for (const count of [0, 1, 2, size - 1, size, size + 1, "4611686018427387903"]) {
      const picked = random(count);
      expect(picked).toHaveLength(Math.min(Number(count), size));
      expect(new Set(picked).size).toBe(picked.length);
      for (const field of picked) expect(fields).toContain(field);
    }
    expect(random(-3 * size)).toHaveLength(3 * size);
    const pairs = random(-size, "WITHVALUES");
    for (let index = 0; index < pairs.length; index += 2) {
      expect(pairs[index + 1]).toBe(`v${pairs[index]}`);
    }
    expect(new Set(random(-40 * size)).size).toBeGreaterThan(size / 2);
  });

  it("HRANDFIELD nests pairs in RESP3 and refuses counts out of range", () => {
    const client = new InProcessServer().connect();
    client.command("HSET", "h", "f", "v");
    expect(client.command("HRANDFIELD", "h", 1, "WITHVALUES")).toEqual(["f", "v"]);
    client.command("HELLO", 3);
    expect(client.command("HRANDFIELD", "h", 1, "WITHVALUES")).toEqual([["f", "v"]]);
    expect(client.command("HRANDFIELD", "missing", 3)).toEqual([]);
    expect(client.command("HRANDFIELD", "missing")).toBeNull();
    for (const count of ["-9223372036854775808", "9223372036854775807"]) {
      expect(client.error("HRANDFIELD", "h", count, "WITHVALUES")).toMatch("out of range");
    }
    expect(client.error("HRANDFIELD", "h", 1, "WITH")).toBe("ERR syntax error");
  });
});
