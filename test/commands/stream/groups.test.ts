/**
 * Consumer groups: what is delivered, pending, acknowledged and claimed, and what of it is written
 * down. Random calls are compared with redis-server (`test/compat`); here is what they cannot see.
 */
import { describe, expect, it } from "vitest";
import { type Effect, EffectId } from "../../../src/keyspace/effect.ts";
import { type InProcessClient, InProcessServer } from "../../support/in-process-server.ts";

/** A stream `s` of entries 1-0, 2-0 …, and a group `g` that has read nothing. */
function served(entryCount: number): { server: InProcessServer; client: InProcessClient } {
  const server = new InProcessServer();
  const client = server.connect();
  for (let ms = 1; ms <= entryCount; ms += 1) client.command("XADD", "s", `${ms}-0`, "f", ms);
  client.command("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM");
  return { server, client };
}

function read(
  client: InProcessClient,
  consumer: string,
  id: string,
  ...options: string[]
): unknown {
  return client.command("XREADGROUP", "GROUP", "g", consumer, ...options, "STREAMS", "s", id);
}

function effectsOf(server: InProcessServer, run: () => void): Effect[] {
  const before = server.sink.units.length;
  run();
  return server.sink.units.slice(before).flatMap(({ effects }) => effects);
}

describe("XREADGROUP", () => {
  it("of a hundred entries is one effect, and a small one", () => {
    const { server, client } = served(100);
    const effects = effectsOf(server, () => read(client, "c", ">", "COUNT", "100"));
    expect(effects).toHaveLength(1);
    expect(effects[0]).toMatchObject({
      id: EffectId.streamDeliver,
      consumer: "c",
      entriesRead: 100,
    });
    expect(client.command("XPENDING", "s", "g")).toEqual([100, "1-0", "100-0", [["c", "100"]]]);
  });

  it("with NOACK only moves the group on", () => {
    const { server, client } = served(3);
    const effects = effectsOf(server, () => read(client, "c", ">", "NOACK"));
    expect(effects).toMatchObject([
      { id: EffectId.streamDeliver, lastId: expect.anything(), ids: [] },
    ]);
    expect(client.command("XPENDING", "s", "g")).toEqual([0, null, null, null]);
    expect(client.command("XACK", "s", "g", "1-0")).toBe(0);
  });

  it("of nothing new writes down once that the consumer was seen", () => {
    const { server, client } = served(0);
    const effects = effectsOf(server, () => {
      expect(read(client, "c", ">")).toBe(null);
      expect(read(client, "c", ">")).toBe(null);
      expect(read(client, "c", "0")).toEqual([["s", []]]);
    });
    expect(effects).toMatchObject([
      { id: EffectId.streamConsumerSet, consumer: "c", activeMs: -1 },
    ]);
  });

  it("of its history counts as another delivery, except of entries that are gone", () => {
    const { server, client } = served(3);
    read(client, "c", ">");
    client.command("XDEL", "s", "2-0");
    server.world.advance(500);
    expect(read(client, "c", "0", "COUNT", "2")).toEqual([
      [
        "s",
        [
          ["1-0", ["f", "1"]],
          ["2-0", null],
        ],
      ],
    ]);
    expect(client.command("XPENDING", "s", "g", "-", "+", 9)).toEqual([
      ["1-0", "c", 0, 2],
      ["2-0", "c", 500, 1],
      ["3-0", "c", 500, 1],
    ]);
  });

  it("gives maps in RESP3", () => {
    const { client } = served(1);
    client.command("HELLO", 3);
    expect(read(client, "c", ">")).toEqual(new Map([["s", [["1-0", ["f", "1"]]]]]));
    expect(client.command("XREAD", "STREAMS", "s", "none", "1", "0")).toBe(null);
  });

  it("delivers again what SETID put back, to whoever reads it then", () => {
    const { client } = served(2);
    read(client, "a", ">");
    client.command("XGROUP", "SETID", "s", "g", "0");
    read(client, "b", ">", "COUNT", "1");
    expect(client.command("XPENDING", "s", "g")).toEqual([
      2,
      "1-0",
      "2-0",
      [
        ["a", "1"],
        ["b", "1"],
      ],
    ]);
  });
});

