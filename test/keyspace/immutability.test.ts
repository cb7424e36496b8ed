/**
 * What was read stays what it was: replies that wait for the log, and effects in a record, share
 * memory with the keyspace, so that it is copied before it is written again.
 */
import { describe, expect, it } from "vitest";
import { type Bytes, toBinaryString } from "../../src/base/bytes.ts";
import { EffectId } from "../../src/keyspace/effect.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import {
  type DecodedReply,
  type InProcessClient,
  InProcessServer,
} from "../support/in-process-server.ts";

const long = (letter: string, byteCount = 600): Buffer => Buffer.alloc(byteCount, letter);

function stringOf(keyspace: Keyspace, key: string): Bytes {
  const value = keyspace.peek(0, key)?.value;
  return value?.type === "string" ? value.bytes : expect.fail(`${key} holds no string`);
}

function taken(client: InProcessClient): (DecodedReply | undefined)[] {
  return Array.from({ length: client.replies.length }, () => client.take());
}

describe("replies that wait", () => {
  it("show the values of their time, whatever is written before they leave", () => {
    const server = new InProcessServer({ isManual: true });
    const client = server.connect();
    client.post("SET", "s", long("a"));
    client.post("GET", "s");
    client.post("APPEND", "s", long("b"));
    client.post("GET", "s");
    client.post("SETRANGE", "s", 1, "XX");
    client.post("GETRANGE", "s", 0, 599);
    client.post("APPEND", "s", "c");
    client.post("SET", "s", "gone");
    client.post("RPUSH", "l", long("l"), "x");
    client.post("LRANGE", "l", 0, -1);
    client.post("LSET", "l", 0, "y");
    client.post("DEL", "l");
    client.post("HSET", "h", "f", long("h"));
    client.post("HGETALL", "h");
    client.post("HSET", "h", "f", "z");
    expect(client.replies).toHaveLength(0);
    server.sink.makeDurable();
    const replies = Array.from({ length: 15 }, () => client.take());
    expect(replies).toEqual([
      "OK",
      "a".repeat(600),
      1200,
      "a".repeat(600) + "b".repeat(600),
      1200,
      `aXX${"a".repeat(597)}`,
      1201,
      "OK",
      2,
      ["l".repeat(600), "x"],
      "OK",
      1,
      1,
      ["f", "h".repeat(600)],
      0,
    ]);
  });
});

describe("appending", () => {
  const append = (keyspace: Keyspace, key: string, value: Bytes): void =>
    keyspace.apply({ id: EffectId.stringAppend, database: 0, key, value }, 0);

  it("never shows in what was read before, however often", () => {
    const keyspace = new Keyspace();
    const seen: { readonly bytes: Bytes; readonly text: string }[] = [];
    let text = "";
    for (let round = 0; round < 300; round += 1) {
      const more = String.fromCharCode(65 + (round % 26)).repeat(1 + (round % 40));
      append(keyspace, "s", more);
      text += more;
      const bytes = stringOf(keyspace, "s");
      expect(bytes.length).toBe(text.length);
      seen.push({ bytes, text });
    }
    for (const { bytes, text: expected } of seen) expect(toBinaryString(bytes)).toBe(expected);
  });

  it("parts two keys that share the bytes of a copy", () => {
    const server = new InProcessServer();
    const client = server.connect();
    client.command("SET", "a", long("a"));
    client.command("APPEND", "a", "1");
    client.command("COPY", "a", "b");
    client.command("APPEND", "a", "from a");
    client.command("APPEND", "b", "from b");
    client.command("APPEND", "a", "!");
    expect(client.command("GET", "a")).toBe(`${"a".repeat(600)}1from a!`);
    expect(client.command("GET", "b")).toBe(`${"a".repeat(600)}1from b`);
  });

  it("leaves the bytes of the effect alone", () => {
    const keyspace = new Keyspace();
    const first = long("a");
    append(keyspace, "s", first);
    append(keyspace, "s", "b");
    append(keyspace, "s", long("c"));
    expect(first.equals(long("a"))).toBe(true);
    expect(toBinaryString(stringOf(keyspace, "s"))).toBe(`${"a".repeat(600)}b${"c".repeat(600)}`);
  });
});

describe("writing in place", () => {
  const text = (letter: string, byteCount = 600): string => letter.repeat(byteCount);

  it("leaves effects alone that wait in a transaction, and what COPY and RENAME wrote down", () => {
    const server = new InProcessServer({ isManual: true });
    const client = server.connect();
    const calls: (string | number | Buffer)[][] = [
      ["SET", "a", long("a")],
      ["SETRANGE", "a", 0, "1"],
      ["COPY", "a", "b"],
      ["SETRANGE", "a", 0, "2"],
      ["SETRANGE", "b", 1, "3"],
      ["RENAME", "a", "c"],
      ["SETRANGE", "c", 2, "4"],
      ["GET", "c"],
      ["SETRANGE", "c", 0, "5"],
      ["SETRANGE", "c", 0, "6"],
    ];
    client.post("MULTI");
    for (const call of calls) client.post(...call);
    client.post("EXEC");
    server.sink.makeDurable();
    const copy = new Keyspace();
    for (const { effects } of server.sink.units) for (const one of effects) copy.apply(one, 0);
    for (const keyspace of [server.keyspace, copy]) {
      expect(toBinaryString(stringOf(keyspace, "b"))).toBe(`13${text("a", 598)}`);
      expect(toBinaryString(stringOf(keyspace, "c"))).toBe(`6a4${text("a", 597)}`);
    }
    expect(taken(client).at(-1)).toContain(`2a4${text("a", 597)}`);
  });

  it("parts a value from every reply that shows it, and from the argument it came from", () => {
    const server = new InProcessServer({ isManual: true });
    const client = server.connect();
    const argument = long("a");
    client.post("SET", "s", argument);
    const reads = [
      ["GET", "s"],
      ["MGET", "s"],
      ["GETEX", "s", "PERSIST"],
      ["GETRANGE", "s", 0, -1],
      ["SET", "s", long("z"), "GET"],
    ];
    for (const [index, read] of reads.entries()) {
      client.post(...read);
      client.post("SETRANGE", "s", index, String(index));
    }
    client.post("GETDEL", "s");
    client.post("SET", "s", "gone");
    server.sink.makeDurable();
    const shown = taken(client).filter((_, index) => index % 2 === 1);
    expect(shown.map(String)).toEqual([
      text("a"),
      `0${text("a", 599)}`,
      `01${text("a", 598)}`,
      `012${text("a", 597)}`,
      `0123${text("a", 596)}`,
      `zzzz4${text("z", 595)}`,
    ]);
    expect(toBinaryString(argument)).toBe(text("a"));
  });
});
