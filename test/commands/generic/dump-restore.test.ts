/**
 * DUMP and RESTORE as commands: options, errors and their order, expiry, and that nothing changes
 * where something is wrong. `test/rdb` looks at payloads, `test/compat/rdb-payloads.test.ts` at
 * redis-server's.
 */
import { describe, expect, it } from "vitest";
import { type InProcessClient, InProcessServer } from "../../support/in-process-server.ts";

function withPayload(): { server: InProcessServer; client: InProcessClient; payload: Buffer } {
  const server = new InProcessServer();
  const client = server.connect();
  client.command("SET", "from", "value");
  const payload = Buffer.from(String(client.command("DUMP", "from")), "latin1");
  return { server, client, payload };
}

describe("DUMP and RESTORE", () => {
  it("answer nil for no key, and BUSYKEY for one that is there", () => {
    const { client, payload } = withPayload();
    expect(client.command("DUMP", "nowhere")).toBe(null);
    expect(client.error("RESTORE", "from", 0, "...")).toBe(
      "BUSYKEY Target key name already exists.",
    );
    expect(client.command("RESTORE", "to", 0, payload)).toBe("OK");
    expect(client.command("GET", "to")).toBe("value");
    expect(client.command("TTL", "to")).toBe(-1);
  });

  it("replace, set an expiry, and take an absolute one", () => {
    const { server, client, payload } = withPayload();
    client.command("RPUSH", "to", "a");
    expect(client.command("RESTORE", "to", 5000, payload, "replace")).toBe("OK");
    expect(client.command("PTTL", "to")).toBe(5000);
    const atMs = server.world.nowMs() + 2_569_591_501;
    expect(client.command("RESTORE", "to", atMs, payload, "REPLACE", "ABSTTL")).toBe("OK");
    expect(client.command("PEXPIRETIME", "to")).toBe(atMs);
    expect(
      client.command("RESTORE", "to", "9223372036854775807", payload, "REPLACE", "ABSTTL"),
    ).toBe("OK");
    expect(client.error("RESTORE", "to", "9223372036854775807", payload, "REPLACE")).toContain(
      "invalid expire time",
    );
    // A payload that is none is said first, as in Redis.
    expect(client.error("RESTORE", "to", "9223372036854775807", "none", "REPLACE")).toContain(
      "DUMP payload version or checksum are wrong",
    );
  });

  it("leave nothing where the time has passed, and take away what was there", () => {
    const { client, payload } = withPayload();
    client.command("SET", "to", "old");
    expect(client.command("RESTORE", "to", 1, payload, "ABSTTL", "REPLACE")).toBe("OK");
    expect(client.command("EXISTS", "to")).toBe(0);
    expect(client.command("RESTORE", "to", 1, payload, "ABSTTL")).toBe("OK");
    expect(client.command("EXISTS", "to")).toBe(0);
  });

  it("set the time of the last use", () => {
    const { client, payload } = withPayload();
    expect(client.command("RESTORE", "to", 0, payload, "IDLETIME", 1000)).toBe("OK");
    expect(client.command("OBJECT", "IDLETIME", "to")).toBe(1000);
    expect(client.command("RESTORE", "to", 0, payload, "FREQ", 100, "REPLACE")).toBe("OK");
    expect(client.command("OBJECT", "IDLETIME", "to")).toBe(0);
  });

  it("refuse options that are wrong, before anything else", () => {
    const { client, payload } = withPayload();
    const refused = (...options: (string | number)[]) =>
      client.error("RESTORE", "from", 0, payload, ...options);
    expect(refused("NOPE")).toBe("ERR syntax error");
    expect(refused("IDLETIME")).toBe("ERR syntax error");
    expect(refused("IDLETIME", 1, "FREQ", 1)).toBe("ERR syntax error");
    expect(refused("IDLETIME", -1)).toBe("ERR Invalid IDLETIME value, must be >= 0");
    expect(refused("IDLETIME", "x")).toBe("ERR value is not an integer or out of range");
    expect(refused("FREQ", 256)).toBe("ERR Invalid FREQ value, must be >= 0 and <= 255");
    expect(client.error("RESTORE", "to", -1, payload)).toBe("ERR Invalid TTL value, must be >= 0");
    expect(client.error("RESTORE", "to", "x", payload)).toContain("not an integer");
  });

  it("refuse a payload that was changed, cut off, or is of a version to come", () => {
    const { client, payload } = withPayload();
    const wrong = "ERR DUMP payload version or checksum are wrong";
    for (let at = 0; at < payload.length; at += 1) {
      const changed = Buffer.from(payload);
      changed[at] ^= 1;
      expect(client.error("RESTORE", "from", 0, changed, "REPLACE")).toBe(wrong);
      const cut = payload.subarray(0, at);
      expect(client.error("RESTORE", "from", 0, cut, "REPLACE")).toBe(wrong);
    }
    expect(client.command("GET", "from")).toBe("value");
  });

  it("work in a transaction, each with its own answer", () => {
    const { client, payload } = withPayload();
    client.command("MULTI");
    client.command("RESTORE", "from", 0, "x", "REPLACE");
    client.command("RESTORE", "a", 0, payload);
    client.command("DUMP", "a");
    const replies = client.command("EXEC") as unknown[];
    expect(String((replies[0] as { text: string }).text)).toContain("checksum");
    expect(replies[1]).toBe("OK");
    expect(replies[2]).toBe(payload.toString("latin1"));
    expect(client.command("MGET", "from", "a")).toEqual(["value", "value"]);
  });
});