describe("a blocked reader", () => {
  function waiting(server: InProcessServer, ...args: string[]): InProcessClient {
    const client = server.connect();
    expect(client.tryCommand(...args)).toBeUndefined();
    return client;
  }

  it("of XREAD gets what comes after `$`, which is the end as it was when it began", () => {
    const { server, client } = served(2);
    const reader = waiting(server, ..."XREAD BLOCK 0 STREAMS s other $ $".split(" "));
    for (const call of ["MULTI", "XADD s 3-0 f 3", "XADD s 4-0 f 4", "EXEC"]) {
      client.post(...call.split(" "));
    }
    expect(reader.take()).toEqual([
      [
        "s",
        [
          ["3-0", ["f", "3"]],
          ["4-0", ["f", "4"]],
        ],
      ],
    ]);
    expect(reader.command("XREAD", "BLOCK", "0", "STREAMS", "s", "3")).toHaveLength(1);
  });

  it("of XREAD goes on waiting while the key is gone or of another type", () => {
    const { server, client } = served(2);
    const reader = waiting(server, ..."XREAD BLOCK 1000 STREAMS s 2".split(" "));
    client.command("DEL", "s");
    client.command("SET", "s", "v");
    client.command("DEL", "s");
    expect(reader.take()).toBeUndefined();
    client.command("XADD", "s", "3-0", "f", "v");
    expect(reader.take()).toEqual([["s", [["3-0", ["f", "v"]]]]]);
  });

  it("of a group shares new entries with those who waited before it", () => {
    const { server, client } = served(0);
    const block = (consumer: string): InProcessClient =>
      waiting(server, ...`XREADGROUP GROUP g ${consumer} BLOCK 0 STREAMS s >`.split(" "));
    const first = block("a");
    const second = block("b");
    client.command("XADD", "s", "1-0", "f", "v");
    expect(first.take()).toEqual([["s", [["1-0", ["f", "v"]]]]]);
    expect(second.take()).toBeUndefined();
    client.command("XACK", "s", "g", "1-0");
    client.command("XADD", "s", "2-0", "f", "w");
    expect(second.take()).toEqual([["s", [["2-0", ["f", "w"]]]]]);
    const consumers = client.command("XINFO", "CONSUMERS", "s", "g") as unknown[][];
    expect(consumers.map((consumer) => consumer.slice(0, 4))).toEqual([
      ["name", "a", "pending", 0],
      ["name", "b", "pending", 1],
    ]);
  });

  it.each([
    ["DEL s", "NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option"],
    ["XGROUP DESTROY s g", "NOGROUP No such key 's' or consumer group 'g'"],
    ["SET s v", "WRONGTYPE"],
    ["FLUSHALL", "NOGROUP"],
  ])("of a group is told of its end by %s", (call, text) => {
    const { server, client } = served(1);
    read(client, "a", ">");
    const reader = waiting(server, ..."XREADGROUP GROUP g a BLOCK 0 STREAMS s >".split(" "));
    client.command(...call.split(" "));
    expect(reader.take()).toMatchObject({ text: expect.stringContaining(text) });
  });

  it("gets null in MULTI, and when its time has passed", () => {
    const { server, client } = served(0);
    const reader = waiting(server, ..."XREADGROUP GROUP g a BLOCK 50 STREAMS s >".split(" "));
    server.world.advance(60);
    expect(reader.take()).toBe(null);
    for (const call of ["MULTI", "XREAD BLOCK 0 STREAMS s $"]) client.post(...call.split(" "));
    client.replies.length = 0;
    expect(client.command("EXEC")).toEqual([null]);
  });
});

