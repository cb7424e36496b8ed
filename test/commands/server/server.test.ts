/**
 * The server's commands, and what COMMAND tells about all of them.
 */
import { describe, expect, it } from "vitest";
import { commandTable } from "../../../src/commands/registry.ts";
import { EffectId } from "../../../src/keyspace/effect.ts";
import { type DecodedReply, InProcessServer } from "../../support/in-process-server.ts";

const newServer = (isDebug = true) =>
  new InProcessServer({ configuration: [["debug-commands", isDebug ? "yes" : "no"]] });

function field(reply: DecodedReply, name: string): DecodedReply | undefined {
  const flat = reply as DecodedReply[];
  const index = flat.findIndex((item, at) => at % 2 === 0 && item === name);
  return index === -1 ? undefined : flat[index + 1];
}

function putString(server: InProcessServer, database: number, key: string, value: string): void {
  const effect = { id: EffectId.stringSet, database, key, value, expiryMs: 0 };
  server.keyspace.apply(effect, server.world.nowMs());
}

describe("COMMAND", () => {
  it("lists and counts the same commands", () => {
    const client = newServer().connect();
    const all = client.command("COMMAND") as DecodedReply[][];
    expect(client.command("COMMAND", "COUNT")).toBe(all.length);
    expect(all.map((item) => item[0])).toEqual(commandTable.topLevel().map((item) => item.name));
    expect(client.command("COMMAND", "INFO")).toEqual(all);
    for (const item of all) expect(item).toHaveLength(10);
  });

  it("describes keys, flags and subcommands", () => {
    const client = newServer().connect();
    const [watch, missing] = client.command("COMMAND", "INFO", "WATCH", "nope") as DecodedReply[][];
    expect(missing).toBeNull();
    expect(watch.slice(0, 7)).toEqual([
      "watch",
      -2,
      ["noscript", "loading", "stale", "fast", "allow_busy"],
      1,
      -1,
      1,
      ["@fast", "@transaction"],
    ]);
    expect(watch[8]).toEqual([
      [
        "flags",
        ["RO"],
        "begin_search",
        ["type", "index", "spec", ["index", 1]],
        "find_keys",
        ["type", "range", "spec", ["lastkey", -1, "keystep", 1, "limit", 0]],
      ],
    ]);
    const [client_] = client.command("COMMAND", "INFO", "client") as DecodedReply[][];
    expect((client_[9] as DecodedReply[][]).map((sub) => sub[0])).toContain("client|list");
  });

  it("documents each command in the shape that redis-cli reads", () => {
    const client = newServer().connect();
    const docs = client.command("COMMAND", "DOCS") as DecodedReply[];
    expect(docs).toHaveLength(commandTable.topLevel().length * 2);
    for (let index = 0; index < docs.length; index += 2) {
      const entry = docs[index + 1];
      expect((entry as DecodedReply[]).filter((_, at) => at % 2 === 0).slice(0, 4)).toEqual([
        "summary",
        "since",
        "group",
        "complexity",
      ]);
    }
    const kill = field(client.command("COMMAND", "DOCS", "client|kill"), "client|kill");
    const [filter] = field(kill ?? null, "arguments") as DecodedReply[];
    expect(field(filter, "type")).toBe("oneof");
    const inner = field(client.command("COMMAND", "DOCS", "SLOWLOG"), "slowlog");
    const get = field(field(inner ?? null, "subcommands") ?? null, "slowlog|get");
    expect(field(get ?? null, "arguments")).toEqual([
      ["name", "count", "type", "integer", "display_text", "count", "flags", ["optional"]],
    ]);
  });

  it("answers maps in RESP3", () => {
    const client = newServer().connect();
    client.command("HELLO", "3");
    const docs = client.command("COMMAND", "DOCS", "ping", "nope") as Map<string, unknown>;
    expect([...docs.keys()]).toEqual(["ping"]);
  });

  it("extracts keys", () => {
    const client = newServer().connect();
    expect(client.command("COMMAND", "GETKEYS", "WATCH", "a", "b")).toEqual(["a", "b"]);
    expect(client.command("COMMAND", "GETKEYSANDFLAGS", "MEMORY", "USAGE", "k")).toEqual([
      ["k", ["RO"]],
    ]);
    expect(client.error("COMMAND", "GETKEYS", "NOPE")).toBe("ERR Invalid command specified");
    expect(client.error("COMMAND", "GETKEYS", "PING")).toBe("ERR The command has no key arguments");
    expect(client.error("COMMAND", "GETKEYS", "WATCH")).toBe(
      "ERR Invalid number of arguments specified for command",
    );
  });

  it("filters names", () => {
    const client = newServer().connect();
    expect(client.command("COMMAND", "LIST", "FILTERBY", "PATTERN", "flush*")).toEqual([
      "flushall",
      "flushdb",
    ]);
    expect(client.command("COMMAND", "LIST", "FILTERBY", "ACLCAT", "transaction")).toEqual([
      "discard",
      "exec",
      "multi",
      "unwatch",
      "watch",
    ]);
    expect(client.error("COMMAND", "LIST", "FILTERBY", "X", "y")).toBe("ERR syntax error");
  });
});

