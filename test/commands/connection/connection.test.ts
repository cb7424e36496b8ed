/**
 * HELLO, PING, ECHO, SELECT, QUIT, RESET and CLIENT, as clients use them.
 */
import { describe, expect, it } from "vitest";
import { InProcessServer } from "../../support/in-process-server.ts";

const newClient = () => new InProcessServer().connect();

describe("HELLO", () => {
  it("describes the server, and switches the protocol with the same reply", () => {
    const client = newClient();
    expect(client.command("HELLO")).toEqual([
      "server",
      "redis",
      "version",
      "7.2.4",
      "proto",
      2,
      "id",
      1,
      "mode",
      "standalone",
      "role",
      "master",
      "modules",
      [["name", "search", "ver", 21020, "path", "built in", "args", []]],
    ]);
    const map = client.command("HELLO", "3") as Map<string, unknown>;
    expect(map.get("proto")).toBe(3);
    expect(client.command("HELLO", "2")).toBeInstanceOf(Array);
  });

  it("refuses other versions and unknown options, and then changes nothing", () => {
    const client = newClient();
    expect(client.error("HELLO", "4")).toBe("NOPROTO unsupported protocol version");
    expect(client.error("HELLO", "1")).toBe("NOPROTO unsupported protocol version");
    expect(client.error("HELLO", "x")).toBe(
      "ERR Protocol version is not an integer or out of range",
    );
    expect(client.error("HELLO", "3", "SETNAME", "a", "NOPE")).toBe(
      "ERR Syntax error in HELLO option 'NOPE'",
    );
    expect(client.error("HELLO", "3", "SETNAME", "a b")).toBe(
      "ERR Client names cannot contain spaces, newlines or special characters.",
    );
    expect(client.error("HELLO", "3", "AUTH", "default")).toBe(
      "ERR Syntax error in HELLO option 'AUTH'",
    );
    expect(client.command("CLIENT", "INFO")).toMatch(/ name= .* resp=2 /);
  });
});

describe("PING, ECHO, SELECT, RESET", () => {
  it("answer as Redis", () => {
    const client = newClient();
    expect(client.command("PING", "x\0y")).toBe("x\0y");
    expect(client.error("PING", "a", "b")).toBe("ERR wrong number of arguments for 'ping' command");
    expect(client.command("ECHO", "")).toBe("");
    expect(client.command("SELECT", "15")).toBe("OK");
    expect(client.error("SELECT", "16")).toBe("ERR DB index is out of range");
    expect(client.error("SELECT", "-1")).toBe("ERR DB index is out of range");
    expect(client.error("SELECT", "x")).toBe("ERR value is not an integer or out of range");
    client.command("HELLO", "3", "SETNAME", "me");
    client.command("CLIENT", "NO-TOUCH", "ON");
    expect(client.command("RESET")).toBe("RESET");
    expect(client.command("CLIENT", "INFO")).toMatch(/ name= .* flags=N db=0 .* resp=2 /);
  });
});