describe("claims", () => {
  it("move what was pending for long, and let go of what is not there any more", () => {
    const { server, client } = served(4);
    read(client, "a", ">");
    client.command("XDEL", "s", "2-0");
    server.world.advance(1000);
    client.command("XCLAIM", "s", "g", "a", "0", "3-0", "JUSTID");
    const effects = effectsOf(server, () => {
      expect(client.command("XAUTOCLAIM", "s", "g", "b", "500", "-", "COUNT", "3")).toEqual([
        "0-0",
        [
          ["1-0", ["f", "1"]],
          ["4-0", ["f", "4"]],
        ],
        ["2-0"],
      ]);
    });
    expect(effects.map(({ id }) => id)).toEqual([EffectId.streamClaim, EffectId.streamAcknowledge]);
    expect(client.command("XPENDING", "s", "g", "-", "+", 9)).toEqual([
      ["1-0", "b", 0, 2],
      ["3-0", "a", 0, 1],
      ["4-0", "b", 0, 2],
    ]);
    expect(client.command("XGROUP", "DELCONSUMER", "s", "g", "b")).toBe(2);
    expect(client.command("XPENDING", "s", "g")).toEqual([1, "3-0", "3-0", [["a", "1"]]]);
  });

  it("of one id twice count twice", () => {
    const { client } = served(1);
    read(client, "a", ">");
    expect(client.command("XCLAIM", "s", "g", "b", "0", "1-0", "1-0")).toHaveLength(2);
    expect(client.command("XPENDING", "s", "g", "-", "+", 9)).toEqual([["1-0", "b", 0, 3]]);
    expect(client.error("XCLAIM", "s", "nope", "b", "0", "1-0")).toMatch(/^NOGROUP /);
  });
});

describe("groups", () => {
  it("go with their stream through RENAME, COPY and MOVE, with all that is pending", () => {
    const { server, client } = served(300);
    for (const consumer of ["a", "b", "c"]) read(client, consumer, ">", "COUNT", "90");
    client.command("XDEL", "s", "5-0", "299-0");
    client.command("XACK", "s", "g", "7-0");
    const facts = client.command("XINFO", "STREAM", "s", "FULL", "COUNT", "0");
    const usage = client.command("MEMORY", "USAGE", "s");
    client.command("COPY", "s", "copied");
    client.command("RENAME", "s", "renamed");
    client.command("MOVE", "renamed", "3");
    expect(client.command("XINFO", "STREAM", "copied", "FULL", "COUNT", "0")).toEqual(facts);
    client.command("SELECT", "3");
    expect(client.command("XINFO", "STREAM", "renamed", "FULL", "COUNT", "0")).toEqual(facts);
    client.command("RENAME", "renamed", "s");
    expect(client.command("MEMORY", "USAGE", "s")).toBe(usage);
    client.command("FLUSHALL");
    expect(server.keyspace.usedBytes).toBe(0);
  });

  it("are not made twice, nor without a stream", () => {
    const { client } = served(1);
    expect(client.error("XGROUP", "CREATE", "s", "g", "$")).toMatch(/^BUSYGROUP /);
    expect(client.error("XGROUP", "CREATE", "t", "g", "$")).toMatch("requires the key to exist");
    expect(client.command("XGROUP", "CREATE", "t", "g", "$", "MKSTREAM")).toBe("OK");
    expect(client.command("XGROUP", "CREATECONSUMER", "t", "g", "c")).toBe(1);
    expect(client.command("XGROUP", "CREATECONSUMER", "t", "g", "c")).toBe(0);
    expect(client.command("XINFO", "GROUPS", "t")).toEqual([
      ["name", "g", "consumers", 1, "pending", 0, "last-delivered-id", "0-0"].concat([
        "entries-read",
        null,
        "lag",
        0,
      ] as never[]),
    ]);
  });
});