describe("databases", () => {
  it("are counted, emptied and swapped", () => {
    const server = newServer();
    const client = server.connect();
    putString(server, 0, "a", "1");
    putString(server, 1, "b", "2");
    expect(client.command("DBSIZE")).toBe(1);
    expect(client.command("SWAPDB", "0", "1")).toBe("OK");
    expect(server.keyspace.peek(0, "b")).toBeDefined();
    expect(client.command("INFO", "keyspace")).toBe(
      "# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0,subexpiry=0\r\ndb1:keys=1,expires=0,avg_ttl=0,subexpiry=0\r\n",
    );
    expect(client.command("FLUSHDB", "ASYNC")).toBe("OK");
    expect([server.keyspace.keyCount(0), server.keyspace.keyCount(1)]).toEqual([0, 1]);
    expect(client.error("FLUSHALL", "NOW")).toBe("ERR syntax error");
    expect(server.keyspace.keyCount(1)).toBe(1);
    expect(client.command("FLUSHALL")).toBe("OK");
    expect(server.keyspace.keyCount(1)).toBe(0);
    expect(client.error("SWAPDB", "x", "1")).toBe("ERR invalid first DB index");
    expect(client.error("SWAPDB", "0", "x")).toBe("ERR invalid second DB index");
    expect(client.error("SWAPDB", "0", "99")).toBe("ERR DB index is out of range");
  });
});

describe("CONFIG", () => {
  it("gets and sets, all or nothing", () => {
    const client = newServer().connect();
    expect(client.command("CONFIG", "GET", "maxmemory")).toEqual(["maxmemory", "0"]);
    expect(client.error("CONFIG", "SET", "maxmemory", "5", "nope", "1")).toContain("nope");
    expect(client.command("CONFIG", "GET", "MAXMEMORY")).toEqual(["maxmemory", "0"]);
    expect(client.error("CONFIG", "SET", "maxmemory", "5", "maxclients")).toBe("ERR syntax error");
    expect(client.command("CONFIG", "SET", "MaxMemory", "5")).toBe("OK");
    expect(client.command("CONFIG", "GET", "maxmemory")).toEqual(["maxmemory", "5"]);
  });
});

describe("SHUTDOWN", () => {
  it("hands its options on, and answers nothing", () => {
    const server = newServer();
    const client = server.connect();
    expect(client.tryCommand("SHUTDOWN", "NOSAVE", "NOW")).toBeUndefined();
    expect(server.shutdowns).toEqual([{ isForced: false, isNow: true }]);
    expect(client.error("SHUTDOWN", "SAVE", "NOSAVE")).toBe("ERR syntax error");
    expect(client.error("SHUTDOWN", "ABORT", "NOW")).toBe("ERR syntax error");
    expect(client.error("SHUTDOWN", "ABORT")).toBe("ERR No shutdown in progress.");
  });
});

