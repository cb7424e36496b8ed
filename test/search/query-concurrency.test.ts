/**
 * Searches while documents change: every answer is a true one of the moment it is given, K of K.
 * The engine is held, documents change, the engine answers from what it saw before.
 */
import { describe, expect, test } from "vitest";
import type { DecodedReply, InProcessClient } from "../support/in-process-server.ts";
import { Choices, floats } from "./index-support.ts";
import { type SearchServer, startSearch, untilHeld } from "./query-support.ts";

const create = (
  "FT.CREATE i PREFIX 1 d: SCHEMA t TAG n NUMERIC " +
  "v VECTOR HNSW 6 TYPE FLOAT32 DIM 1 DISTANCE_METRIC L2"
).split(" ");
const knn = (filter: string, k: number) => [
  ...["FT.SEARCH", "i", `${filter}=>[KNN ${k} @v $q]`, "NOCONTENT"],
  ...["LIMIT", "0", "100", "PARAMS", "2", "q"],
];
const range = (filter: string, radius: number) => [
  ...["FT.SEARCH", "i", `${filter.replace("RANGE", `@v:[VECTOR_RANGE ${radius} $q]`)}`],
  ...["NOCONTENT", "LIMIT", "0", "100", "PARAMS", "2", "q"],
];
const origin = floats(0);

function put(client: InProcessClient, key: string, value: number, tag = "a"): void {
  client.command("HSET", key, "t", tag, "n", value, "v", floats(value));
}

function start(count: number): SearchServer {
  const search = startSearch();
  search.client.command(...create);
  for (let place = 1; place <= count; place += 1) put(search.client, `d:${place}`, place);
  search.engine.isHeld = true;
  return search;
}

/** Runs `change` whenever the engine has its question and has not answered it yet. */
async function during(
  search: SearchServer,
  args: (string | Buffer)[],
  change: (round: number) => void,
): Promise<DecodedReply> {
  const other = search.server.connect();
  let reply: DecodedReply | undefined;
  const settled = other.settle(...args).then((decoded) => {
    reply = decoded;
  });
  for (let round = 0; reply === undefined; round += 1) {
    if (round > 40) throw new Error("the search does not come to an end");
    await Promise.race([untilHeld(search.engine, 1), settled]);
    if (reply !== undefined) break;
    change(round);
    search.engine.release();
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }
  await settled;
  return reply ?? null;
}

