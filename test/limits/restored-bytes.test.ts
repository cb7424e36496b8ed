/**
 * RENAME, COPY and MOVE write values again; together at most `restoredBytesMax` in one unit, so
 * that a client cannot end the server with a record that nobody can write.
 */
import { expect, test } from "vitest";
import { errors } from "../../src/base/errors.ts";
import { limits } from "../../src/base/limits.ts";
import { InProcessServer } from "../support/in-process-server.ts";

const VALUE_BYTES = 400 * 1024 * 1024;

test("copies of large values in one MULTI stop at restoredBytesMax, and the server lives", async () => {
  const server = new InProcessServer();
  const client = server.connect();
  await client.command("SETRANGE", "large", String(VALUE_BYTES - 1), "x");
  await client.command("MULTI");
  for (const name of ["copy1", "copy2", "copy3"]) await client.command("COPY", "large", name);
  const replies = await client.command("EXEC");
  expect(VALUE_BYTES * 2).toBeLessThan(limits.restoredBytesMax);
  expect(VALUE_BYTES * 3).toBeGreaterThan(limits.restoredBytesMax);
  expect(replies).toEqual([1, 1, errors.unitTooLarge]);
  expect(await client.command("EXISTS", "copy1", "copy2", "copy3")).toBe(2);
  expect(await client.command("RENAME", "large", "other")).toBe("OK");
});

test("results that no client sent count too, and are refused before they are computed", async () => {
  const server = new InProcessServer();
  const client = server.connect();
  await client.command("SETRANGE", "large", String(VALUE_BYTES - 1), "x");
  await client.command("PFADD", "sketch", "element");
  await client.command("MULTI");
  for (const name of ["copy1", "copy2"]) await client.command("COPY", "large", name);
  await client.command("BITOP", "OR", "result", "large");
  await client.command("PFDEBUG", "TODENSE", "sketch");
  await client.command("SETRANGE", "large", String(limits.restoredBytesMax / 2 - 100), "x");
  const filling = limits.restoredBytesMax - 2 * VALUE_BYTES - 10_000 - 12_304;
  await client.command("SETRANGE", "filling", String(filling), "x");
  await client.command("COPY", "filling", "copy3");
  await client.command("PFMERGE", "merged", "sketch");
  const replies = await client.command("EXEC");
  expect(replies).toEqual([
    1,
    1,
    errors.unitTooLarge,
    1,
    536_870_813,
    filling + 1,
    1,
    errors.unitTooLarge,
  ]);
  expect(await client.command("EXISTS", "result", "merged")).toBe(0);
});

test("sorted sets that are stored as a whole count too, and leave what was there", async () => {
  const server = new InProcessServer();
  const client = server.connect();
  const filling = limits.restoredBytesMax - 2 * VALUE_BYTES - 1000;
  await client.command("SETRANGE", "large", String(VALUE_BYTES - 1), "x");
  await client.command("SETRANGE", "filling", String(filling - 1), "x");
  await client.command("ZADD", "z", "1", "m".repeat(2000), "2", "n");
  await client.command("MULTI");
  for (const name of ["copy1", "copy2"]) await client.command("COPY", "large", name);
  await client.command("COPY", "filling", "copy3");
  await client.command("ZUNIONSTORE", "z", "1", "z", "WEIGHTS", "5");
  await client.command("ZRANGESTORE", "filling", "z", "0", "-1");
  await client.command("ZRANGESTORE", "small", "z", "1", "1");
  const replies = await client.command("EXEC");
  expect(replies).toEqual([1, 1, 1, errors.unitTooLarge, errors.unitTooLarge, 1]);
  expect(await client.command("ZSCORE", "z", "n")).toBe("2");
  expect(await client.command("TYPE", "filling")).toBe("string");
  expect(await client.command("ZRANGE", "small", "0", "-1")).toEqual(["n"]);
});