describe("DEBUG", () => {
  it("is refused unless it is allowed", () => {
    expect(newServer(false).connect().error("DEBUG", "DIGEST")).toContain("not allowed");
  });

  it("digests equally what is equal, whatever the order", () => {
    const [left, right] = [newServer(), newServer()];
    for (const key of ["a", "b", "c"]) putString(left, 0, key, `v${key}`);
    for (const key of ["c", "a", "b"]) putString(right, 0, key, `v${key}`);
    const digest = left.connect().command("DEBUG", "DIGEST");
    expect(digest).toMatch(/^[0-9a-f]{40}$/);
    expect(right.connect().command("DEBUG", "DIGEST")).toBe(digest);
    putString(right, 0, "a", "other");
    expect(right.connect().command("DEBUG", "DIGEST")).not.toBe(digest);
    const values = left.connect().command("DEBUG", "DIGEST-VALUE", "a", "nope") as string[];
    expect(values[0]).not.toBe(values[1]);
    expect(values[1]).toBe("0".repeat(40));
  });

  it("refuses by name what has no meaning here", () => {
    const client = newServer().connect();
    expect(client.error("DEBUG", "CHANGE-REPL-ID")).toContain("not supported");
    expect(client.error("DEBUG", "JMAP")).toContain("not supported");
    expect(client.error("DEBUG", "NOPE")).toBe(
      "ERR unknown subcommand or wrong number of arguments for 'NOPE'. Try DEBUG HELP.",
    );
    expect(client.error("DEBUG", "OBJECT", "nope")).toBe("ERR no such key");
  });
});

describe("what clients ask besides", () => {
  it("is answered in Redis's shapes", () => {
    const server = newServer();
    const client = server.connect();
    putString(server, 0, "a", "1");
    expect(client.command("TIME")).toEqual(["1700000000", "0"]);
    expect(client.command("LASTSAVE")).toBe(1_700_000_000);
    expect(client.command("ROLE")).toEqual(["master", 0, []]);
    expect(client.command("MEMORY", "USAGE", "nope")).toBeNull();
    expect(client.command("MEMORY", "USAGE", "a", "SAMPLES", "0")).toBeGreaterThan(0);
    expect(client.error("MEMORY", "USAGE", "a", "SAMPLES")).toBe("ERR syntax error");
    expect(field(client.command("MEMORY", "STATS"), "keys.count")).toBe(1);
    expect(client.command("MODULE", "LIST")).toEqual([
      ["name", "search", "ver", 21020, "path", "built in", "args", []],
    ]);
    expect(client.error("MODULE", "LOAD", "x.so")).toContain("loads no others");
    expect(client.command("LOLWUT")).toMatch(/\nRedis ver\. \d+\.\d+\.\d+\n$/);
    expect(client.command("LATENCY", "LATEST")).toEqual([]);
    expect(client.command("LATENCY", "RESET")).toBe(0);
    const histogram = client.command("LATENCY", "HISTOGRAM", "time");
    expect(field(field(histogram, "time") ?? null, "calls")).toBe(1);
  });

  it("INFO gives named sections only, and modules that clients look for", () => {
    const client = newServer().connect();
    const text = client.command("INFO", "server", "replication") as string;
    expect(text.match(/^# .*$/gm)).toEqual(["# Server", "# Replication"]);
    expect(text).toContain("\r\nredis_version:7.2.4\r\n");
    expect(text).toContain("\r\nrole:master\r\n");
    expect(client.command("INFO", "modules")).toMatch(
      /^module:name=search,ver=21020,api=1,filters=0,usedby=\[\],using=\[\],options=\[\]\r$/m,
    );
    expect(client.command("INFO")).not.toContain("# Commandstats");
    expect(client.command("INFO", "everything")).toContain("# Commandstats");
    expect(client.command("INFO", "nosuchsection")).toBe("");
  });
});
