/**
 * Limits of the commands on sets, each reached.
 */
import { describe, expect, it } from "vitest";
import { errors } from "../../src/base/errors.ts";
import { limits } from "../../src/base/limits.ts";
import { InProcessServer } from "../support/in-process-server.ts";

const MEMBER_BYTES = 300 * 1024 * 1024;

describe("SRANDMEMBER", () => {
  it("repeats randomFieldsMax members and no more", () => {
    const client = new InProcessServer().connect();
    client.command("SADD", "s", "m");
    expect(client.error("SRANDMEMBER", "s", -limits.randomFieldsMax - 1)).toMatch("out of range");
    const members = client.command("SRANDMEMBER", "s", -limits.randomFieldsMax);
    expect(Array.isArray(members) && members.length).toBe(limits.randomFieldsMax);
  });
});

describe("what sets write again in one MULTI", () => {
  it("stops at restoredBytesMax, with nothing half applied", () => {
    const client = new InProcessServer().connect();
    expect(MEMBER_BYTES * 3).toBeLessThan(limits.restoredBytesMax);
    expect(MEMBER_BYTES * 4).toBeGreaterThan(limits.restoredBytesMax);
    client.command("SADD", "s", Buffer.alloc(MEMBER_BYTES, "x"), "y");
    client.command("MULTI");
    for (const [name, to] of [
      ["SUNIONSTORE", "d1"],
      ["SDIFFSTORE", "d2"],
      ["COPY", "d3"],
    ]) {
      if (name === "COPY") client.command(name, "s", to);
      else client.command(name, to, "s");
    }
    for (const name of ["SUNIONSTORE", "SINTERSTORE", "SDIFFSTORE"]) {
      client.command(name, "s", "s");
    }
    client.command("SPOP", "d1", 2);
    client.command("SREM", "s", "y");
    client.command("SPOP", "s");
    const { unitTooLarge } = errors;
    const refused = [unitTooLarge, unitTooLarge, unitTooLarge];
    expect(client.command("EXEC")).toEqual([
      2,
      2,
      1,
      ...refused,
      expect.anything(),
      1,
      unitTooLarge,
    ]);
    expect(client.command("SCARD", "s")).toBe(1);
    expect(client.command("EXISTS", "d1", "d2", "d3")).toBe(2);
  });
});
