/**
 * Fields that expire, as searches see them: a search finds nothing by a field that has passed, and
 * shows none, whether or not the expiry cycle has come by.
 */
import { describe, expect, test } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { startSearch } from "./query-support.ts";

function start() {
  const { server, client } = startSearch();
  client.command("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  client.command("FT.CREATE", "i", "SCHEMA", "t", "TAG", "n", "NUMERIC", "SORTABLE");
  client.command("HSET", "one", "t", "x", "n", "1", "other", "o");
  client.command("HSET", "two", "t", "x", "n", "2");
  client.command("HPEXPIRE", "one", "50", "FIELDS", "2", "t", "other");
  return { server, client, ask: (...args: string[]) => client.settle("FT.SEARCH", "i", ...args) };
}

describe("a field that has passed", () => {
  test("is found and shown until then", async () => {
    const { server, ask } = start();
    server.world.jump(50);
    expect(await ask("@t:{x}", "NOCONTENT")).toEqual([2, "one", "two"]);
  });

  test("is neither found nor shown from then on, and removed by the search", async () => {
    const { server, client, ask } = start();
    server.world.jump(51);
    expect(await ask("@t:{x}", "NOCONTENT")).toEqual([1, "two"]);
    expect(await ask("@n:[1 1]")).toEqual([1, "one", ["n", "1"]]);
    expect(client.command("INFO", "stats")).toContain("expired_subkeys:2\r\n");
  });

  test("takes a document along whose last field it was", async () => {
    const { server, client, ask } = start();
    client.command("HPEXPIRE", "one", "50", "FIELDS", "1", "n");
    server.world.jump(51);
    expect(await ask("*", "NOCONTENT")).toEqual([1, "two"]);
  });

  test.each([
    [
      ["RETURN", "2", "t", "n"],
      [2, "one", ["n", "1"], "two", ["n", "2", "t", "x"]],
    ],
    [[], [2, "one", ["n", "1"], "two", ["n", "2", "t", "x"]]],
  ])("is not shown while writes are held, %j", async (options, expected) => {
    const { server, client, ask } = start();
    client.command("CLIENT", "PAUSE", "100000", "WRITE");
    server.world.jump(51);
    expect(await ask("@n:[1 2]", "SORTBY", "n", ...options)).toEqual(expected);
    expect(client.command("INFO", "stats")).toContain("expired_subkeys:0\r\n");
  });
});

test("a search removes searchExpiredFieldsMax fields, and shows none of the others", async () => {
  const { server, client, ask } = start();
  const count = limits.searchExpiredFieldsMax + 1000;
  const pairs = Array.from({ length: count }, (_, at) => [`f${at}`, "v"]).flat();
  client.command("HSET", "large", "n", "3");
  client.command("HSETEX", "large", "PX", "50", "FIELDS", String(count), ...pairs);
  server.world.jump(51);
  expect(await ask("@n:[3 3]")).toEqual([1, "large", ["n", "3"]]);
  const removedCount = Number(
    /expired_subkeys:(\d+)/.exec(String(client.command("INFO", "stats")))?.[1],
  );
  expect(removedCount).toBeGreaterThanOrEqual(limits.searchExpiredFieldsMax);
  expect(removedCount).toBeLessThanOrEqual(count + 2);
});
