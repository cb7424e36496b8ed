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

describe("counters of a stream that a client sets", () => {
  it("go up to streamCounterMax", () => {
    const client = new InProcessServer().connect();
    const refusal = "ERR value is not an integer or out of range";
    const max = limits.streamCounterMax;
    client.command("XADD", "s", "1-0", "f", "v");
    expect(client.command("XSETID", "s", "1-0", "ENTRIESADDED", max)).toBe("OK");
    expect(client.error("XSETID", "s", "1-0", "ENTRIESADDED", max + 1)).toBe(refusal);
    expect(client.command("XGROUP", "CREATE", "s", "g", "0", "ENTRIESREAD", max)).toBe("OK");
    expect(client.error("XGROUP", "SETID", "s", "g", "0", "ENTRIESREAD", max + 1)).toBe(refusal);
    const claim = ["XCLAIM", "s", "g", "c", "0", "1-0", "FORCE", "JUSTID", "RETRYCOUNT"] as const;
    expect(client.command(...claim, max)).toEqual(["1-0"]);
    expect(client.error(...claim, max + 1)).toMatch("Invalid RETRYCOUNT");
    // They go on counting.
    client.command("XADD", "s", "2-0", "f", "v");
    client.command("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", "0");
    expect(client.command("XPENDING", "s", "g", "-", "+", 1)).toEqual([
      ["1-0", "c", expect.anything(), max + 1],
    ]);
  });
});