describe("while the engine searches", () => {
  test("a document that is deleted is made up for by the next", async () => {
    const search = start(6);
    const reply = await during(search, [...knn("*", 3), origin], (round) => {
      if (round === 0) search.client.command("DEL", "d:2");
    });
    expect(reply).toEqual([3, "d:1", "d:3", "d:4"]);
  });

  test("a document that changes on and on is found as it is at last", async () => {
    const search = start(6);
    let round = 0;
    const reply = await during(search, [...knn("@t:{a}", 6), origin], () => {
      round += 1;
      put(search.client, "d:2", 100 + round);
    });
    expect(reply).toEqual([6, "d:1", "d:3", "d:4", "d:5", "d:6", "d:2"]);
  });

  test("all documents change on and on: still K of K", async () => {
    const search = start(6);
    const reply = await during(search, [...knn("*", 4), origin], (round) => {
      for (let place = 1; place <= 6; place += 1) {
        put(search.client, `d:${place}`, ((place + round) % 6) + 1 + round / 1000);
      }
    });
    expect(Array.isArray(reply) && reply.length).toBe(5);
  });

  test("a document that no longer passes the filter is left out", async () => {
    const search = start(6);
    const reply = await during(search, [...knn("@t:{a}", 3), origin], (round) => {
      if (round === 0) put(search.client, "d:1", 1, "b");
    });
    expect(reply).toEqual([3, "d:2", "d:3", "d:4"]);
  });

  test("fewer come back only where fewer match", async () => {
    const search = start(3);
    const reply = await during(search, [...knn("*", 3), origin], (round) => {
      if (round === 0) search.client.command("DEL", "d:2");
    });
    expect(reply).toEqual([2, "d:1", "d:3"]);
  });

  test("a key whose time passes is not returned", async () => {
    const search = start(6);
    search.client.command("PEXPIRE", "d:1", "1000");
    const reply = await during(search, [...knn("*", 3), origin], (round) => {
      if (round === 0) search.server.world.jump(2000);
    });
    expect(reply).toEqual([3, "d:2", "d:3", "d:4"]);
  });

  test("a range sees documents as they are when it answers", async () => {
    const search = start(4);
    const reply = await during(search, [...range("RANGE", 10), origin], (round) => {
      if (round > 0) return;
      put(search.client, "d:1", 9);
      put(search.client, "d:9", 2.5);
      search.client.command("DEL", "d:2");
    });
    expect(reply).toEqual([2, "d:9", "d:3"]);
  });

  test("what is outside of a range and changes is still outside", async () => {
    const search = start(4);
    const reply = await during(search, [...range("-RANGE", 10), origin], (round) => {
      if (round === 0) put(search.client, "d:4", 8);
    });
    expect(reply).toEqual([1, "d:4"]);
  });

  test("a field beside the index may change: the reply shows it as it is", async () => {
    const search = start(2);
    const args = [...knn("*", 1), origin].filter((argument) => argument !== "NOCONTENT");
    args.push("RETURN", "1", "extra");
    const reply = await during(search, args, () => {
      search.client.command("HSET", "d:1", "extra", "new");
    });
    expect(reply).toEqual([1, "d:1", ["extra", "new"]]);
  });

  test("an index that is dropped is no such index", async () => {
    const search = start(2);
    const reply = await during(search, [...knn("*", 1), origin], () => {
      search.client.command("FT.DROPINDEX", "i");
    });
    expect(reply).toMatchObject({ text: "i: no such index" });
  });

  test("an index that is made anew is searched anew", async () => {
    const search = start(2);
    const reply = await during(search, [...knn("*", 5), origin], (round) => {
      if (round > 0) return;
      search.client.command("FT.DROPINDEX", "i", "DD");
      search.client.command(...create);
      put(search.client, "d:7", 7);
    });
    expect(reply).toEqual([1, "d:7"]);
  });

  test.each([21, 22, 23])("random changes, seed %i", async (seed) => {
    const choices = new Choices(seed);
    const search = start(30);
    const values = new Map<string, { value: number; tag: string }>();
    for (let place = 1; place <= 30; place += 1) {
      values.set(`d:${place}`, { value: place, tag: "a" });
    }
    for (let query = 0; query < 60; query += 1) {
      const k = 1 + choices.below(12);
      const radius = choices.below(900);
      const isKnn = choices.below(2) === 0;
      const filter = choices.of(["*", "@t:{a}", "-@t:{a}"]);
      const text = filter === "*" ? "RANGE" : `${filter} RANGE`;
      const args = isKnn ? knn(filter, k) : range(text, radius);
      const matches = () =>
        [...values].filter(
          ([, { value, tag }]) =>
            (filter === "*" || (filter === "@t:{a}") === (tag === "a")) &&
            (isKnn || value * value <= radius),
        );
      const before = matches();
      const reply = await during(search, [...args, origin], (round) => {
        if (round > 3) return;
        for (let change = choices.below(4); change > 0; change -= 1) {
          const key = `d:${1 + choices.below(40)}`;
          if (choices.below(3) === 0) {
            search.client.command("DEL", key);
            values.delete(key);
          } else {
            const next = { value: choices.below(40) + 0.5, tag: choices.of(["a", "b"]) };
            put(search.client, key, next.value, next.tag);
            values.set(key, next);
          }
        }
      });
      const after = matches().map(([key]) => key);
      const keys = Array.isArray(reply) ? reply.slice(1).map(String) : [];
      for (const key of keys) expect(after).toContain(key);
      expect(new Set(keys).size).toBe(keys.length);
      if (!isKnn) expect(keys.toSorted()).toEqual(after.toSorted());
      // What came after the engine was asked may be seen, but need not be where nothing is amiss.
      else expect(keys.length).toBeGreaterThanOrEqual(Math.min(k, before.length, after.length));
    }
  });
});

describe("a key's expiry", () => {
  test("counts from when it is set until it is taken away", async () => {
    const search = start(4);
    search.engine.isHeld = false;
    const found = () => search.server.connect().settle(...knn("*", 4), origin);
    search.client.command("PEXPIRE", "d:1", "1000");
    search.client.command("PEXPIRE", "d:2", "1000");
    search.client.command("PERSIST", "d:2");
    expect(await found()).toEqual([4, "d:1", "d:2", "d:3", "d:4"]);
    search.server.world.jump(2000);
    expect(await found()).toEqual([3, "d:2", "d:3", "d:4"]);
  });

  test("stays with a document that changes", async () => {
    const search = start(3);
    search.engine.isHeld = false;
    search.client.command("PEXPIRE", "d:1", "1000");
    put(search.client, "d:1", 1.5, "b");
    search.client.command("HSET", "d:1", "extra", "x");
    search.server.world.jump(2000);
    const reply = await search.server.connect().settle(...knn("*", 3), origin);
    expect(reply).toEqual([2, "d:2", "d:3"]);
  });

  test("that was there before the index counts", async () => {
    const search = startSearch();
    for (let place = 1; place <= 3; place += 1) put(search.client, `d:${place}`, place);
    search.client.command("PEXPIRE", "d:1", "1000");
    search.client.command(...create);
    const reply = search.server.connect().settle(...knn("*", 3), origin);
    search.server.world.jump(2000);
    search.world.settle();
    search.server.sink.makeDurable();
    expect(await reply).toEqual([2, "d:2", "d:3"]);
  });
});
