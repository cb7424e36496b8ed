/**
 * How many fields go with one lookup of their hash.
 */
import { expect, it } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { InProcessServer } from "../support/in-process-server.ts";

it("one lookup removes expiredFieldsMax fields, and shows none of the others", () => {
  const server = new InProcessServer();
  const client = server.connect();
  client.command("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  const names = Array.from({ length: limits.expiredFieldsMax * 2 }, (_, at) => `f${at}`);
  const pairs = names.flatMap((name) => [name, "v"]);
  const count = String(names.length);
  client.command("HSETEX", "h", "PX", "50", "FIELDS", count, ...pairs);
  client.command("HSET", "h", "stays", "v");
  server.world.jump(51);
  expect(client.command("HLEN", "h")).toBe(1);
  expect(server.sink.units.at(-1)?.effects).toMatchObject([
    { id: EffectId.hashDelete, fields: { length: limits.expiredFieldsMax } },
  ]);
  expect(client.command("HGETALL", "h")).toEqual(["stays", "v"]);
  expect(client.command("INFO", "stats")).toContain(`expired_subkeys:${names.length}\r\n`);
});
