/**
 * Limits of streams, each reached.
 */
import { describe, expect, it } from "vitest";
import { limits } from "../../src/base/limits.ts";
import { InProcessServer } from "../support/in-process-server.ts";

describe("an entry of a stream", () => {
  it("has streamEntryBytesMax bytes and no more", () => {
    const client = new InProcessServer().connect();
    // Its pages are never touched: what is too large is not copied.
    const half = Buffer.allocUnsafeSlow(limits.streamEntryBytesMax / 2);
    expect(client.error("XADD", "s", "*", "", half, "f", half)).toMatch(
      /^ERR Elements are too large/,
    );
    expect(client.command("EXISTS", "s")).toBe(0);
  });
});

describe("a block of a stream", () => {
  it("takes no more entries from streamBlockBytesMax on", () => {
    const server = new InProcessServer();
    const client = server.connect();
    server.keyspace.encodingLimits.streamNodeBytes = 0;
    server.keyspace.encodingLimits.streamNodeEntries = 0;
    const value = Buffer.alloc(limits.streamBlockBytesMax / 8);
    for (let ms = 1; ms <= 16; ms += 1) client.command("XADD", "s", `${ms}-0`, "f", value);
    const blocks = client.command("XTRIM", "s", "MAXLEN", "~", 1, "LIMIT", 0);
    expect(blocks).toBe(14);
  });
});