describe("CLIENT", () => {
  it("tells ids that only grow, and one line for each connection", () => {
    const server = new InProcessServer();
    const [first, second] = [server.connect(), server.connect()];
    expect([first.command("CLIENT", "ID"), second.command("CLIENT", "ID")]).toEqual([1, 2]);
    const list = first.command("CLIENT", "LIST") as string;
    expect(list.trimEnd().split("\n")).toHaveLength(2);
    expect(list).toMatch(/^id=1 addr=127\.0\.0\.1:50001 laddr=127\.0\.0\.1:6379 fd=\d+ name= /);
    expect(list).toContain("cmd=client|list user=default redir=-1 resp=2 lib-name= lib-ver=\n");
    expect(first.command("CLIENT", "LIST", "ID", "2", "7")).toMatch(/^id=2 [^\n]*\n$/);
    expect(first.command("CLIENT", "LIST", "TYPE", "replica")).toBe("");
    expect(first.error("CLIENT", "LIST", "TYPE", "x")).toBe("ERR Unknown client type 'x'");
    expect(first.error("CLIENT", "LIST", "ID", "x")).toBe("ERR Invalid client ID");
    expect(first.error("CLIENT", "LIST", "ID")).toBe("ERR syntax error");
  });

  it("sets names and library information", () => {
    const client = newClient();
    expect(client.command("CLIENT", "GETNAME")).toBeNull();
    expect(client.command("CLIENT", "SETNAME", "me")).toBe("OK");
    expect(client.command("CLIENT", "GETNAME")).toBe("me");
    expect(client.error("CLIENT", "SETNAME", "a b")).toContain("cannot contain spaces");
    expect(client.command("CLIENT", "SETINFO", "LIB-NAME", "redis-py(x_v1)")).toBe("OK");
    expect(client.command("CLIENT", "SETINFO", "lib-ver", "8.1.0")).toBe("OK");
    expect(client.command("CLIENT", "INFO")).toContain("lib-name=redis-py(x_v1) lib-ver=8.1.0\n");
    expect(client.error("CLIENT", "SETINFO", "lib-ver", "a b")).toBe(
      "ERR lib-ver cannot contain spaces, newlines or special characters.",
    );
    expect(client.error("CLIENT", "SETINFO", "what", "x")).toBe("ERR Unrecognized option 'what'");
  });

  it("kills by address in the old form", () => {
    const server = new InProcessServer();
    const [client, victim] = [server.connect(), server.connect()];
    expect(client.error("CLIENT", "KILL", "1.2.3.4:5")).toBe("ERR No such client");
    expect(client.command("CLIENT", "KILL", victim.address)).toBe("OK");
    expect(victim.isClosed).toBe(true);
    expect(client.command("CLIENT", "KILL", client.address)).toBe("OK");
    expect(client.isClosed).toBe(true);
  });

  it("kills by filters that must all fit, sparing the caller unless told otherwise", () => {
    const server = new InProcessServer();
    const [client, victim, other] = [server.connect(), server.connect(), server.connect()];
    expect(client.command("CLIENT", "KILL", "ID", "2", "ADDR", "x:1")).toBe(0);
    expect(client.command("CLIENT", "KILL", "ID", "2", "ADDR", victim.address)).toBe(1);
    expect(client.command("CLIENT", "KILL", "ID", "1")).toBe(0);
    expect(client.command("CLIENT", "KILL", "TYPE", "pubsub")).toBe(0);
    expect(client.command("CLIENT", "KILL", "MAXAGE", "5")).toBe(0);
    expect(client.command("CLIENT", "KILL", "USER", "default")).toBe(1);
    expect([victim.isClosed, other.isClosed, client.isClosed]).toEqual([true, true, false]);
    expect(client.error("CLIENT", "KILL", "ID", "0")).toBe(
      "ERR client-id should be greater than 0",
    );
    expect(client.error("CLIENT", "KILL", "USER", "no")).toBe("ERR No such user 'no'");
    expect(client.error("CLIENT", "KILL", "SKIPME", "maybe")).toBe("ERR syntax error");
    expect(client.error("CLIENT", "KILL", "ID", "1", "ADDR")).toBe("ERR syntax error");
    expect(client.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no")).toBe(1);
    expect(client.isClosed).toBe(true);
  });

  it("turns replies off, on, and skips one", () => {
    const client = newClient();
    expect(client.tryCommand("CLIENT", "REPLY", "OFF")).toBeUndefined();
    expect(client.tryCommand("PING")).toBeUndefined();
    expect(client.tryCommand("NOPE")).toBeUndefined();
    expect(client.command("CLIENT", "REPLY", "ON")).toBe("OK");
    expect(client.tryCommand("CLIENT", "REPLY", "SKIP")).toBeUndefined();
    expect(client.tryCommand("PING")).toBeUndefined();
    expect(client.command("PING")).toBe("PONG");
    expect(client.error("CLIENT", "REPLY", "MAYBE")).toBe("ERR syntax error");
  });

  it("says plainly what it does not offer", () => {
    const client = newClient();
    expect(client.error("CLIENT", "TRACKING", "ON")).toContain("is not supported");
    expect(client.command("CLIENT", "TRACKING", "OFF")).toBe("OK");
    expect(client.command("CLIENT", "GETREDIR")).toBe(-1);
    expect(client.command("CLIENT", "TRACKINGINFO")).toEqual([
      "flags",
      ["off"],
      "redirect",
      -1,
      "prefixes",
      [],
    ]);
    expect(client.error("CLIENT", "CACHING", "YES")).toContain("tracking mode");
    expect(client.command("CLIENT", "UNBLOCK", "7")).toBe(0);
    expect(client.error("CLIENT", "UNBLOCK", "7", "X")).toBe(
      "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR",
    );
  });

  it("checks the arguments of PAUSE", () => {
    const client = newClient();
    expect(client.error("CLIENT", "PAUSE", "x")).toBe(
      "ERR timeout is not an integer or out of range",
    );
    expect(client.error("CLIENT", "PAUSE", "-1")).toBe("ERR timeout is negative");
    expect(client.error("CLIENT", "PAUSE", "1", "SOME")).toBe(
      "ERR CLIENT PAUSE mode must be WRITE or ALL",
    );
  });

  it("helps with the syntax of its subcommands", () => {
    const lines = newClient().command("CLIENT", "HELP") as string[];
    expect(lines[0]).toBe("CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
    expect(lines).toContain("PAUSE timeout [WRITE | ALL]");
    expect(lines).toContain("REPLY <ON | OFF | SKIP>");
  });
});
